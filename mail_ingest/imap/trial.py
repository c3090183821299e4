"""Trying a source before it is trusted: how far one connection comes. Nothing is changed there."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from helpdesk.mailboxes.fetching import SourceCard
from mail_ingest.imap.session import Folder, ImapError

STEPS = ("server", "certificate", "sign in", "folder")
TIMEOUT_S = 10.0


@dataclass(frozen=True, slots=True)
class Tried:
    """One step: went well, failed with these words, or was not reached."""

    step: str
    state: Literal["ok", "bad", "not reached"]
    words: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of it: the steps, how many mails the folder holds, and its siblings when it was not found."""

    steps: tuple[Tried, ...]
    mails: int = 0
    folders: tuple[str, ...] = ()

    @property
    def failure(self) -> Tried | None:
        """The step that failed, if one did."""
        return next((s for s in self.steps if s.state == "bad"), None)


def try_source(source: SourceCard) -> Trial:
    """Connect, sign in and open the folder, once."""
    source = replace(source, afterwards="leave")  # opens the folder for reading only
    steps = [s for s in STEPS if s != "certificate" or source.security != "none"]
    try:
        with Folder(source, timeout_s=TIMEOUT_S) as folder:
            return Trial(tuple(Tried(s, "ok") for s in steps), mails=folder.mails)
    except ImapError as error:
        reached = steps.index(error.step) if error.step in steps else 0
        states = (
            Tried(s, "ok" if n < reached else "not reached") if n != reached else Tried(s, "bad", str(error))
            for n, s in enumerate(steps)
        )
        return Trial(tuple(states), folders=_folders(source) if error.step == "folder" else ())


def _folders(source: SourceCard) -> tuple[str, ...]:
    with suppress(ImapError), Folder(replace(source, folder="INBOX"), timeout_s=TIMEOUT_S) as folder:
        return tuple(sorted(folder.names(), key=lambda name: (name != "INBOX", name)))
    return ()
