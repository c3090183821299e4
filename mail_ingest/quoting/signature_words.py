"""The words of "Sent from my iPhone" in the languages people use."""

import re

from mail_ingest.parse.tables import alternation

_BEFORE = """
    sent | send | envoyé | envoyée | message envoyé | gesendet | verschickt | von meinem | von meiner |
    diese nachricht wurde | enviado | enviada | enviat | mensaje enviado | inviato | inviata |
    verzonden | verstuurd | skickat | skickades | sendt | lähetetty | wysłane | wysłano | odesláno |
    odoslané | poslané | poslano | отправлено | послано | надіслано | trimis | elküldve | küldve |
    στάλθηκε | εστάλη | נשלח | أرسل | أُرسلت | تم الإرسال | gửi | đã gửi | dikirim | mit meinem | mon
    """
_BEFORE_UNSPACED = "发自 | 發自 | 来自 | 從我 | 从我 | 나의 | 내 | ส่งจาก | ส่งมาจาก"
_AFTER = "gesendet | gönderildi | küldve | versendet | sent | 送信 | 傳送 | 发送 | 보냄 | 보냈습니다"
_DEVICES = """
    iphone | ipad | ipod | android | blackberry | samsung | galaxy | htc | huawei | xiaomi | redmi |
    nokia | lumia | sony | xperia | motorola | pixel | oneplus | oppo | wiko | windows | outlook |
    yahoo | proton | gmail | aol | mailbox | typeapp | bluemail | spark | airmail | edison | icloud |
    fairphone | phone | mobil | móvil | movil | tablet | handy | telefon | telefoon | téléphone |
    teléfono | puhelin | device | gerät | appareil | dispositivo | enhet | enhed | smartfon | телефон |
    планшет | superhuman | fastmail | zoho | tuta | gmx | web.de | freenet | t-online | k-9 |
    fairemail
    """

VERBS = re.compile(
    rf"^(?:(?:{alternation(_BEFORE)})(?!\w)|(?:{alternation(_BEFORE_UNSPACED)}))|(?:{alternation(_AFTER)})$"
)
# Some languages add an ending to a name.
_INFLECTED = "iphone | iphon | ipad | ipod | android | blackberry | samsung | outlook"
DEVICES = re.compile(
    rf"(?<![a-zà-ÿа-я])(?:(?:{alternation(_INFLECTED)})\w{{0,5}}|{alternation(_DEVICES)})(?![a-zà-ÿа-я])"
    r"|手机|手機|휴대|スマ"
)
# "Get Outlook for iOS" in any language.
APP = re.compile(
    r"(?:outlook|bluemail|yahoo mail|proton mail).{1,30}\b(?:ios|android)\b|\b(?:ios|android)\b.{1,30}outlook"
)
