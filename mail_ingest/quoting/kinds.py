"""The kind of every line: quotes first, then signatures in what is left, then second thoughts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mail_ingest.parse.tables import alternation
from mail_ingest.quoting.attribution import shared_start
from mail_ingest.quoting.lines import Hint
from mail_ingest.quoting.marking import Marking, mark
from mail_ingest.quoting.model import Kind
from mail_ingest.quoting.signature import is_mobile, signature_start

# A writer who says so has answered within the unmarked quote, as people do in Outlook.
_ANSWERS = """
    answer | answers | reply | replies | response | responses | comment | comments | notes | antwort |
    antworten | anmerkungen | kommentar | kommentare | réponse | réponses | commentaires | respuestas |
    comentarios | risposte | commenti | respostas | comentários | antwoorden | opmerkingen |
    odpowiedzi | svar | siehe | see | voir | ver | vedi | zie | my | meine
    """
_BELOW = """
    inline | in line | in-line | in red | in blue | in green | in bold | in rot | in blau |
    rot markiert | en rouge | en bleu | en gras | en rojo | en azul | in rosso | em vermelho | in rood |
    rött | rødt | within your mail | within your email | in your email below | in your mail below |
    answers below | replies below | comments below | antworten unten | im text unten
    """
_ANSWERS_BELOW = re.compile(
    rf"\b(?:{alternation(_ANSWERS)})\b.{{0,40}}\b(?:{alternation(_BELOW)})\b", re.IGNORECASE
)


@dataclass(slots=True)
class LineKinds:
    """Lines and their kinds; `open_from` is where an unmarked quote runs to the end, -1 when none does."""

    lines: list[str]
    kinds: list[Kind]
    open_from: int = -1


def find_kinds(lines: Sequence[str], hints: Sequence[Hint], forwarded: bool) -> LineKinds:
    """Return the lines with their kinds; a line that new text shares with an attribution is cut in two."""
    own_lines, own_hints = _parted(lines, hints)
    marking = Marking(own_lines, own_hints, forwarded)
    mark(marking)
    if marking.open_from >= 0 and _says_answers_below(marking):
        marking.fill(marking.open_from, len(own_lines), "new")
        return LineKinds(own_lines, marking.kinds)
    _mark_signatures(marking)
    return LineKinds(own_lines, marking.kinds, marking.open_from)


def _parted(lines: Sequence[str], hints: Sequence[Hint]) -> tuple[list[str], list[Hint]]:
    """Return the lines, those that hold new text and then an attribution as two."""
    own_lines: list[str] = []
    own_hints: list[Hint] = []
    for index, line in enumerate(lines):
        below = lines[index + 1] if index + 1 < len(lines) else ""
        start = shared_start(line) if "On " in line and below.lstrip().startswith(">") else 0
        own_lines += [line[:start], line[start:]] if start else [line]
        if hints:
            own_hints += [hints[index]] * (2 if start else 1)
    return own_lines, own_hints


def _says_answers_below(marking: Marking) -> bool:
    """Whether the new text says that there are answers within the quote."""
    new = [line for line, kind in zip(marking.lines, marking.kinds, strict=True) if kind == "new"]
    return any(_ANSWERS_BELOW.search(line[:400]) for line in new[:40])


def _mark_signatures(marking: Marking) -> None:
    """Mark the signature at the end of each stretch of new lines."""
    stop = marking.forward_from if marking.forward_from >= 0 else len(marking.lines)
    start = 0
    while start < stop:
        if marking.kinds[start] != "new":
            start += 1
            continue
        end = start
        while end < stop and marking.kinds[end] == "new":
            end += 1
        _mark_signature(marking, start, end)
        start = end


def _mark_signature(marking: Marking, start: int, end: int) -> None:
    """Mark the signature within some new lines."""
    region = marking.lines[start:end]
    marking.fill(start + signature_start(region, first=start == 0), end, "signature")
    last = True
    for index in range(end - 1, start - 1, -1):
        line = marking.lines[index]
        if marking.hint(index).mark == "signature" or ((last or _alone(marking, index)) and is_mobile(line)):
            marking.kinds[index] = "signature"
        elif marking.kinds[index] == "new" and line.strip():
            last = False


def _alone(marking: Marking, index: int) -> bool:
    """Whether a line stands between blank lines or the ends of the body."""
    above = marking.lines[index - 1] if index else ""
    below = marking.lines[index + 1] if index + 1 < len(marking.lines) else ""
    return not above.strip() and not below.strip()
