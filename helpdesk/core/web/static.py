"""Static files under one address that changes with their content, so that browsers may keep them for ever."""

from hashlib import sha256
from pathlib import Path
from typing import cast

from flask import Flask
from whitenoise import WhiteNoise

ROOT = Path(__file__).parent.parent / "static"


def digest(root: Path = ROOT) -> str:
    """Return a short digest over names and contents of all static files."""
    sum_ = sha256()
    for path in sorted(p for p in root.rglob("*") if p.is_file()):
        sum_.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return sum_.hexdigest()[:12]


def init_app(app: Flask) -> None:
    """Serve the files and give templates `static_url(path)`."""
    prefix = f"static/{digest()}/"
    served = WhiteNoise(
        app.wsgi_app,
        root=str(ROOT),
        prefix=prefix,
        max_age=31536000,
        autorefresh=bool(app.debug),
        add_headers_function=_harden,
        immutable_file_test=lambda _path, _url: True,
    )
    app.wsgi_app = cast("object", served)  # type: ignore[method-assign,assignment] # the WSGI hook Flask documents

    def static_url(path: str) -> str:
        return f"/{prefix}{path}"

    app.jinja_env.globals["static_url"] = static_url


def _harden(headers: dict[str, str], _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Content-Security-Policy"] = "default-src 'none'; style-src 'self'; sandbox"
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # a sandboxed frame has no origin of its own
