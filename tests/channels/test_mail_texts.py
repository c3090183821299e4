"""The words of our mails: filled in once, by language, checked, put back, alike in HTML and plain text."""

from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.channels.jobs import letter_of
from helpdesk.channels.model import Delivery, MailText
from helpdesk.channels.texts import LINK, SIGNATURE, TEXTS, blocks, fill, ours, problem, signature
from helpdesk.core.jobs.runner import run_all
from helpdesk.mailboxes.form import LANGUAGES
from helpdesk.mailboxes.model import Mailbox
from tests.making import Desk, a_mail

WAY = "/a/settings/mail-texts/ack_body/en"


@given(st.dictionaries(st.sampled_from(SIGNATURE), st.text()), st.text())
def test_what_is_filled_in_is_never_looked_at_again(values: dict[str, str], around: str) -> None:
    hostile = {name: value + "{desk_name}{number}" for name, value in values.items()}
    template = "{agent_name} " + around.replace("{", "(")
    said = fill(template, hostile)
    assert said == hostile.get("agent_name", "{agent_name}") + " " + around.replace("{", "(")


@given(st.text())
def test_any_text_is_itself_or_has_a_sentence_about_it(text: str) -> None:
    wrong = problem(text, ("number",))
    assert wrong or fill(text, {"number": "7"}).count("{number}") == 0
    assert all(block.kind != "button" for block in blocks(text.replace(LINK, "")))


@pytest.mark.parametrize("name", TEXTS)
def test_our_own_words_pass_our_own_check(name: str) -> None:
    text = TEXTS[name]
    for words in text.ours.values():
        assert problem(words, text.placeholders, text.needs, text.most_chars) == ""
    assert set(text.ours) in ({"en"}, set(LANGUAGES))
    assert ours(name, "de_AT") == ours(name, "de")
    assert ours(name, "tlh") == text.ours["en"]


def test_the_agents_signature_stands_first_or_where_the_mailbox_says() -> None:
    values = {"agent_signature": "Joana", "mailbox_name": "Shop"}
    assert signature("{mailbox_name}", values) == "Joana\n\nShop"
    assert signature("{mailbox_name}: {agent_signature}", values) == "Shop: Joana"
    assert signature("{mailbox_name}", {"mailbox_name": "Shop"}) == "Shop"
    assert signature("", values) == "Joana"


def test_a_mailbox_writes_in_its_language_html_and_plain_text_alike(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    form = {
        "version": "1",
        "address": "support@shop.example",
        "sender_name": "Laden",
        "language": "de",
        "acknowledge": "yes",
        "incoming": "handover",
        "outgoing": "desk",
    }
    admin.get("/a/settings/mailboxes/1")
    assert admin.post("/a/settings/mailboxes/1", form).status_code == 302
    assert desk.row(Mailbox, 1).language == "de"
    desk.receive(a_mail())
    mail = message_from_bytes(letter_of(desk.rows(Delivery)[0].id)[2], policy=default)
    plain, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert mail["Subject"] == "Ihre Anfrage 1001 ist angekommen"
    assert "Ihre Nachricht ist angekommen. Sie hat die Nummer 1001." in plain
    assert "Ihre Nachricht ist angekommen. Sie hat die Nummer 1001." in html
    link = next(line for line in plain.split("\n") if line.startswith("http://desk.example/r/1001."))
    assert f'href="{link.strip()}"' in html
    assert "Anfrage ansehen" in html
    assert 'lang="de"' in html
    assert LINK not in plain + html


def test_a_text_is_changed_previewed_and_put_back(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    page = admin.get(WAY).get_data(as_text=True)
    assert "{link}" in page
    assert "needed" in page
    words = "Thank you <b>dearly</b>, it is {number}.\n\n{link}\n\n-- \n{desk_name}"
    shown = admin.post(f"{WAY}/preview", {"text": words}).get_data(as_text=True)
    assert "Thank you &lt;b&gt;dearly&lt;/b&gt;, it is 1042." in shown
    assert desk.all(MailText) == [], "a preview keeps nothing"
    for text, why in (
        ("It is {nubmer}. {link}", "There is no placeholder {nubmer} here. Did you mean {number}?"),
        ("It is {number}.", "This text needs {link}"),
        ("   ", "This text needs {link}"),
        ("{link}" + "x" * 5000, "This is too long"),
    ):
        refused = admin.post(WAY, {"text": text})
        assert refused.status_code == 422
        assert why in refused.get_data(as_text=True)
    assert admin.post(WAY, {"text": words}).status_code == 302
    desk.receive(a_mail())
    mail = message_from_bytes(letter_of(desk.rows(Delivery)[0].id)[2], policy=default)
    assert "Thank you <b>dearly</b>, it is 1001." in mail.get_body(("plain",)).get_content()
    assert "Thank you &lt;b&gt;dearly&lt;/b&gt;, it is 1001." in mail.get_body(("html",)).get_content()
    assert "Yours" in admin.get("/a/settings/mail-texts?language=en").get_data(as_text=True)
    admin.get(WAY)
    assert admin.post(f"{WAY}/reset").status_code == 302
    desk.receive(a_mail("noor@example.com"))
    run_all()
    assert "Your message has arrived" in desk.outgoing()[1].text


def test_what_was_written_stays_as_it_was_when_the_text_changes(desk: Desk) -> None:
    """A mail is frozen with its cause: a retry sends the same bytes."""
    desk.receive(a_mail())
    before = letter_of(desk.rows(Delivery)[0].id)[2]
    admin = desk.browser(desk.admin)
    admin.get(WAY)
    assert admin.post(WAY, {"text": "Else {link}"}).status_code == 302
    assert letter_of(desk.rows(Delivery)[0].id)[2] == before
