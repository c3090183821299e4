"""What every answer carries, and what the desk takes from whom (T3, T19, T20, T30)."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from flask import Flask

from helpdesk.channels.model import Delivery
from helpdesk.core.web.files import send_bytes, sniff, type_of
from helpdesk.core.web.static import digest
from helpdesk.core.web.uploads import safe_name
from helpdesk.people.web import local
from helpdesk.tickets.model import Ticket
from tests.making import Browser, Desk, a_mail

sqlite_only = pytest.mark.parametrize("engine", ["sqlite"], indirect=True)

PICTURE = ("pixel.png", "image/png", b"\x89PNG\r\n\x1a\n123")


@sqlite_only
def test_every_answer_is_hardened(desk: Desk) -> None:
    """Pages, fragments, files, static, errors of every kind, JSON and redirects (trust 3, FS GHSA-2g42)."""
    desk.ticket(html="<p>Hello</p>", files=[PICTURE])
    admin = desk.browser(desk.admin)
    link = desk.rows(Delivery)[0].link
    static = f"/static/{digest()}"
    assert admin.get(f"{static}/css/agent.css", buffered=True).status_code == 200, "a file that is there"
    addresses = (
        "/",
        "/contact",
        f"/r/{link}",
        "/r/forged",
        "/sign-in",
        "/a/queue",
        "/a/queue/rows",
        "/a/tickets/1001",
        "/a/tickets/1001/thread",
        "/a/tickets/9",
        "/a/tickets/1001/messages/1/html",
        "/a/tickets/1001/messages/1/original",
        "/a/tickets/1001/attachments/1?show=1",
        "/a/outbox/1/html",
        "/a/outbox/1/raw",
        "/a/mail/1/raw",
        "/a/take-next",
        "/no/such/page",
        "/healthz",
        "/readyz",
        f"{static}/css/agent.css",
        f"{static}/nothing.css",
        f"{static}/../../secret.keys",
    )
    for url in addresses:
        for headers in ({}, {"Accept": "application/json"}, {"HX-Request": "true"}):
            answer = admin.get(url, headers=headers, buffered=True)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy, url
            assert "unsafe" not in policy, url
            assert answer.headers["X-Content-Type-Options"] == "nosniff", url
            if not url.startswith(static) or answer.status_code != 200:
                assert "no-store" in answer.headers["Cache-Control"], url
                assert "frame-ancestors" in policy, url
                assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, url
    for url in ("/a/tickets/1001/messages/1/html", "/a/outbox/1/html"):
        policy = admin.get(url).headers["Content-Security-Policy"]
        assert "sandbox allow-popups" in policy
        assert "script-src" not in policy
        assert "allow-scripts" not in policy
        assert "allow-same-origin" not in policy


@sqlite_only
def test_a_bug_is_a_page_with_a_reference_and_nothing_of_the_inside(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> str:
        raise RuntimeError("secret inside /etc/passwd")

    desk.app.testing = False
    monkeypatch.setitem(desk.app.view_functions, "portal.contact", fail)
    for headers in ({}, {"Accept": "application/json"}):
        answer = desk.browser().get("/contact", headers=headers)
        said = answer.get_data(as_text=True)
        assert answer.status_code == 500
        assert answer.headers["X-Request-ID"] in said
        assert "secret inside" not in said
        assert "Traceback" not in said
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@sqlite_only
def test_a_database_that_is_away_is_a_page_too(make_app: Callable[..., Flask]) -> None:
    """No template may need the database that has just failed."""
    app = make_app(database_url="sqlite:////nowhere/at/all/helpdesk.db")
    app.testing = False
    browser = Browser(app.test_client())
    for url in ("/contact", "/sign-in", "/r/1001.1.1.abcdefghijklmnopq", "/no/such/page"):
        for headers in ({}, {"Accept": "application/json"}):
            answer = browser.get(url, headers=headers)
            assert answer.status_code in {503, 404}, url
            assert answer.get_data(), url
            assert "Content-Security-Policy" in answer.headers, url
    assert browser.get("/contact").headers["Retry-After"]
    assert browser.get("/readyz").status_code == 503
    assert browser.get("/healthz").status_code == 200


FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://desk.example"},
    {"Origin": "http://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://desk.example.evil.example"},
    {"Origin": "http://evil.example#desk.example"},
    {"Origin": "http://desk.example:8443"},
    {"Origin": ""},
)
OWN = (
    {},
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://desk.example"},
    {"Origin": "http://localhost"},
)


@sqlite_only
def test_forms_of_other_sites_are_refused_even_with_the_right_token(desk: Desk) -> None:
    """Contracts 14, T19: at the customers' forms, at sign-in and at the desk."""
    ticket = desk.ticket()
    admin, customer = desk.browser(desk.admin), desk.browser()
    for headers in FOREIGN:
        customer.get("/contact")
        form = {"email": "a@b.example", "subject": "x", "body": "y"}
        assert customer.post("/contact", form, headers=headers).status_code == 403, headers
        customer.get("/sign-in")
        assert customer.post("/sign-in", {"email": "x"}, headers=headers).status_code == 403, headers
        admin.get("/a/tickets/1001")
        assert admin.post("/a/tickets/1001/state", {"state": "solved"}, headers=headers).status_code == 403
        assert admin.post("/sign-out", headers=headers).status_code == 403, headers
    assert desk.row(Ticket, ticket.id).state == "new"
    assert len(desk.rows(Ticket)) == 1
    for n, headers in enumerate(OWN):
        customer.get("/contact")
        form = {"email": f"a{n}@b.example", "subject": "x", "body": "y"}
        assert customer.post("/contact", form, headers=headers).status_code == 200, headers
    assert admin.get("/a/queue").status_code == 200, "still signed in"


@sqlite_only
def test_the_desk_takes_no_form_without_its_own_token(desk: Desk) -> None:
    desk.ticket()
    admin, other = desk.browser(desk.admin), desk.browser(desk.agent("Other Agent"))
    other.get("/a/tickets/1001")
    theirs = other.page.split('name="csrf_token" value="')[1].split('"')[0]
    for token in ("", "x", theirs):
        answer = admin.post("/a/tickets/1001/state", {"state": "solved", "csrf_token": token})
        assert answer.status_code == 400, token
    assert desk.ticket(1001).state == "new"


HOSTILE = """
//evil.example
///evil.example
////evil.example
/\\evil.example
/\\/evil.example
\\\\evil.example
\\/evil.example
/\t/evil.example
/\n/evil.example
/\r\n/evil.example
\t//evil.example
\x00//evil.example
 //evil.example
http://evil.example
https://evil.example/a/queue
HTTP://evil.example
hTTps:evil.example
http:evil.example
http:/evil.example
http:///evil.example
https:\\\\evil.example
javascript:alert(1)
JavaScript:alert(1)
 javascript:alert(1)
java\tscript:alert(1)
javascript://%0aalert(1)
data:text/html,<script>alert(1)</script>
vbscript:msgbox(1)
mailto:evil@evil.example
ftp://evil.example
file:///etc/passwd
evil.example
evil.example/a/queue
@evil.example
.evil.example
:80
?next=//evil.example
#//evil.example
a/queue
../a/queue
./queue
/\u2028/evil.example
/\u00ad/evil.example
/\u200b/evil.example
\u2028//evil.example
\uff0f\uff0fevil.example
\u3000//evil.example
/\x0b/evil.example
/\x0c/evil.example
/\x1f/evil.example
/\x7f/evil.example
/a/queue\r\nSet-Cookie: a=b
/a/queue\nLocation: //evil.example
/a\\..\\..\\evil.example
/a/queue\\@evil.example
//evil.example@localhost
//localhost@evil.example
//[::1]/x
//[evil
http://[evil
//localhost
http://localhost
//desk.example
http://desk.example/a/queue
https://desk.example
"""


def _hostile() -> list[str]:
    """Return one value a line; those with line ends inside are written out below."""
    odd = ["/\n/evil.example", "/\r\n/evil.example", "/a/queue\r\nSet-Cookie: a=b", "/a/queue\nLocation: //e"]
    odd += ["/\x0b/evil.example", "/\x0c/evil.example", "/\u2028/evil.example", "\u2028//evil.example"]
    plain = [
        line for line in HOSTILE.split("\n") if (line and line.startswith(("/", "http", "\\"))) or ":" in line
    ]
    rest = [line for line in HOSTILE.split("\n") if line and line not in plain]
    return [x for x in dict.fromkeys([*odd, *plain, *rest]) if x not in SAFE_LOOKING]


SAFE_LOOKING = frozenset({"/", "/evil.example"})


def test_the_list_of_hostile_targets_is_long() -> None:
    assert len(_hostile()) >= 60


@pytest.mark.parametrize("target", _hostile(), ids=repr)
def test_sign_in_leads_to_this_site_only(target: str) -> None:
    """T20: what is not a plain path of ours becomes the queue."""
    assert local(target) == "/a/queue"


@pytest.mark.parametrize("target", ["/a/tickets/1001", "/a/queue?view=all&state=open", "/a/mail/3", "/"])
def test_sign_in_leads_back_to_where_it_was_asked_for(target: str) -> None:
    assert local(target) == target


@sqlite_only
def test_a_signed_in_browser_is_not_sent_away_either(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    for target in _hostile():
        answer = admin.get("/sign-in", query_string={"next": target})
        assert answer.headers["Location"] == "/a/queue", repr(target)
        assert "Set-Cookie" not in answer.headers


ACTIVE = {
    "x.svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "x.html": b"<!doctype html><script>alert(1)</script>",
    "x.xhtml": b'<html xmlns="http://www.w3.org/1999/xhtml"><script>alert(1)</script></html>',
    "x.xml": b'<?xml version="1.0"?><?xml-stylesheet href="x.xsl"?><a/>',
    "x.png": b"<script>alert(1)</script>",
    "x.pdf": b"<html><script>alert(1)</script>",
    "x.gif": b"GIF88a<script>alert(1)</script>",
    "x.js": b"alert(1)",
    "x.txt": b"<script>alert(1)</script>",
    "x.swf": b"CWS\x0f",
    "x.mht": b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<script>alert(1)</script>",
    "x.eml": b"Content-Type: text/html\r\n\r\n<script>alert(1)</script>",
    "empty": b"",
}
OPENS = {
    "a.png": b"\x89PNG\r\n\x1a\n...",
    "a.jpg": b"\xff\xd8\xff\xe0...",
    "a.gif": b"GIF89a...",
    "a.webp": b"RIFF\x00\x00\x00\x00WEBP...",
    "a.pdf": b"%PDF-1.7...",
    "picture.html": b"\x89PNG\r\n\x1a\n<script>alert(1)</script>",
}


@sqlite_only
def test_only_bytes_of_a_safe_kind_open_in_a_browser(app: Flask) -> None:
    """T3: the bytes decide, never the name or what the sender says."""
    with app.test_request_context():
        for name, content in ACTIVE.items():
            assert sniff(content) is None, name
            for inline in (True, False):
                answer = send_bytes(content, name, inline=inline)
                assert answer.headers["Content-Disposition"].startswith("attachment"), name
                assert answer.headers["Content-Type"] == "application/octet-stream", name
        for name, content in OPENS.items():
            assert send_bytes(content, name).headers["Content-Disposition"].startswith("attachment"), name
            opened = send_bytes(content, name, inline=True)
            assert opened.headers["Content-Disposition"].startswith("inline"), name
            assert opened.headers["Content-Type"] in {
                "image/png",
                "image/jpeg",
                "image/gif",
                "image/webp",
                "application/pdf",
            }
        for answer in (opened, send_bytes(b"x", "x")):
            assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; sandbox")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cache-Control"] == "private, no-store"
        assert type_of("x.png", b"<svg>") == "image/png"
        assert type_of("x.svg", b"\x89PNG\r\n\x1a\n") == "image/png"


@sqlite_only
def test_active_files_in_a_mail_are_downloads_for_everybody(desk: Desk) -> None:
    kinds = {"x.svg": "image/svg+xml", "x.html": "text/html", "x.xml": "text/xml", "x.pdf": "application/pdf"}
    desk.receive(a_mail(files=[(n, kinds.get(n, "image/png"), c) for n, c in ACTIVE.items() if c]))
    admin, link = desk.browser(desk.admin), desk.rows(Delivery)[0].link
    for n in range(1, len(ACTIVE)):
        for url in (f"/a/tickets/1001/attachments/{n}?show=1", f"/r/{link}/files/{n}"):
            answer = admin.get(url)
            assert answer.status_code == 200, url
            assert answer.headers["Content-Disposition"].startswith("attachment"), url
            assert answer.mimetype == "application/octet-stream", url


BAD_NAMES = (
    "../../etc/passwd",
    "..\\..\\windows\\system32\\config",
    "/etc/passwd",
    "C:\\boot.ini",
    "\\\\server\\share\\x",
    "a/b/c.txt",
    "a\\b\\c.txt",
    "....//....//x",
    "..",
    ".",
    "...",
    "",
    " ",
    "   .   ",
    ".htaccess",
    ".\u200b",
    "\u200b.pht",
    "x.php\x00.png",
    "x\x00.png",
    "x\r\nSet-Cookie: a=b",
    "x\nContent-Type: text/html",
    "x\r\n\r\n<script>",
    "x\t.txt",
    "x\x1b[31m.txt",
    "x\x7f.txt",
    "x\x85.txt",
    "x\u2028y\u2029z.txt",
    "\u202egpj.exe",
    "inv\u202etxt.exe",
    "\u2066x\u2069.txt",
    "\ufeffx.txt",
    "\u00adx.txt",
    "x\ud800.txt",
    'x".txt',
    "x'.txt",
    "x;filename=evil.exe",
    "x%2f..%2fy",
    "<img src=x onerror=alert(1)>.png",
    "x|y>z<w?*.txt",
    "CON",
    "x. . .",
    "\u540d" * 300 + ".pdf",
    "a" * 3000 + ".tar.gz",
    "\U0001f600" * 100,
    "\u00e9" * 200,
)


@pytest.mark.parametrize("name", BAD_NAMES, ids=[f"name{n}" for n in range(len(BAD_NAMES))])
def test_a_bad_file_name_becomes_a_harmless_one(name: str) -> None:
    """T4: no path, no control, no bidi mark, not empty, 200 bytes at most, and stable."""
    assert len(BAD_NAMES) >= 43
    safe = safe_name(name)
    assert safe
    assert len(safe.encode()) <= 200
    assert not set(safe) & set('/\\<>:"|?*\r\n\t\0\x7f')
    assert all(c.isprintable() for c in safe)
    assert safe.strip(" .") == safe
    assert safe_name(safe) == safe


@sqlite_only
def test_names_in_headers_and_pages_stay_names(desk: Desk) -> None:
    """By form and by mail: nothing is written outside the store, and no header or tag is made of a name."""
    before = {p for p in desk.app.extensions["files"].root.parent.rglob("*") if p.is_file()}
    customer = desk.browser()
    names = [n for n in BAD_NAMES if n.strip() and "\ud800" not in n]
    for start in range(0, len(names), 10):
        customer.get("/contact")
        files = [
            (BytesIO(f"file {start + n}".encode()), name) for n, name in enumerate(names[start : start + 10])
        ]
        form = {"email": "a@b.example", "subject": "Files", "body": "Here.", "files": files}
        sent = customer.post("/contact", form, content_type="multipart/form-data")
        assert sent.status_code == 200, names[start : start + 10]
    store = desk.app.extensions["files"].root
    new = {p for p in store.parent.rglob("*") if p.is_file()} - before
    assert all(store in p.parents or p.name.startswith("helpdesk.db") for p in new)
    admin = desk.browser(desk.admin)
    for n in range(1, 20):
        answer = admin.get(f"/a/tickets/1001/attachments/{n}")
        if answer.status_code == 404:
            break
        how = answer.headers["Content-Disposition"]
        assert how.isascii()
        assert "\r" not in how
        assert "Set-Cookie" not in answer.headers
    shown = admin.get("/a/tickets/1001").get_data(as_text=True)
    assert "<img src=x" not in shown
    for line in re.findall(r"<[^>]*>", shown):
        assert "onerror" not in re.sub(r'"[^"]*"', "", line)
