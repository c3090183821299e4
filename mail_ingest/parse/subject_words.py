"""What machines write into subjects: of automatic replies and of returned mail."""

import re

from mail_ingest.parse.tables import alternation

_VACATION = """
    automatic reply | automated reply | auto reply | auto-reply | autoreply | automatic response |
    automated response | auto response | auto-response | autoresponse | automatic answer |
    auto responder | autoresponder | out of office | out of the office | out of office reply |
    out of office autoreply | out of office auto-reply | out of office message |
    out of office notification | out-of-office | vacation reply | vacation response | vacation message |
    vacation notice | automatische antwort | automatische rückantwort | abwesenheitsnotiz |
    abwesenheitsassistent | abwesenheitsmeldung | abwesenheitsnachricht | abwesenheit |
    réponse automatique | message automatique | message d'absence du bureau | absence du bureau |
    respuesta automática | respuesta automatica | fuera de la oficina | fuera de oficina |
    risposta automatica | fuori ufficio | fuori sede | resposta automática | resposta automatica |
    fora do escritório | automatisch antwoord | automatische beantwoording | afwezigheidsbericht |
    afwezigheidsmelding | autoantwoord | automatyczna odpowiedź | odpowiedź automatyczna | autosvar |
    automatisk svar | automatiskt svar | fraværsbesked | automaattinen vastaus | poissaoloviesti |
    automatická odpověď | автоответ | автоответчик | автоматический ответ | автовідповідь |
    автоматична відповідь | otomatik yanıt | automatikus válasz | αυτόματη απάντηση | răspuns automat |
    automatski odgovor | samodejni odgovor | מענה אוטומטי | رد تلقائي | trả lời tự động |
    balasan otomatis | ตอบกลับอัตโนมัติ
    """
_VACATION_UNSPACED = (
    "自動返信 | 自動応答 | 不在通知 | 自动答复 | 自动回复 | 自動回覆 | 自動回复 | 자동 회신 | 부재중"
)
_BOUNCE = """
    undeliver | undelivrable | delivery status notification | delivery failure | delivery has failed |
    delivery failed | delivery report | delivery problem | delivery incomplete | delivery delayed |
    couldn't be delivered | could not be delivered | not be delivered | not delivered | returned mail |
    returned to sender | return to sender | failure notice | failed delivery | mail error |
    mail failure | mail system error | mail delivery failed | non remis | non-remis |
    échec de la remise | échec de remise | unzustellbar | zustellung fehlgeschlagen | nicht zugestellt |
    no se puede entregar | no se pudo entregar | non recapitabile | mancato recapito |
    não foi entregue | não entregue | onbestelbaar | niet bezorgd | nie dostarczono |
    kunde inte levereras | kunne ikke leveres | toimitus epäonnistui | nedoručitelná | недоставлен |
    не удалось доставить | teslim edilemedi | 配信できません | 配信不能 | 送信エラー | 无法投递 | 退信 |
    無法傳遞 | 배달되지 않음
    """

# The words stand at the start and something that ends a title follows: "Out of office chairs" is a person's.
VACATION = re.compile(
    rf"(?:re: |aw: |sv: |rif: )?(?:(?:{alternation(_VACATION)})(?!\w)|(?:{alternation(_VACATION_UNSPACED)}))"
    r"(?=\s*(?:$|[:：\-–—(\[!]|re\b|bis |until |from |vom |du ))"
)
BOUNCE = re.compile(alternation(_BOUNCE))
REPLY_OR_FORWARD = ("re:", "fw:", "fwd:", "aw:", "wg:", "sv:", "tr:", "rv:")
