"""Lines of text written from HTML, piece by piece."""

from dataclasses import dataclass, field
from typing import Literal

from mail_ingest.parse.html_marks import Mark

_MAX_QUOTE_MARKS = 10


@dataclass(frozen=True, slots=True)
class HtmlLine:
    """One line: `cite` counts the quotes around it, `indent` the plain block quotes."""

    text: str
    cite: int = 0
    indent: int = 0
    mark: Mark = ""


@dataclass(slots=True)
class OpenElement:
    """An element that is still open."""

    name: str
    kind: Literal["", "cite", "indent"] = ""
    mark: Mark = ""
    href: str = ""
    pre: bool = False
    label_from: int = 0


@dataclass(slots=True)
class LineWriter:
    """The lines written so far and where the next words go."""

    lines: list[HtmlLine] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    stack: list[OpenElement] = field(default_factory=list)
    # How many elements of each name are open, in each table cell that is open.
    open_count: list[dict[str, int]] = field(default_factory=lambda: [{}])
    marks: list[Mark] = field(default_factory=list)
    cite: int = 0
    indent: int = 0
    pre: int = 0
    lists: list[int] = field(default_factory=list)
    prefix: str = ""
    space: bool = False
    gap: bool = False
    cut: Mark = ""

    def add(self, text: str) -> None:
        """Write running text: white space is one blank, or kept within `pre`."""
        if self.pre:
            first, *rest = text.replace("\r\n", "\n").split("\n")
            self._put(first)
            for line in rest:
                self.newline()
                self._put(line)
            return
        words = text.split()
        if not words:
            self.space = self.space or bool(text)
            return
        if (self.space or text[0].isspace()) and self.words:
            self.words.append(" ")
        self._put(" ".join(words))
        self.space = text[-1].isspace()

    def _put(self, text: str) -> None:
        if text:
            self.words.append(text)
            self.space = False

    def newline(self) -> None:
        """End the line, even an empty one."""
        text = "".join(self.words).rstrip()
        self.words.clear()
        self.space = False
        if text and self.gap and self.lines and self.lines[-1].text.strip("> "):
            self._write("", self.lines[-1].cite)
        if text:
            self.gap = False
            text, self.prefix = self.prefix + text, ""
        self._write(text)

    def _write(self, text: str, cite: int = _MAX_QUOTE_MARKS) -> None:
        marks = "> " * min(self.cite, cite, _MAX_QUOTE_MARKS)
        mark: Mark = self.marks[-1] if self.marks else ""
        if text and self.cut:
            mark, self.cut = self.cut, ""
        self.lines.append(HtmlLine((marks + text).rstrip(), self.cite, self.indent, mark))

    def block(self, paragraph: bool) -> None:
        """End the line at the edge of a block, when there is one."""
        if self.words:
            self.newline()
        self.space = False
        self.gap = self.gap or paragraph
