"""Is a message nothing but thanks? In doubt it is not: then the ticket reopens (L2)."""

import re

_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_DOUBT = re.compile(r"[?？\d@#/]|https?:")
_MAX_LENGTH = 240
_MAX_WORDS = 24


def _words(table: str) -> frozenset[str]:
    """Return the words of a table."""
    return frozenset(table.casefold().split())


_THANKS = _words("""
    thank thanks thankyou thx ty tnx cheers kudos appreciated danke dankeschön dankesehr vielendank
    merci gracias grazie obrigado obrigada bedankt dank dankjewel dankuwel dankje dziękuję dziekuje
    dzięki tack tak takk kiitos kiitoksia děkuji děkuju díky ďakujem vďaka спасибо благодарю дякую
    вдячний teşekkürler teşekkür sağol sağolun ευχαριστώ ευχαριστούμε köszönöm köszi kösz mulțumesc
    multumesc mersi hvala благодаря מודה תודה شكرا شكراً ขอบคุณ terimakasih terima aitäh paldies ačiū
    tänan gràcies eskerrik takktakk
    """)
_FILLERS = _words("""
    you u very much so a lot many again all for your the help quick fast swift great super support reply
    response answer assistance perfect ok okay okey awesome excellent wonderful amazing brilliant cool
    nice lovely best regards kind have day weekend evening hi hello dear team everyone guys and that was
    is really truly most kindly yes yep works working worked it's its it now fine good got received
    noted vielen herzlichen besten lieben schönen schön sehr für die ihre ihrer eure deine der schnelle
    schnellen hilfe antwort rückmeldung unterstützung toll prima perfekt klasse bestens alles gut liebe
    viele freundliche freundlichen grüße grüßen gruß mit hallo guten tag morgen wochenende ein wünsche
    euch ihnen dir nochmals noch einmal funktioniert beaucoup mille fois pour votre aide réponse rapide
    rapidité parfait bonne bonjour journée soirée cordialement bien à vous de la le génial muchas
    muchísimas mil por su tu ayuda respuesta rápida perfecto genial todo saludos cordiales un saludo
    buen tante molte per il tuo suo vostro aiuto supporto risposta rapida perfetto ottimo buona giornata
    saluti cordiali muito muita pela pelo ajuda resposta perfeito ótimo bom dia abraço cumprimentos je
    jullie wel hartelijk voor hulp snelle reactie antwoord goed fijne dag vriendelijke groet groeten met
    bardzo wielkie za pomoc szybką odpowiedź pozdrawiam så mycket för hjälpen snabbt snabba svar svaret
    mvh hälsningar mange hjælpen hjelpen hurtigt hilsen med venlig vennlig paljon avusta nopeasta
    vastauksesta hienoa moc mockrát odpověď pěkný den большое огромное вам за помощь ответ быстрый
    отлично хорошего дня дуже допомогу çok ederim ederiz yardımınız için kasih banyak πολύ szépen nagyon
    frumos lijepa lepa najlepša puno velika רבה לך לכם جزيلا لكم لك مرحبا
    """)
_PHRASES = re.compile(
    r"(?:どうも|本当に)?ありがとう(?:ございます|ございました)?|感謝(?:します|いたします)|了解(?:です|しました)?|よろしくお願いします"
    r"|(?:非常|十分|太)?(?:感谢|感謝|谢谢|謝謝|多谢|多謝)(?:您|你)?"
    r"(?:的)?(?:帮助|幫助|回复|回覆)?(?:了)?|好的"
    r"|(?:정말|대단히)?(?:감사합니다|고맙습니다|감사해요|고마워요)|ขอบคุณ(?:มาก)?(?:ครับ|ค่ะ)?"
    r"|cảm ơn(?: bạn| nhiều| rất)*"
)


def is_only_thanks(text: str, name: str = "") -> bool:
    """Return whether a message says thanks and nothing else.

    Args:
        text: what the person wrote now.
        name: the sender's name, which may stand below.
    """
    short = text.strip()
    if not short or len(short) > _MAX_LENGTH or _DOUBT.search(short):
        return False
    lowered = short.casefold()
    bare, phrases = _PHRASES.subn(" ", lowered)
    words = _WORDS.findall(bare)
    if len(words) > _MAX_WORDS:
        return False
    own = set(_WORDS.findall(name.casefold()))
    thanked = phrases > 0 or any(word in _THANKS for word in words)
    return thanked and all(word in _THANKS or word in _FILLERS or word in own for word in words)
