"""What this desk is called and where it sits: facts for every page, edited on pages, kept in the database."""

import time
from dataclasses import asdict, dataclass, fields
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.core.db import command, command_state, in_command, session
from helpdesk.core.errors import InvalidError
from helpdesk.core.tables import Base, JsonText

CACHE_S = 5.0


class DeskSetting(Base):
    """One fact about the desk."""

    __tablename__ = "desk_settings"

    name: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    value: Mapped[Any] = mapped_column(JsonText)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every page may say about the desk. `zone` is an IANA name, `language` a locale like `en`.

    `held`: a restored copy that reaches nobody until an administrator releases it. `shadow`: the desk runs
    beside another one and changes nothing outside: what it would send is kept to be looked at.
    `shadow_since` and `answer_from` are moments in ISO form, empty while there is none; mail from before
    `answer_from` tells nobody. `acks_paused_at`: since when acknowledgements are cut off (mail rule 12).
    """

    name: str = "Help desk"
    zone: str = "UTC"
    language: str = "en"
    demo: bool = False
    held: bool = False
    shadow: bool = False
    shadow_since: str = ""
    answer_from: str = ""
    acks_paused_at: str = ""
    undo_seconds: int = 10


def desk() -> Desk:
    """Return the desk's facts; up to five seconds old outside commands, asked once within one."""
    kept: tuple[float, Desk] | None = current_app.extensions.get("desk")
    if in_command() and (asked := command_state().get("desk")) is not None:
        here: Desk = asked
        return here
    if kept is not None and not in_command() and time.monotonic() - kept[0] < CACHE_S:
        return kept[1]
    known = {f.name for f in fields(Desk)}
    try:
        rows = session().execute(sa.select(DeskSetting.name, DeskSetting.value)).all()
    except sa.exc.OperationalError:
        if kept is None or in_command():
            raise
        return kept[1]  # the database is away; pages that say so still know what the desk is called
    found = Desk(**{row.name: row.value for row in rows if row.name in known})
    current_app.extensions["desk"] = (time.monotonic(), found)
    if in_command():
        command_state()["desk"] = found
    return found


@command
def set_desk(**facts: Any) -> None:
    """Set facts of the desk by name.

    Raises:
        InvalidError: there is no such fact, or it is of another type.
    """
    default = asdict(Desk())
    for name, value in facts.items():
        if name not in default or not isinstance(value, type(default[name])):
            raise InvalidError(f"There is no desk setting {name} of that type.")
        session().merge(DeskSetting(name=name, value=value))
    current_app.extensions.pop("desk", None)
    command_state().pop("desk", None)
