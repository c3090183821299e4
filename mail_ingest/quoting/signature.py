"""Signatures: the "-- " line and what telephones add. Greetings stay: people type them."""

import re
from collections.abc import Sequence

_MAX_LINES = 25
_MAX_LOOSE_LINES = 10
_LINK = re.compile(r"[<(]?https?://[^\s<>()]{1,2000}[>)]?")
_VERBS = re.compile(
    r"^(?:sent|send|envoyé|envoyée|envoyé|message envoyé|gesendet|verschickt|von|vom|diese nachricht|enviado|enviada"
    r"|enviat|mensaje enviado|inviato|inviata|verzonden|verstuurd|skickat|skickades|sendt|lähetetty|wysłane|wysłano"
    r"|odesláno|odoslané|poslané|poslano|отправлено|послано|надіслано|gönderen|trimis|elküldve|küldve|στάλθηκε|εστάλη"
    r"|נשלח|أرسل|أُرسلت|تم الإرسال|ส่งจาก|ส่งมาจาก|gửi|đã gửi|dikirim|发自|發自|来自|從我|從|从|나의|내)(?=\W|我|$)"
    r"|(?:gesendet|gönderildi|küldve|送信|傳送|发送|보냄|보냈습니다|sent|versendet)[.!]?$"
)
_DEVICES = re.compile(
    r"iphone|ipad|ipod|android|blackberry|samsung|galaxy|htc|huawei|xiaomi|redmi|nokia|lumia|sony|xperia|motorola|pixel"
    r"|oneplus|oppo|vivo|wiko|honor|windows|outlook|yahoo|proton|gmail|aol|mailbox|typeapp|bluemail|spark|airmail|edison"
    r"|mail\.ru|icloud|fairphone|smartphone|mobil|móvil|movil|phone|tablet|handy|telefon|telefoon|téléphone|teléfono"
    r"|puhelin|device|gerät|appareil|dispositivo|enhet|enhed|smartfon|телефон|планшет|手机|手機|휴대|スマ|front|superhuman"
    r"|fastmail|zoho|tutanota|tuta|gmx|web\.de|freenet|t-online|orange|sfr|k-9|fairemail|mail"
)
_SENTENCE = re.compile(r"[,;?]|\.\s\S")
_OUTLOOK_APP = re.compile(r"outlook.{1,30}\b(?:ios|android)\b|\b(?:ios|android)\b.{1,30}outlook")


def starts_signature(line: str) -> bool:
    """Whether a line parts the signature from the text; RFC 3676 says "-- "."""
    return line.rstrip("\n") == "-- " or line.strip() in ("--", "---")


def is_mobile(line: str) -> bool:
    """Whether a line was added by a telephone or an app: "Sent from my iPhone"."""
    text = line.strip()
    if not 8 <= len(text) <= 2_100:
        return False
    text = " ".join(_LINK.sub(" ", text[:2_100]).split()).strip(" *_-.!").casefold()
    if not 4 <= len(text) <= 100 or len(text.split()) > 12:
        return False
    if _OUTLOOK_APP.search(text) and len(text.split()) <= 8:
        return True
    if _SENTENCE.search(text) or not _VERBS.search(text):
        return False
    return _DEVICES.search(text) is not None


def signature_start(lines: Sequence[str]) -> int:
    """Return the index where the signature of some new lines begins, their number when there is none."""
    for index, line in enumerate(lines):
        if starts_signature(line) and _plausible(lines, index):
            return index
    return len(lines)


def _plausible(lines: Sequence[str], index: int) -> bool:
    """Whether the lines after a signature mark look like one: few, and for a loose mark also short."""
    if len(lines) - index > 4 * _MAX_LINES:
        return False
    rest = [line for line in lines[index + 1 :] if line.strip()]
    if lines[index].rstrip("\n") == "-- ":
        return len(rest) <= _MAX_LINES
    above = any(line.strip() for line in lines[:index])
    return above and 0 < len(rest) <= _MAX_LOOSE_LINES and all(len(line) <= 120 for line in rest)
