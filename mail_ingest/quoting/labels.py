"""Words that mail programs put around a quote, in the languages people use."""

import re
from typing import Literal

from mail_ingest.parse.tables import alternation, words

Label = Literal["from", "sent", "to", "subject", "other"]

# The labels of a header block above a quote ("From:", "Sent:" ...).
_FROM = """
    from | von | de | da | van | od | från | fra | frá | lähettäjä | от | от кого | від | kimden |
    gönderen | 差出人 | 送信元 | 送信者 | 发件人 | 发送人 | 寄件者 | 寄件人 | 보낸 사람 | 보낸사람 |
    feladó | από | de la | מאת | من | จาก | từ | dari | expéditeur | remitente | remetente | mittente |
    afzender | absender | avsändare | avsender | afsender | odesílatel | odosielateľ | nadawca |
    отправитель | відправник | nuo | no | saatja | šalje | od koga
    """
_SENT = """
    sent | date | sent on | sent at | date sent | gesendet | gesendet am | datum | envoyé | envoyé le |
    date d'envoi | message du | enviado | enviado el | enviado em | enviada | enviada em | fecha |
    fecha de envío | inviato | inviato il | data | data invio | verzonden | verzonden op | wysłano |
    wysłane | data wysłania | skickat | sendt | dato | lähetetty | päivämäärä | odesláno | odoslané |
    poslané | отправлено | дата | дата отправки | надіслано | gönderildi | gönderilme tarihi |
    gönderim tarihi | tarih | 日付 | 送信日時 | 日時 | 发送时间 | 发送日期 | 日期 | 时间 | 寄件日期 |
    傳送時間 | 傳送日期 | 보낸 날짜 | 보낸 시간 | 날짜 | 일시 | elküldve | dátum | στάλθηκε |
    ημερομηνία | trimis | נשלח | תאריך | التاريخ | تم الإرسال | تاريخ الإرسال | วันที่ | ส่ง | đã gửi |
    ngày | dikirim | tanggal | poslano | saadetud | nosūtīts | išsiųsta | datums | envoyée
    """
_TO = """
    to | an | à | a | para | aan | do | komu | till | til | vastaanottaja | кому | kime | alıcı | 宛先 |
    收件人 | 收件者 | 받는 사람 | 받는사람 | 수신 | címzett | προσ | către | אל | إلى | ถึง | đến |
    kepada | destinataire | destinatario | destinatário | geadresseerde | empfänger | mottagare |
    modtager | mottaker | adresat | kam | kellele | prima | za | pro
    """
_SUBJECT = """
    subject | betreff | objet | sujet | asunto | oggetto | onderwerp | temat | assunto | ämne | emne |
    aihe | předmět | predmet | тема | konu | 件名 | 主题 | 主題 | 主旨 | 제목 | tárgy | θέμα | subiect |
    נושא | الموضوع | เรื่อง | หัวเรื่อง | chủ đề | tiêu đề | subjek | perihal | assumpte | naslov |
    zadeva | teema | efni | тақырып | относно | предмет | temats
    """
_OTHER = """
    cc | bcc | cci | kopie | kopie an | copie | copie à | copia | cópia | kopia | kopi | kopio | копия |
    копія | bilgi | 抄送 | 副本 | 참조 | másolat | másolatot kap | κοιν. | עותק | نسخة | สำเนา |
    reply-to | reply to | antwort an | répondre à | responder a | rispondi a | antwoord aan |
    attachments | anlagen | importance | priority | wichtigkeit | priorität | organization |
    organisation | pièces jointes | adjuntos | bijlagen | x-mailer
    """

_KINDS: tuple[tuple[Label, str], ...] = (
    ("other", _OTHER),
    ("from", _FROM),
    ("sent", _SENT),
    ("to", _TO),
    ("subject", _SUBJECT),
)
LABELS: dict[str, Label] = {word: kind for kind, table in _KINDS for word in words(table)}

# "... wrote:" where words are parted by blanks, and where they are not.
_VERBS = """
    quoting | zitat von | citando | citant | citeert | wrote | writes | sent | said | schrieb |
    schreibt | geschrieben | a écrit | écrit | a ecrit | écrivait | escribió | escribio | escribiu |
    escrito | ha scritto | scritto | scrive | escreveu | schreef | geschreven | napisał | napisała |
    napisał(a) | napisal(a) | napisal | pisze | skrev | skriver | skrifaði | kirjoitti | kirjutas |
    rašė | rakstīja | napsal | napsala | napsal(a) | napísal | napísala | napísal(a) | je napisao |
    je napisala | je napisao/la | napisao | napisala | írta | ezt írta | a scris | yazdı | şunu yazdı |
    şunları yazdı | пишет | писал | писала | писал(а) | написал | написала | написал(а) | пише | писав |
    написав | написала(в) | написав(ла) | напиша | написа | έγραψε | đã viết | menulis | va escriure |
    ha escrit | idatzi du | scríobh | כתב | כתבה | כתב/ה | كتب | كتبت
    """
_VERBS_UNSPACED = """
    写道 | 寫道 | 写到 | のメール | 書きました | のメッセージ | 작성 | 님이 쓴 | 썼습니다 | เขียน |
    さんは書き
    """
VERB = re.compile(rf"(?<!\w)(?:{alternation(_VERBS)})(?!\w)|(?:{alternation(_VERBS_UNSPACED)})")

# Words that an attribution may begin with; a digit among its first words does as well.
_ON = """
    on | am | le | el | il | in | em | op | den | på | dnia | w | dne | dňa | vào | pada | the | at |
    a | az | la | las | il giorno | do | dia | um | 在 | 于 | 於 | בתאריך | في | στις | kell | data |
    ---- on | du | from
    """
ON_WORDS = frozenset(words(_ON))

# The word before the verb that makes a sentence of it rather than an attribution.
_PRONOUNS = """
    us | uns | moi | nos | you | vous | usted | u | du | ihr | jij | i | we | he | she | they | it |
    ich | wir | er | sie | je | nous | ils | elle | elles | on | yo | nosotros | ellos | eu | nós | io |
    noi | ik | wij | jag | vi | jeg | ja | my | já | я | мы | вы | он | она | они | ми | ви | ben |
    biz | who | which | that | mir | mi | me | colleague
    """
PRONOUNS = frozenset(words(_PRONOUNS))

_ORIGINAL = """
    ursprüngliche mail | ursprüngliche e-mail | original mail | mail original | courriel original |
    oprindelig besked | antwort nachricht | original besked | opprinnelig e-post | ursprungligt mail |
    original message | original email | original e-mail | reply message | ursprüngliche nachricht |
    ursprungliche nachricht | originalnachricht | original-nachricht | antwortnachricht |
    message d'origine | message d’origine | message original | message initial | mensaje original |
    mensagem original | messaggio originale | oorspronkelijk bericht | origineel bericht |
    oorspronkelijke bericht | wiadomość oryginalna | oryginalna wiadomość | wiadomość pierwotna |
    ursprungligt meddelande | originalmeddelande | ursprungsmeddelande | oprindelig meddelelse |
    original meddelelse | opprinnelig melding | original melding | alkuperäinen viesti |
    alkuperäinen sähköposti | původní zpráva | pôvodná správa | исходное сообщение |
    оригинальное сообщение | первоначальное сообщение | пересылаемое письмо | вихідне повідомлення |
    оригінальне повідомлення | orijinal mesaj | özgün ileti | eredeti üzenet | αρχικό μήνυμα |
    mesaj original | הודעה מקורית | الرسالة الأصلية | tin nhắn gốc | thư gốc | pesan asli |
    originalna poruka | izvirno sporočilo | 原始邮件 | 原始信件 | 原邮件 | 原始郵件 | 回复的原邮件 |
    回复的邮件 | 元のメッセージ | 原文 | original appointment | 원본 메시지 | 원본 메일 |
    missatge original
    """
ORIGINAL_MESSAGE = frozenset(words(_ORIGINAL))

_FORWARDED = """
    forwarded message | begin forwarded message | forwarded by | start of forwarded message | fwd |
    forwarded email | forwarded mail | weitergeleitete nachricht |
    anfang der weitergeleiteten nachricht | weitergeleitet | message transféré | message transmis |
    début du message transféré | début du message réexpédié | message réexpédié | mensaje reenviado |
    inicio del mensaje reenviado | mensagem encaminhada | mensagem reencaminhada |
    início da mensagem encaminhada | início da mensagem reencaminhada | messaggio inoltrato |
    inizio messaggio inoltrato | inizio del messaggio inoltrato | doorgestuurd bericht |
    begin doorgestuurd bericht | begin van doorgestuurd bericht | wiadomość przekazana |
    przekazana wiadomość | treść przekazanej wiadomości | początek przekazywanej wiadomości |
    vidarebefordrat meddelande | vidarebefordrat brev | videresendt meddelelse | videresendt besked |
    start på videresendt besked | videresendt melding | videresendt e-post | välitetty viesti |
    edelleenlähetetty viesti | přeposlaná zpráva | preposlaná správa | přeposlaný e-mail |
    пересланное сообщение | пересылаемое сообщение | начало переадресованного сообщения |
    начало пересылаемого сообщения | переслане повідомлення | переадресоване повідомлення |
    iletilmiş mesaj | iletilen mesaj | iletilen ileti | továbbított üzenet | προωθημένο μήνυμα |
    mesaj redirecționat | mesaj redirectionat | הודעה שהועברה | رسالة معاد توجيهها |
    thư được chuyển tiếp | pesan terusan | pesan yang diteruskan | proslijeđena poruka |
    posredovano sporočilo | 转发的邮件 | 转发邮件 | 轉寄郵件 | 转发信息 | 転送メッセージ |
    転送されたメッセージ | 전달된 메시지 | 전달된 메일 | missatge reenviat
    """
FORWARDED = frozenset(words(_FORWARDED))

# What a forwarding program puts before the subject.
_PREFIXES = """
    fw | fwd | wg | tr | rv | enc | i | vs | vb | vl | doorst | pd | yml | i̇lt | ilt | transf | rt |
    πρθ | továbbítás | 转发 | 轉寄 | 转 | pren | fs | továbbitás | пересл | hal
    """
FORWARD_PREFIXES = frozenset(words(_PREFIXES))

# "Please type your reply above this line".
_ABOVE = """
    reply above this line | respond above this line | write above this line | type above this line |
    answer above this line | antworten sie oberhalb dieser | antwort oberhalb dieser |
    über dieser linie | répondez au-dessus de cette ligne | répondre au-dessus de cette ligne |
    encima de esta línea | acima desta linha | boven deze regel | boven deze lijn | sopra questa riga |
    sopra questa linea | powyżej tej linii | ovanför den här raden | over denne linje |
    выше этой линии | выше этой строки
    """
ABOVE = re.compile(alternation(_ABOVE))
