"""The words of "Sent from my iPhone" in the languages people use.

People write about telephones, too: "Sent the phone back", "Das Handy wurde am Montag gesendet". So a line
counts only when it says *from* or *with what* it was sent, and names a device or an app.
"""

import re

from mail_ingest.parse.tables import alternation

# "Sent from", verb and preposition.
_SENT_FROM = """
    sent from | sent with | sent via | sent using | sent by | sent through | sent wirelessly from |
    sent wirelessly via | envoyé sans fil par | envoyé sans fil depuis | shared from |
    written with | composed with | gesendet von | gesendet vom | gesendet mit | gesendet über |
    gesendet aus | gesendet per | verschickt von | verschickt mit | verschickt über |
    versendet von | versendet mit | geschrieben mit | geschrieben von | geschrieben auf |
    envoyé de | envoyé depuis | envoyé à partir | envoyé avec | envoyé par | envoyé via |
    envoyé du | envoyé d'un | envoyé sur | envoyée de | envoyée depuis | envoyée à partir |
    envoyée avec | message envoyé de | message envoyé depuis | message envoyé à partir |
    message envoyé avec | enviado desde | enviado con | enviado mediante | enviado a través |
    enviado por | enviada desde | mensaje enviado desde | mensaje enviado con | enviat des |
    enviat amb | enviado do | enviado da | enviado de | enviado pelo | enviado pela | enviado com |
    enviado através | enviado via | enviada do | enviada da | enviada pelo | enviado a partir |
    inviato da | inviato dal | inviato dalla | inviato con | inviato tramite | inviata da |
    inviata dal | messaggio inviato da | messaggio inviato dal | verzonden vanaf |
    verzonden vanuit | verzonden met | verzonden via | verzonden door | verzonden van |
    verstuurd vanaf | verstuurd vanuit | verstuurd met | verstuurd via | verstuurd door |
    verstuurd van | skickat från | skickat med | skickat via | skickades från | skickades med |
    sendt fra | sendt med | sendt via | wysłane z | wysłane ze | wysłane za pomocą | wysłane przy |
    wysłano z | wysłano ze | wysłano za pomocą | odesláno z | odesláno ze | odesláno pomocí |
    odesláno přes | odoslané z | odoslané zo | odoslané pomocou | poslané z | poslané zo |
    poslano s | poslano sa | poslano z | poslano iz | отправлено с | отправлено из |
    отправлено через | отправлено со | отправлено с помощью | послано с | надіслано з |
    надіслано із | надіслано через | відправлено з | відправлено із | trimis de pe | trimis din |
    trimis de la | trimis cu | στάλθηκε από | στάλθηκε με | εστάλη από | נשלח באמצעות | أرسل من |
    أُرسل من | أُرسلت من | أرسلت من | تم الإرسال من | نُشر من | مرسل من | đã gửi từ | gửi từ |
    dikirim dari
    """
_SENT_FROM_UNSPACED = "发自 | 發自 | 来自我的 | ส่งจาก | ส่งมาจาก | נשלח מ"
# "(From my iPhone) sent", where the verb ends the line: what stands before it must say from what.
_FROM_SENT = """
    (?:von|mit) (?:meinem|meiner|mein)\\b.{1,60} (?:gesendet|versendet|verschickt|geschrieben)
    | diese (?:nachricht|e-mail|mail) wurde (?:von|mit|über)\\b.{1,80} (?:gesendet|versendet|verschickt)
    | .{2,40}(?:dan|den|tan|ten) gönderildi
    | .{0,30}(?:ról|ről|ból|ből|val|vel) (?:el)?küldve
    | .{1,30}から送信
    | .{1,30}에서 (?:보냄|보냈습니다|보낸 메일)
    | (?:从|從)(?:我的)?.{1,30}(?:发送|發送|傳送)
    | 我的.{1,20}(?:发送|發送|傳送)
    """
_OTHER = """
    lähetetty \\S{0,30}(?:sta|stä|lta|ltä|lla|llä)
    | lähetetty .{1,30}(?:sta|stä|lta|ltä|lla|llä)
    | (?:el)?küldve .{1,30}(?:ról|ről|ból|ből)
    | מה.{1,20} שלי
    """
_DEVICES = """
    iphone | ipad | ipod | android | blackberry | samsung | galaxy | htc | huawei | xiaomi | redmi |
    nokia | lumia | sony | xperia | motorola | pixel | oneplus | oppo | wiko | windows | outlook |
    yahoo | proton | gmail | aol | mailbox | typeapp | bluemail | spark | airmail | edison |
    icloud | fairphone | phone | smartphone | mobil | móvil | movil | mobile | tablet | handy |
    mobiltelefon | telefon | telefoon | téléphone | teléfono | puhelin | device | gerät | appareil |
    dispositivo | enhet | enhed | smartfon | телефон | смартфон | планшет | мобильной | мобильных |
    мобільної | superhuman | fastmail | zoho | tuta | gmx | web.de | freenet | t-online | k-9 |
    fairemail | thunderbird | mail.ru | яндекс | sparrow | mail orange | libero mail | front | hey
    """

SENT_FROM = re.compile(
    rf"^(?:(?:{alternation(_SENT_FROM)})(?!\w)|(?:{alternation(_SENT_FROM_UNSPACED)})"
    rf"|(?:{' '.join(_FROM_SENT.split())})$|(?:{' '.join(_OTHER.split())})$)".replace(" | ", "|").replace(
        "(?: ", "(?:"
    )
)
# Some languages add an ending to a name.
_INFLECTED = """
    iphone | iphon | ipad | ipod | android | blackberry | samsung | outlook | puhelime | telefon | cihaz |
    телефон | смартфон
    """
DEVICES = re.compile(
    rf"(?<![a-zà-ÿа-я])(?:(?:{alternation(_INFLECTED)})\w{{0,6}}|{alternation(_DEVICES)})(?![a-zà-ÿа-я])"
    r"|手机|手機|휴대|スマ"
)
_GET = """
    get | download | holen sie sich | hol dir | obtenir | obtenez | télécharger | téléchargez | obtener |
    obtén | obtenga | descargar | obter | obtenha | baixar | transferir | ottieni | scarica | skaffa |
    hämta | hent | få | last ned | hanki | lataa | pobierz | pobierz aplikację | uzyskaj | získat |
    získejte | stáhnout | скачать | загрузить | получить | скачайте | завантажити | отримати |
    отримайте | 获取 | 下载 | 取得 | 下載 | الحصول على | احصل على | קבל את | הורד את | λήψη του | obțineți |
    descărcați | tải | dapatkan | unduh
    """
_GOT = """
    downloaden | edinin | uygulamasını edinin | indirin | を入手 | をダウンロード | 다운로드 | 가져오기 |
    letöltése | herunterladen | télécharger | ophalen | 下载 | 下載
    """
# "Get Outlook for iOS" in any language: the verb, the app, the system, and not a word more.
_WHAT = r".{0,12}(?:outlook|bluemail|yahoo mail|proton mail)\b.{1,24}?\b(?:ios|android)"
_WHAT_TURNED = r"(?:ios|android).{1,12}outlook"
APP = re.compile(
    rf"^(?:(?:{alternation(_GET)})\s?{_WHAT}|{_WHAT}\s?(?:{alternation(_GOT)})"
    rf"|{_WHAT}\s?uygulamasını edinin|{_WHAT_TURNED}\s?(?:{alternation(_GOT)})"
    r"|outlook (?:for|für|pour|para|per|voor|för|til|dla|для) (?:ios|android))$"
)
EXCUSE = re.compile(
    r"(?:please|pls)?\W*(?:excuse|forgive|pardon)\b.{1,60}$"
    r"|bitte entschuldigen.{1,60}$|veuillez excuser.{1,60}$"
)
