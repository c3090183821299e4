"""What a writer may have forgotten, seen before the reply goes. Pure; each doubt is asked about once."""

import re

_ATTACHED = re.compile(
    r"\b(?:attached|attachment|enclosed|angehängt|anhang|beigefügt|anbei|ci-joint|pièces? jointes?"
    r"|adjunt[oa]s?|allegat[oi]|bijlage|bijgevoegd|bifogad|bifogat|vedlagt|vedhæftet|liitteenä|załącz\w{1,12}"
    r"|в приложении)\b",
    re.IGNORECASE,
)
_PLACEHOLDER = re.compile(
    r"\{\{[^{}\n]{0,60}\}\}|\[\[[^\[\]\n]{1,60}\]\]|\{(?:customer|ticket|agent|desk)\.\w{1,30}\}"
    r"|<(?:name|nummer|number|date|datum)>",
    re.IGNORECASE,
)


def doubts_about(text: str, *, files: bool) -> tuple[str, ...]:
    """Return what to ask before sending: "attachment" (promised, none there), "placeholder" (left unfilled).

    Quoted lines promise nothing.
    """
    own = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))
    found = []
    if not files and _ATTACHED.search(own):
        found.append("attachment")
    if _PLACEHOLDER.search(own):
        found.append("placeholder")
    return tuple(found)
