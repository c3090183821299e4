"""File names of attachments: never empty, never a path, at most 255 bytes."""

import unicodedata
from pathlib import PurePosixPath

_MAX_BYTES = 255
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10)}
_UNWANTED = {"Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"}
_EXTENSIONS = {
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/rfc822-headers": ".txt",
    "message/rfc822": ".eml",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "message/feedback-report": ".txt",
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "application/pdf": ".pdf",
    "application/zip": ".zip",
    "application/json": ".json",
    "application/ms-tnef": ".dat",
    "application/pgp-signature": ".asc",
    "application/pgp-keys": ".asc",
    "application/pkcs7-signature": ".p7s",
    "application/pkcs7-mime": ".p7m",
    "audio/mpeg": ".mp3",
    "video/mp4": ".mp4",
}
_TYPES = {extension: kind for kind, extension in reversed(_EXTENSIONS.items())}
_STEMS = {
    "text/calendar": "invite",
    "message/delivery-status": "delivery-status",
    "application/ms-tnef": "winmail",
}
_STEM_TYPES = ("image", "audio", "video", "message")


def safe_name(name: str) -> str:
    """Return a file name without separators, controls, invisible and direction characters; may be empty."""
    name = unicodedata.normalize("NFC", name[:2_000])
    kept = "".join(char for char in name if unicodedata.category(char) not in _UNWANTED)
    flat = " ".join(kept.replace("/", "_").replace("\\", "_").split()).strip(". ")
    if flat.partition(".")[0].strip().lower() in _DEVICES:
        flat = f"_{flat}"
    return _shortened(flat)


def default_name(content_type: str, number: int) -> str:
    """Return a name for an attachment that came without one; `number` counts from 1."""
    main = content_type.partition("/")[0]
    if main not in ("text", *_STEM_TYPES) and content_type not in _EXTENSIONS:
        return f"noname{number}"  # as mail programs call what says neither name nor kind
    stem = _STEMS.get(content_type) or (main if main in _STEM_TYPES else "attachment")
    suffix = "" if number == 1 else f"-{number}"
    return f"{stem}{suffix}{_EXTENSIONS.get(content_type, '.txt' if main == 'text' else '.bin')}"


def _shortened(name: str) -> str:
    """Return a name of at most 255 bytes, its extension kept."""
    if len(name.encode()) <= _MAX_BYTES:
        return name
    extension = PurePosixPath(name).suffix
    if len(extension.encode()) > 20:
        extension = ""
    room = _MAX_BYTES - len(extension.encode())
    stem = name[: len(name) - len(extension)].encode()[:room].decode("utf-8", "ignore")
    return f"{stem.rstrip('. ')}{extension}"


def type_of_name(name: str) -> str:
    """Return the content type that a file's name speaks of, for files that came without one."""
    extension = PurePosixPath(name).suffix.lower()
    return _TYPES.get(extension, "application/octet-stream")
