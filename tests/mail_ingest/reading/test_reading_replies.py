"""What is new in a reply: mail programs, languages, inline answers, forwards, signatures, and traps."""

import re
import textwrap
from collections.abc import Callable

import pytest
from reply_samples import ABOUT_PHONES, HTML, PHONES, PLAIN

from mail_ingest.parse.html_lines import html_to_text
from mail_ingest.quoting import Reply, is_forward_subject, split
from mail_ingest.quoting.attribution import strength
from mail_ingest.quoting.signature import is_mobile


def new(reply: Reply) -> str:
    return " ".join(reply.new_text.split())


def kinds(reply: Reply) -> list[str]:
    return [segment.kind for segment in reply.segments]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in PLAIN], ids=[row[0] for row in PLAIN])
def test_plain_replies(text: str, expected: str) -> None:
    reply = split(text)
    assert new(reply) == expected
    assert "".join(segment.text for segment in reply.segments) == text


@pytest.mark.parametrize(
    ("html", "expected", "subject"), [row[1:] for row in HTML], ids=[row[0] for row in HTML]
)
def test_html_replies(html: str, expected: str, subject: str) -> None:
    text = html_to_text(html)
    reply = split(text, html, subject)
    assert new(reply) == expected
    assert "".join(segment.text for segment in reply.segments) == text


def unmarked(text: str) -> str:
    return re.sub(r"(?m)^(?:> ?)+", "", text)


def wrapped(text: str) -> str:
    return "\n".join("\n".join(textwrap.wrap(line, 50)) for line in unmarked(text).split("\n"))


@pytest.mark.parametrize("form", [unmarked, wrapped])
@pytest.mark.parametrize(
    ("html", "expected", "subject"), [row[1:] for row in HTML], ids=[row[0] for row in HTML]
)
def test_plain_forms_that_lost_their_marks(
    form: Callable[[str], str], html: str, expected: str, subject: str
) -> None:
    text = form(html_to_text(html))
    assert new(split(text, html, subject)) == expected


@pytest.mark.parametrize(
    ("line", "folded"),
    [
        ("From: bob@example.com Date: Thu, 24 Mar 2016 08:07:12 -0700", True),
        (
            "Von: Bob <bob@example.com> Gesendet: Montag, 3. März 2025 10:00 An: shop@example.net Betreff: x",
            True,
        ),
        ("From: bob@example.com I got nothing", False),
        ("From: the shop Date: 24 March, 08:07", False),
        ("To: bob@example.com Date: 24 March, 08:07", False),
    ],
)
def test_a_header_block_that_lost_its_line_breaks_counts_below_a_rule(line: str, folded: bool) -> None:
    assert (new(split(f"Reply\n\n----------\n{line}\n\nQuoted words\n")) == "Reply") is folded
    assert "Quoted words" in new(split(f"Reply\n\n{line}\n\nQuoted words\n"))


@pytest.mark.parametrize("line", PHONES)
def test_what_a_telephone_adds_is_folded(line: str) -> None:
    assert new(split(f"It still leaks.\n\n{line}\n")) == "It still leaks."


@pytest.mark.parametrize("line", ABOUT_PHONES)
def test_what_people_write_about_telephones_is_never_folded(line: str) -> None:
    """A hidden line of the customer is the worst fault: these stand last, where telephones sign."""
    assert new(split(f"Hello.\n\n{line}\n")) == f"Hello. {' '.join(line.split())}"


def test_the_parts_of_a_reply_are_named() -> None:
    reply = split("Thanks!\n\n-- \nAnn\n\nOn 3 Mar 2025 at 10:00, Help <h@example.net> wrote:\n> Hello\n")
    assert kinds(reply) == ["new", "signature", "attribution", "quote"]
    assert reply.folds
    assert not split("hello").folds
    assert split("").segments == ()


def test_a_reply_is_never_empty() -> None:
    for text in (
        "> only\n> quotes\n",
        "-- \nAnn\n",
        "Sent from my iPhone\n",
        "On 3 Mar 2025 10:00, x@y.z wrote:\n\nhello",
    ):
        assert kinds(split(text)) == ["new"]


def test_markup_helps_plain_text_that_says_nothing() -> None:
    quoted = "<div>Qqq: Help<br>Www: Monday</div><p>Is it fine?</p>"
    html = f'<div>Fine now</div><div id="appendonsend"></div>{quoted}'
    text = "Fine now\n\nQqq: Help\nWww: Monday\nIs it fine?\n"
    assert new(split(text)) != "Fine now"
    assert new(split(text, html)) == "Fine now"


def test_markup_saves_an_answer_below_an_unmarked_quote() -> None:
    html = (
        "<p>Top</p><p>On 3 Mar 2025, at 10:00, Help &lt;h@example.net&gt; wrote:</p>"
        "<blockquote type=cite>Which one?</blockquote><p>The red one</p>"
    )
    text = "Top\n\nOn 3 Mar 2025, at 10:00, Help <h@example.net> wrote:\n\nWhich one?\n\nThe red one\n"
    assert new(split(text, html)) == "Top The red one"
    other = text.replace("Which one?", "Which one, dear customer?")
    assert new(split(other, html)).endswith("The red one")


def test_a_line_that_asks_to_answer_above_it() -> None:
    text = "It is 4711.\n\n##- Please type your reply above this line -##\n\nWhat is your number?\n"
    assert new(split(text)) == "It is 4711."


def test_from_at_the_start_of_a_line_is_no_quote() -> None:
    quote = "On 3 Mar 2025 10:00, a@b.c wrote:\n> Hi\n> there\n"
    text = f"Hello\n>From our side all is fine\nBye\n\n{quote}"
    assert new(split(text)) == "Hello >From our side all is fine Bye"


def test_an_answer_between_quotes_may_end_in_a_colon() -> None:
    quote = "<blockquote class=gmail_quote>"
    html = (
        "<div class=gmail_quote><div class=gmail_attr>On 3 Mar 2025 a@b.c wrote:</div>"
        f"{quote}One?</blockquote><div>My list:</div>{quote}Two?</blockquote><div>b</div></div>"
    )
    assert new(split(html_to_text(html), html)) == "My list: b"


def test_a_forward_is_content() -> None:
    marker = "-------- Weitergeleitete Nachricht --------"
    text = f"Please help her.\n\n{marker}\nBetreff: x\nVon: a@b.c\n\n> old\n\n-- \nAnn\n"
    assert kinds(split(text)) == ["new"]
    head = "Von: Ann <a@b.c>\nGesendet: Montag, 3. März 2025 10:00\nAn: x@y.z\nBetreff: Kessel"
    outlook = f"FYI\n\n{head}\n\nKaputt\n"
    assert new(split(outlook)) == "FYI"
    assert kinds(split(outlook, subject="WG: Kessel")) == ["new"]


@pytest.mark.parametrize(
    "subject", ["Fwd: x", "FW: x", "WG: x", "TR : x", "RV: x", "I: x", "转发：x", "[Fwd: x]"]
)
def test_forward_subjects(subject: str) -> None:
    assert is_forward_subject(subject)


@pytest.mark.parametrize("subject", ["Re: x", "Kettle", "Order: forward", "AW: WG", ""])
def test_other_subjects(subject: str) -> None:
    assert not is_forward_subject(subject)


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Verstuurd vanaf mijn iPhone",
        "Skickat från min iPhone",
        "Sendt fra min iPhone",
        "Lähetetty iPhonesta",
        "Wysłane z iPhone'a",
        "Odesláno z iPhonu",
        "Отправлено с iPhone",
        "iPhoneから送信",
        "发自我的iPhone",
        "從我的 iPhone 傳送",
        "나의 iPhone에서 보냄",
        "iPhone'umdan gönderildi",
        "Enviado do meu iPhone",
        "Get Outlook for iOS<https://aka.ms/o0ukef>",
        "Outlook für Android herunterladen",
        "Sent with Proton Mail",
        "Gesendet mit der GMX Mail App",
        "Sent from Yahoo Mail on Android",
        "Sent from Mail for Windows 10",
    ],
)
def test_lines_that_telephones_add(line: str) -> None:
    assert is_mobile(line)


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my desk, is much easier than my mobile phone.",
        "Sent from a magnificent torch of pixels",
        "Sent from Hamburg",
        "I sent it from my iPhone but nothing came",
        "My iPhone is broken",
        "Sent",
        "Outlook shows an error on Android and on iOS and in the browser too",
    ],
)
def test_lines_that_people_write(line: str) -> None:
    assert not is_mobile(line)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("On Tue, 3 Mar 2025 at 10:20, Ann <ann@example.com> wrote:", "strong"),
        ("3.3.2025, 10:20, Ann <ann@example.com>:", "strong"),
        ("Ann <ann@example.com> wrote:", "weak"),
        ("Ann Lee wrote:", "weak"),
        ("On Thursday:", ""),
        ("I wrote to you.", ""),
        ("We met on 3 March 2025 at 10:20:", ""),
    ],
)
def test_attributions(line: str, expected: str) -> None:
    assert strength(line) == expected
