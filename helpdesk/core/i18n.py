"""Words ready for translation: Flask-Babel with types. Extraction looks for `_` and `ngettext`."""

from typing import Any

import flask_babel


def gettext(message: str, **values: Any) -> str:
    """Return `message` in the reader's language, with `%(name)s` filled in."""
    return str(flask_babel.gettext(message, **values))


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """Return `one` or `many`, by the language's plural rule for `num`."""
    return str(flask_babel.ngettext(one, many, num, **values))


def lazy_gettext(message: str) -> str:
    """Return a text that is translated when it is shown (for values made at import)."""
    lazy: str = flask_babel.lazy_gettext(message)
    return lazy
