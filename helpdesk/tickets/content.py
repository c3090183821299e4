"""What a message carries, as commands take it. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileIn:
    """A file already in the store: `digest` is its SHA-256, `size` in bytes, `name` safe to show."""

    name: str
    content_type: str
    digest: str
    size: int
    content_id: str | None = None
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Content:
    """The words and files of a message.

    `text` is the whole, `new_text` what was written now (quotes and signature left out; None: all of it),
    `html` the raw HTML part, sanitised whenever it is shown.
    """

    text: str
    new_text: str | None = None
    html: str | None = None
    files: tuple[FileIn, ...] = ()

    @property
    def shown(self) -> str:
        """The text shown first."""
        return self.text if self.new_text is None else self.new_text


@dataclass(frozen=True, slots=True)
class MailFacts:
    """Where a message came from, when it came by mail. `thanks`: it says thank you and nothing else.

    `checked`: what the sender's domain says of it (pass, fail, none; empty: nobody was asked). `held_why`:
    for a held one, stranger or agent. `forwarded_by`: the agent who forwarded it to us.
    """

    message_id: str | None = None
    raw_digest: str | None = None
    from_email: str = ""
    from_name: str = ""
    auto: bool = False
    thanks: bool = False
    checked: str = ""
    held_why: str = ""
    forwarded_by: int | None = None
