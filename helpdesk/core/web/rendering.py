"""What every template may use: times and sizes in words, the desk, the look of the page's frame."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Flask
from jinja2 import StrictUndefined

from helpdesk.core import words
from helpdesk.core.clock import now
from helpdesk.core.desk import desk
from helpdesk.core.pages import Toast


def zone() -> ZoneInfo:
    """Return the zone times are shown in: the desk's."""
    try:
        return ZoneInfo(desk().zone)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def init_app(app: Flask) -> None:
    """Register filters and values; anything a template does not get is an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    filters = app.jinja_env.filters
    filters["ago"] = lambda t: words.ago(t, now(), zone(), desk().language)
    filters["moment"] = in_words
    filters["full"] = lambda t: words.full(t, zone(), desk().language)
    filters["duration"] = lambda s: words.duration(s, desk().language)
    filters["filesize"] = lambda n: words.file_size(n, desk().language)

    @app.context_processor
    def frame() -> dict[str, object]:
        return {"desk": desk(), "nowtime": now()}


def in_words(moment: datetime) -> str:
    """Return when something was or will be, in the desk's zone and language."""
    return words.moment(moment, now(), zone(), desk().language)


def toasts_for(said: dict[str, str], code: str | None) -> tuple[Toast, ...]:
    """Return the feedback after a redirect: `code` is a key of `said`, never free text from the address."""
    return (Toast(said[code]),) if code in said else ()
