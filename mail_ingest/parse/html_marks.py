"""What mail programs write into their HTML around quotes, attributions and signatures."""

import re
from typing import Literal

# "quote": the element is a quote. "cut": a quote begins here and runs to the end. "divider": the same when a
# header block stands here. "attribution": who wrote the quote. "soft": holds the attribution and the quote,
# and perhaps answers between. "forward": forwarded.
Mark = Literal["", "quote", "cut", "divider", "attribution", "soft", "signature", "forward"]

_CLASSES: dict[str, Mark] = {
    "gmail_attr": "attribution",
    "gmail_signature": "signature",
    "gmail_signature_prefix": "signature",
    "moz-cite-prefix": "attribution",
    "moz-signature": "signature",
    "moz-forward-container": "forward",
    "yahoo_quoted": "quote",
    "protonmail_signature_block": "signature",
    "tutanota_quote": "quote",
    "zmail_extra": "quote",
    "outlookmessageheader": "cut",
    "applemailsignature": "signature",
    "ms-outlook-mobile-reference-message": "cut",
    "ms-outlook-ios-signature": "signature",
    "quotedtext": "quote",
}
_SOFT = re.compile(r"^(?:x_|m_)?(?:gmail_(?:quote(?:_container)?|extra)|protonmail_quote|replied_message)$")
_IDS: dict[str, Mark] = {
    "divrplyfwdmsg": "cut",
    "appendonsend": "cut",
    "stopspelling": "cut",
    "olk_src_body_section": "cut",
    "mail-editor-reference-message-container": "cut",
    "reply-intro": "attribution",
    "replybody": "quote",
    "signature": "signature",
    "applemailsignature": "signature",
    "applemailsignaturelinebreak": "signature",
    "ms-outlook-mobile-signature": "signature",
    "isforwardcontent": "forward",
    "lblockquote": "quote",
}
_OUTLOOK_DIVIDER = re.compile(
    r"border:\s?none;\s?border-top:\s?solid #?[a-z0-9]{3,12} 1(?:\.0)?pt", re.IGNORECASE
)
_CITE_CLASS = re.compile(r"quote|cite|iosymail", re.IGNORECASE)


def mark_of(name: str, attributes: dict[str, str]) -> Mark:
    """Return what a tag with these attributes says about the text in it."""
    identity = attributes.get("id", "").lower().removeprefix("x_")
    found = _by_identity(identity) if identity else None
    if found is not None:
        return found
    for raw in attributes.get("class", "").lower().split()[:20]:
        found = _by_class(raw.removeprefix("x_").removeprefix("m_"), name)
        if found is not None:
            return found
    if name == "div" and attributes.get("name") == "quote":
        return "quote"
    if name in ("div", "td", "p") and _OUTLOOK_DIVIDER.search(attributes.get("style", "")[:500]):
        return "divider"
    return ""


def _by_identity(identity: str) -> Mark | None:
    """Return what an id says, None when it is not one of a mail program's."""
    if identity.startswith("yahoo_quoted"):
        return "quote"
    return _IDS.get(identity) or ("signature" if identity.endswith("signature") else None)


def _by_class(word: str, name: str) -> Mark | None:
    """Return what a class says, None when it is not one of a mail program's."""
    if name != "blockquote" and _SOFT.match(word):
        return "soft"
    return _CLASSES.get(word) or ("signature" if word.endswith("signature") else None)


def is_cite(attributes: dict[str, str]) -> bool:
    """Whether a block quote holds someone else's words rather than being set in."""
    if attributes.get("type", "").lower() == "cite" or "cite" in attributes:
        return True
    style = attributes.get("style", "").replace(" ", "").lower()
    if _CITE_CLASS.search(attributes.get("class", "")[:200]):
        return True
    return "border-left" in style and "border-left:none" not in style


def keeps_lines(attributes: dict[str, str]) -> bool:
    """Whether an element's style keeps its line breaks, as some mailers write plain text."""
    style = attributes.get("style", "")
    return "white-space" in style and "white-space:pre" in style[:2_000].replace(" ", "").lower()
