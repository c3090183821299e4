"""Every route, every role, one decided answer (T5, T7); GET changes nothing."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from helpdesk.channels.model import Delivery
from helpdesk.core import clock
from helpdesk.core.clock import now
from helpdesk.core.db import db, session
from helpdesk.core.web.sessions import COOKIE
from helpdesk.people.commands import set_active
from helpdesk.people.rights import Role, Scope
from helpdesk.presence.commands import be_at
from helpdesk.tickets.commands.bulk import act_on
from helpdesk.tickets.commands.canned import CannedForm, save_canned
from helpdesk.tickets.commands.fields import save_field
from helpdesk.tickets.model import Attachment, Message
from tests.making import Browser, Desk, a_mail, a_provider

PAGE, DONE, GONE, NO, SIGN_IN, REFUSED, AGAIN = "page", "done", "404", "403", "sign-in", "400", "422"
NOT_NOW = "409"
_strangers = count()
FORGED = "1001.1.1.abcdefghijklmnopq"

ROLES = (
    "stranger",
    "ex_agent",
    "light_elsewhere",
    "teams_elsewhere",
    "assigned_elsewhere",
    "agent",
    "lead",
    "admin",
    "customer_elsewhere",
)


def _row(*answers: str) -> dict[str, str]:
    return dict(zip(ROLES, answers, strict=True))


OPEN = _row(*[PAGE] * 9)
SIGNED_IN = _row(SIGN_IN, SIGN_IN, PAGE, PAGE, PAGE, PAGE, PAGE, PAGE, SIGN_IN)
SEES_TICKET = _row(SIGN_IN, SIGN_IN, GONE, GONE, GONE, PAGE, PAGE, PAGE, SIGN_IN)
CHANGES_TICKET = _row(REFUSED, SIGN_IN, GONE, GONE, GONE, DONE, DONE, DONE, REFUSED)
ANSWERS = _row(SIGN_IN, SIGN_IN, NO, PAGE, PAGE, PAGE, PAGE, PAGE, SIGN_IN)
SEES_DELIVERY = _row(SIGN_IN, SIGN_IN, NO, GONE, GONE, PAGE, PAGE, PAGE, SIGN_IN)
READS_MAIL_LOG = _row(SIGN_IN, SIGN_IN, NO, NO, NO, NO, PAGE, PAGE, SIGN_IN)
DECIDES_HELD = _row(REFUSED, SIGN_IN, NO, GONE, GONE, DONE, DONE, DONE, REFUSED)
MANAGES_PAGE = _row(SIGN_IN, SIGN_IN, NO, NO, NO, NO, NO, PAGE, SIGN_IN)
MANAGES = _row(REFUSED, SIGN_IN, NO, NO, NO, NO, NO, DONE, REFUSED)
INSIDE = ROLES[2:8]
OWN = _row(REFUSED, SIGN_IN, *[DONE] * 6, REFUSED)
"""What everybody at the desk may do about themselves."""
FORGED_LINK = _row(*[GONE] * 8, PAGE)

DECIDED: dict[tuple[str, str], dict[str, str]] = {
    ("GET", "portal.home"): _row(*[DONE] * 9),
    ("GET", "portal.contact"): OPEN,
    ("POST", "portal.send"): _row(*[AGAIN] * 9),
    ("GET", "portal.request_page"): FORGED_LINK,
    ("POST", "portal.reply"): _row(*[GONE] * 8, AGAIN),
    ("GET", "portal.attachment"): _row(*[GONE] * 9),
    ("GET", "health.healthz"): OPEN,
    ("GET", "health.readyz"): OPEN,
    ("GET", "people.sign_in"): _row(PAGE, PAGE, DONE, DONE, DONE, DONE, DONE, DONE, PAGE),
    ("POST", "people.sign_in_now"): _row(*[AGAIN] * 9),
    ("POST", "people.code_now"): _row(*[AGAIN] * 9),
    ("GET", "people.forgotten"): OPEN,
    ("POST", "people.forgotten_now"): _row(*[AGAIN] * 9),
    ("GET", "people.welcome"): _row(*[GONE] * 9),
    ("POST", "people.welcome_now"): _row(*[GONE] * 9),
    **{
        ("GET", f"office.{endpoint}"): MANAGES_PAGE
        for endpoint in (
            "index",
            "people",
            "new_person",
            "person",
            "teams",
            "new_team",
            "team",
            "desk_page",
            "audit",
        )
    },
    **{
        ("POST", f"office.{endpoint}"): MANAGES | {"admin": answer}
        for endpoint, answer in (
            ("invite_person", AGAIN),
            ("save_person", AGAIN),
            ("switch_person", NOT_NOW),
            ("invite_again", PAGE),
            ("reset_two_factor", DONE),
            ("add_team", AGAIN),
            ("change_team", AGAIN),
            ("drop", NOT_NOW),
            ("save_desk_page", AGAIN),
        )
    },
    ("GET", "me.show"): SIGNED_IN,
    ("POST", "me.save"): OWN | dict.fromkeys(INSIDE, AGAIN),
    ("POST", "me.password"): OWN | dict.fromkeys(INSIDE, AGAIN),
    ("POST", "me.begin"): OWN,
    ("POST", "me.switch_on"): OWN | dict.fromkeys(INSIDE, NOT_NOW),
    ("POST", "me.new_codes"): OWN | dict.fromkeys(INSIDE, AGAIN),
    ("POST", "me.switch_off"): OWN,
    ("POST", "me.end"): OWN | dict.fromkeys(INSIDE, GONE),
    ("POST", "me.end_others"): OWN,
    ("POST", "people.sign_out"): _row(
        REFUSED, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, SIGN_IN, REFUSED
    ),
    ("GET", "tickets.home"): _row(SIGN_IN, SIGN_IN, DONE, DONE, DONE, DONE, DONE, DONE, SIGN_IN),
    ("GET", "tickets.queue"): SIGNED_IN,
    ("GET", "tickets.queue_rows"): SIGNED_IN,
    ("GET", "tickets.add_filter"): _row(SIGN_IN, SIGN_IN, *[DONE] * 6, SIGN_IN),
    ("POST", "tickets.take_next"): _row(REFUSED, SIGN_IN, NO, DONE, DONE, DONE, DONE, DONE, REFUSED),
    ("GET", "tickets.ticket"): SEES_TICKET,
    ("GET", "tickets.thread"): SEES_TICKET,
    ("GET", "tickets.attachment"): SEES_TICKET,
    ("GET", "tickets.message_html"): SEES_TICKET,
    ("GET", "tickets.original"): SEES_TICKET,
    ("POST", "tickets.add_message"): CHANGES_TICKET,
    ("POST", "tickets.save_draft"): CHANGES_TICKET,
    ("POST", "tickets.mark_read"): CHANGES_TICKET,
    ("POST", "tickets.assign"): CHANGES_TICKET,
    ("POST", "tickets.move"): CHANGES_TICKET,
    ("POST", "tickets.set_state"): CHANGES_TICKET,
    ("POST", "tickets.set_priority"): CHANGES_TICKET,
    ("POST", "tickets.keep_solved"): _row(REFUSED, SIGN_IN, *[GONE] * 3, *[NOT_NOW] * 3, REFUSED),
    ("POST", "tickets.accept_sender"): CHANGES_TICKET,
    ("GET", "tickets.new_ticket"): SIGNED_IN,
    ("POST", "tickets.set_field"): CHANGES_TICKET,
    ("POST", "tickets.save_view"): _row(REFUSED, SIGN_IN, *[DONE] * 6, REFUSED),
    ("POST", "tickets.delete_view"): _row(REFUSED, SIGN_IN, *[GONE] * 6, REFUSED),
    ("POST", "tickets.set_subject"): CHANGES_TICKET,
    ("POST", "tickets.add_cc"): CHANGES_TICKET,
    ("POST", "tickets.remove_cc"): _row(REFUSED, SIGN_IN, *[GONE] * 6, REFUSED),
    ("GET", "tickets.fields_page"): _row(SIGN_IN, SIGN_IN, *[NO] * 5, PAGE, SIGN_IN),
    ("GET", "tickets.new_field"): _row(SIGN_IN, SIGN_IN, *[NO] * 5, PAGE, SIGN_IN),
    ("GET", "tickets.field_form"): _row(SIGN_IN, SIGN_IN, *[NO] * 5, PAGE, SIGN_IN),
    ("POST", "tickets.add_field"): _row(REFUSED, SIGN_IN, *[NO] * 5, AGAIN, REFUSED),
    ("POST", "tickets.change_field"): _row(REFUSED, SIGN_IN, *[NO] * 5, AGAIN, REFUSED),
    ("POST", "tickets.act_on_many"): _row(REFUSED, SIGN_IN, *[DONE] * 6, REFUSED),
    ("GET", "tickets.bulk_act"): _row(SIGN_IN, SIGN_IN, *[GONE] * 5, PAGE, SIGN_IN),
    ("POST", "tickets.undo_bulk"): _row(REFUSED, SIGN_IN, *[GONE] * 5, DONE, REFUSED),
    ("GET", "tickets.search_page"): SIGNED_IN,
    ("GET", "tickets.canned_list"): ANSWERS,
    ("GET", "tickets.new_canned"): ANSWERS,
    ("POST", "tickets.add_canned"): _row(REFUSED, SIGN_IN, NO, *[AGAIN] * 5, REFUSED),
    ("GET", "tickets.canned_page"): ANSWERS,
    ("POST", "tickets.save_canned"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, AGAIN, AGAIN, REFUSED),
    ("POST", "tickets.delete_canned"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, DONE, DONE, REFUSED),
    ("POST", "tickets.preview_canned"): _row(REFUSED, SIGN_IN, NO, *[PAGE] * 5, REFUSED),
    ("GET", "tickets.pick_canned"): SEES_TICKET,
    ("POST", "tickets.put_canned"): CHANGES_TICKET,
    ("POST", "tickets.open_new"): _row(REFUSED, SIGN_IN, NO, *[AGAIN] * 5, REFUSED),
    ("POST", "tickets.undo_reply"): _row(REFUSED, SIGN_IN, *[GONE] * 6, REFUSED),
    ("POST", "tickets.dismiss_reply"): CHANGES_TICKET,
    ("POST", "tickets.dismiss_held"): CHANGES_TICKET,
    ("POST", "tickets.hold_again"): _row(REFUSED, SIGN_IN, *[GONE] * 6, REFUSED),
    ("POST", "tickets.spam"): CHANGES_TICKET,
    ("POST", "tickets.change_tags"): CHANGES_TICKET,
    ("POST", "tickets.add_link"): _row(REFUSED, SIGN_IN, *[GONE] * 3, AGAIN, DONE, DONE, REFUSED),
    ("POST", "tickets.remove_link"): _row(REFUSED, SIGN_IN, *[GONE] * 6, REFUSED),
    ("POST", "tickets.follow"): CHANGES_TICKET,
    ("POST", "tickets.snooze"): CHANGES_TICKET,
    ("GET", "tickets.merge_page"): SEES_TICKET,
    ("GET", "tickets.split_page"): SEES_TICKET,
    ("POST", "tickets.merge"): _row(REFUSED, SIGN_IN, *[GONE] * 3, *[AGAIN] * 3, REFUSED),
    ("POST", "tickets.unmerge"): _row(REFUSED, SIGN_IN, *[GONE] * 6, REFUSED),
    ("POST", "tickets.split"): _row(REFUSED, SIGN_IN, *[GONE] * 3, *[AGAIN] * 3, REFUSED),
    ("POST", "tickets.trash"): CHANGES_TICKET,
    ("GET", "notifications.show"): SIGNED_IN,
    ("POST", "notifications.mark_read"): _row(REFUSED, SIGN_IN, *[DONE] * 6, REFUSED),
    ("GET", "notifications.preferences"): SIGNED_IN,
    ("GET", "notifications.people"): SIGNED_IN,
    ("POST", "notifications.save_preferences"): _row(REFUSED, SIGN_IN, *[DONE] * 6, REFUSED),
    ("POST", "presence.beat"): CHANGES_TICKET,
    ("GET", "presence.draft"): SEES_TICKET,
    ("GET", "channels.outbox"): ANSWERS,
    ("GET", "channels.outbox_mail"): SEES_DELIVERY,
    ("GET", "channels.outbox_html"): SEES_DELIVERY,
    ("GET", "channels.outbox_raw"): SEES_DELIVERY,
    ("POST", "channels.retry"): _row(REFUSED, SIGN_IN, NO, GONE, GONE, DONE, DONE, DONE, REFUSED),
    ("POST", "channels.elsewhere"): _row(REFUSED, SIGN_IN, NO, GONE, GONE, *[NOT_NOW] * 3, REFUSED),
    ("POST", "channels.acknowledge_again"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, NO, DONE, REFUSED),
    ("POST", "channels.release"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, NO, DONE, REFUSED),
    ("GET", "health_page.page"): _row(SIGN_IN, SIGN_IN, NO, NO, NO, NO, NO, PAGE, SIGN_IN),
    ("GET", "health.metrics"): OPEN,
    **{
        ("GET", f"mailroom.{endpoint}"): MANAGES_PAGE
        for endpoint in (
            "mailboxes",
            "mailboxes_live",
            "new_mailbox",
            "mailbox",
            "live",
            "providers",
            "new_provider",
            "provider_page",
            "consent",
            "mail_texts",
            "mail_text_page",
        )
    },
    ("GET", "signature.show"): ANSWERS,
    ("POST", "signature.save"): _row(REFUSED, SIGN_IN, NO, DONE, DONE, DONE, DONE, DONE, REFUSED),
    **{
        ("POST", f"mailroom.{endpoint}"): MANAGES
        for endpoint in ("pause", "resume", "restore", "test", "forget")
    },
    **{
        ("POST", f"mailroom.{endpoint}"): MANAGES | {"admin": answer}
        for endpoint, answer in (
            ("add", AGAIN),
            ("save", AGAIN),
            ("start", AGAIN),
            ("archive", NOT_NOW),
            ("signing", GONE),
            ("add_provider", AGAIN),
            ("save_provider_page", AGAIN),
            ("finish_consent", REFUSED),
            ("save_mail_text", AGAIN),
            ("preview_mail_text", PAGE),
            ("sign_in", PAGE),
            ("reset_mail_text", DONE),
        )
    },
    **{
        (method, f"setup{endpoint}"): _row(*[GONE] * 9)
        for method, endpoint in (
            ("GET", ".begin"),
            ("POST", ".enter"),
            ("GET", ".you_again"),
            ("POST", ".you"),
            ("GET", "_steps.me"),
            ("POST", "_steps.correct_me"),
            ("GET", "_steps.desk_step"),
            ("POST", "_steps.desk_now"),
            ("GET", "_steps.mailbox"),
            ("POST", "_steps.mailbox_now"),
            ("GET", "_steps.team"),
            ("POST", "_steps.team_now"),
            ("GET", "_steps.done"),
            ("POST", "_steps.finish"),
        )
    },  # somebody works at this desk: the first run is over
    ("POST", "ingress.take"): _row(*[GONE] * 9),
    ("GET", "mail_ingest.inbound"): READS_MAIL_LOG,
    ("GET", "mail_ingest.inbound_one"): READS_MAIL_LOG,
    ("GET", "mail_ingest.inbound_raw"): _row(SIGN_IN, SIGN_IN, NO, NO, NO, NO, NO, PAGE, SIGN_IN),
    ("GET", "mail_ingest.aside_list"): READS_MAIL_LOG,
    ("GET", "mail_ingest.audit_page"): READS_MAIL_LOG,
    ("GET", "mail_ingest.explain_page"): READS_MAIL_LOG,
    ("POST", "mail_ingest.explain_mail"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, AGAIN, AGAIN, REFUSED),
    ("POST", "mail_ingest.retry_all"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, DONE, DONE, REFUSED),
    ("POST", "mail_ingest.keep"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, DONE, DONE, REFUSED),
    ("POST", "mail_ingest.make_ticket"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, DONE, DONE, REFUSED),
    ("POST", "mail_ingest.audit_now"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, GONE, GONE, REFUSED),
    ("POST", "mail_ingest.audit_fetch"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, GONE, GONE, REFUSED),
    ("POST", "mail_ingest.retry"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, DONE, DONE, REFUSED),
    ("GET", "verdicts.held"): ANSWERS,
    ("POST", "verdicts.accept"): DECIDES_HELD,
    ("POST", "verdicts.dismiss"): DECIDES_HELD,
    ("POST", "verdicts.own_ticket"): DECIDES_HELD,
    ("POST", "verdicts.hold_again"): _row(REFUSED, SIGN_IN, NO, *[GONE] * 5, REFUSED),
    ("GET", "verdicts.spam"): ANSWERS,
    ("POST", "verdicts.decide_spam"): DECIDES_HELD,
    ("POST", "verdicts.decide_sender"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, DONE, DONE, REFUSED),
    ("GET", "verdicts.senders"): READS_MAIL_LOG,
    ("POST", "verdicts.decide_now"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, DONE, DONE, REFUSED),
    ("POST", "verdicts.remove_rule"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, GONE, GONE, REFUSED),
    ("GET", "verdicts.shadow"): _row(SIGN_IN, SIGN_IN, NO, NO, NO, NO, NO, PAGE, SIGN_IN),
    ("POST", "verdicts.shadow_on"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, NO, DONE, REFUSED),
    ("POST", "verdicts.shadow_off"): _row(REFUSED, SIGN_IN, NO, NO, NO, NO, NO, AGAIN, REFUSED),
}
"""What every role gets from every route about ticket 1001 of the team Orders."""

FORMS: dict[str, dict[str, str]] = {
    "tickets.add_message": {"kind": "note", "body": "A note."},
    "tickets.save_draft": {"kind": "reply", "body": "Half a sentence"},
    "tickets.set_state": {"state": "open"},
    "tickets.set_priority": {"priority": "3"},
    "tickets.assign": {"assignee": ""},
    "mailroom.sign_in": {"provider": "1"},
    "verdicts.decide_sender": {"key": "spam@bad.example", "kind": "block"},
    "tickets.spam": {"on": "0"},
    "verdicts.decide_now": {"key": "spam@bad.example", "kind": "block"},
    "tickets.change_tags": {"add": "late parcel"},
    "tickets.add_link": {"other": "1002", "kind": "related"},
    "tickets.snooze": {"until": "tomorrow"},
    "tickets.trash": {"on": "0"},
    "tickets.set_subject": {"subject": "Parcel says delivered"},
    "tickets.add_cc": {"email": "second@example.com"},
    "tickets.open_new": {"way": "phone"},
    "tickets.act_on_many": {"act": "priority:3", "n": "1001"},
}

CANNED = CannedForm("Where it is", "Hello {customer.first_name}", "everyone")
OTHER = {"verdict": "no", "secret": "not-ours", "rule_id": 999_999}
HELD_ROUTES = (
    "tickets.dismiss_held",
    "tickets.hold_again",
    "verdicts.accept",
    "verdicts.dismiss",
    "verdicts.own_ticket",
    "verdicts.hold_again",
)
TEXT = {"name": "ack_body", "language": "en"}
"""A mail text, for routes about those."""

SECRET_WORDS = ("Parcel says delivered", "lena@example.de", "my parcel is not here", "we look for it")


def _own_field(desk: Desk) -> int:
    return save_field(
        viewer=desk.admin,
        field_id=None,
        label="Colour",
        kind="text",
        options="",
        required=False,
        team_id=None,
        position=1,
        active=True,
    )


@dataclass
class World:
    """Ticket 1001 with everything a ticket may have, 1002 of another team, and a browser for each role."""

    desk: Desk
    browsers: dict[str, Browser]
    tokens: dict[str, str]
    ids: dict[str, int]
    other_link: str

    @classmethod
    def of(cls, desk: Desk) -> "World":
        picture = ("pixel.png", "image/png", b"\x89PNG\r\n\x1a\n123")
        ticket = desk.ticket(html="<p>my <b>parcel</b> is not here</p>", files=[picture])
        desk.ticket(sender="noor@example.com", subject="Another matter", text="Not about parcels")
        browser = desk.browser(desk.admin)
        for number, team, words in (
            (1001, desk.orders, "Hello, we look for it."),
            (1002, desk.returns, "Hello, send it back to us."),
        ):
            browser.get(f"/a/tickets/{number}")
            browser.post(f"/a/tickets/{number}/team", {"team": str(team)})
            browser.get(f"/a/tickets/{number}")
            sent = browser.post(f"/a/tickets/{number}/messages", {"kind": "reply", "body": words})
            assert sent.status_code == 302
        people = {
            "ex_agent": desk.agent("Ulla Weg"),
            "light_elsewhere": desk.agent("Kim Leicht", Role.LIGHT, Scope.TEAMS, (desk.returns,)),
            "teams_elsewhere": desk.agent("Tom Retour", Role.AGENT, Scope.TEAMS, (desk.returns,)),
            "assigned_elsewhere": desk.agent("Ada Eigen", Role.AGENT, Scope.ASSIGNED),
            "agent": desk.agent("Mara Order", Role.AGENT, Scope.TEAMS, (desk.orders,)),
            "lead": desk.agent("Lia Haupt", Role.LEAD),
            "admin": desk.admin,
        }
        browsers = {role: desk.browser(person) for role, person in people.items()}
        browsers |= {"stranger": desk.browser(), "customer_elsewhere": desk.browser()}
        tokens = {role: _token(browsers[role]) for role in people}
        set_active(agent_id=people["ex_agent"].id, active=False)
        _writes(desk)
        deliveries = desk.deliveries()
        replies = {m.ticket_id: m.id for m in desk.outgoing("reply")}
        ids = {
            "message_id": desk.messages(ticket)[0].id,
            "attachment_id": desk.rows(Attachment)[0].id,
            "link_id": 999,
            "writer_id": desk.admin.id,
            "reply_id": 999,
            "session_id": 999_999,
            "agent_id": desk.admin.id,
            "team_id": desk.orders,
            "act_id": act_on(viewer=desk.admin, what="priority", value="2", numbers=[1001]),
            "canned_id": save_canned(viewer=desk.admin, canned_id=None, form=CANNED),
            "field_id": _own_field(desk),
            "key": "colour",
            "view_id": 999,
            "inbound_id": 1,
            "mailbox_id": desk.mailbox_id,
            "provider_id": a_provider(desk.admin),
            "delivery_id": next(d.id for d in deliveries if d.mail_id == replies[ticket.id]),
        }
        other = next(d for d in deliveries if d.recipient == "noor@example.com")
        return cls(desk, browsers, tokens, ids, other.link)

    def held(self) -> int:
        """Return a fresh held message of ticket 1001."""
        found = self.desk.receive(
            a_mail(
                f"someone{next(_strangers)}@else.example",
                In_Reply_To=self.desk.outgoing("reply")[0].message_id,
            )
        )
        assert found.ticket_message_id is not None
        return found.ticket_message_id

    def values(self, rule: Rule, role: str) -> dict[str, Any]:
        """Return the ids of ticket 1001 for a route's address."""
        token = self.other_link if role == "customer_elsewhere" else FORGED
        known = {"number": 1001, "token": token, "source_id": 1, **OTHER, **TEXT, **self.ids}
        if rule.endpoint in {"tickets.accept_sender", *HELD_ROUTES}:
            known["message_id"] = self.held()
        if rule.endpoint == "tickets.delete_canned":
            known["canned_id"] = save_canned(viewer=self.desk.admin, canned_id=None, form=CANNED)
        if rule.endpoint == "presence.draft":
            _writes(self.desk)
        return {name: known[name] for name in rule.arguments}

    def ask(self, method: str, rule: Rule, role: str) -> tuple[str, str]:
        """Ask as a role; return the answer in one word and what was said."""
        with self.desk.app.test_request_context():
            url = self.desk.app.url_map.bind("localhost").build(rule.endpoint, self.values(rule, role))
        browser = self.browsers[role]
        browser.page = ""
        if method == "GET":
            response = browser.get(url)
        else:
            form = {"csrf_token": self.tokens.get(role, ""), "team": str(self.desk.orders)}
            form |= FORMS.get(rule.endpoint, {})
            response = browser.post(url, form)
        return _word(response.status_code, response.headers.get("Location", "")), response.get_data().decode(
            errors="replace"
        )


def _writes(desk: Desk) -> None:
    """The administrator writes in ticket 1001, and stays for as long as the test takes."""
    with clock.at(now() + timedelta(days=1)):
        be_at(viewer=desk.admin, number=1001, writing=True)


def _token(browser: Browser) -> str:
    page = browser.get("/a/queue").get_data(as_text=True)
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def _word(status: int, location: str) -> str:
    if status == 302 and location.startswith("/sign-in"):
        return SIGN_IN
    return {200: PAGE, 204: DONE, 302: DONE}.get(status, str(status))


def _rules(desk: Desk) -> list[tuple[str, Rule]]:
    return [
        (method, rule)
        for rule in sorted(desk.app.url_map.iter_rules(), key=str)
        for method in sorted(rule.methods or ())
        if method not in {"HEAD", "OPTIONS"}
    ]


def test_every_route_answers_every_role_as_decided(desk: Desk) -> None:
    world = World.of(desk)
    undecided = [(m, r.endpoint) for m, r in _rules(desk) if (m, r.endpoint) not in DECIDED]
    assert undecided == [], "decide who gets what from these routes"
    wrong = []
    for method, rule in _rules(desk):
        if rule.endpoint == "people.sign_out":
            continue
        for role, wanted in DECIDED[method, rule.endpoint].items():
            got, said = world.ask(method, rule, role)
            if got != wanted:
                wrong.append(f"{method} {rule} as {role}: {got}, decided {wanted}")
            sees = DECIDED["GET", "tickets.ticket"][role] == PAGE
            shown = wanted in {PAGE, DONE} or (sees and wanted == AGAIN)
            if not shown and any(word in said for word in SECRET_WORDS):
                wrong.append(f"{method} {rule} as {role}: says something of the ticket")
    assert wrong == []
    for role, wanted in DECIDED["POST", "people.sign_out"].items():
        browser = world.browsers[role]
        browser.page = ""
        out = browser.post("/sign-out", {"csrf_token": world.tokens.get(role, "")})
        assert _word(out.status_code, out.headers.get("Location", "")) == wanted, role


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_no_decision_is_about_a_route_that_is_gone(app: Flask) -> None:
    there = {(m, r.endpoint) for r in app.url_map.iter_rules() for m in r.methods or ()}
    assert set(DECIDED) - there == set()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_a_role_may_see_elsewhere_says_nothing_of_this_ticket(desk: Desk) -> None:
    """Lists, counts and fragments go through the same scope as the ticket itself (T5)."""
    world = World.of(desk)
    for role in ("light_elsewhere", "teams_elsewhere", "assigned_elsewhere"):
        for url in (
            "/a/queue?view=all",
            f"/a/queue?view=team-{desk.orders}",
            "/a/queue/rows?view=all&state=waiting",
            "/a/tickets/1002",
            "/a/outbox",
        ):
            said = world.browsers[role].get(url).get_data(as_text=True)
            assert not [word for word in SECRET_WORDS[:3] if word in said], (role, url)
            assert "/a/tickets/1001" not in said, (role, url)


def test_children_of_another_ticket_are_not_there(desk: Desk) -> None:
    """Who may see both tickets still reaches a child only through its own (T5)."""
    world = World.of(desk)
    admin = world.browsers["admin"]
    first = world.ids["message_id"]
    held = world.held()
    csrf = {"csrf_token": world.tokens["admin"]}
    assert admin.get(f"/a/tickets/1001/messages/{first}/html").status_code == 200
    for path in (
        f"messages/{first}/html",
        f"messages/{first}/original",
        f"attachments/{world.ids['attachment_id']}",
    ):
        assert admin.get(f"/a/tickets/1002/{path}").status_code == 404, path
    assert admin.post(f"/a/tickets/1002/messages/{held}/accept", csrf).status_code == 404
    assert desk.row(Message, held).kind == "held"
    link = f"/r/{world.other_link}"
    assert admin.get(link).status_code == 200
    assert admin.get(f"{link}/files/{world.ids['attachment_id']}").status_code == 404
    own = desk.rows(Delivery)[0]
    assert admin.get(f"/r/{own.link}/files/{world.ids['attachment_id']}").status_code == 200


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_an_old_cookie_opens_nothing_at_once(desk: Desk) -> None:
    """Deactivating ends every session (contracts 10, T23)."""
    agent = desk.agent("Ulla Weg")
    browser = desk.browser(agent)
    assert browser.get("/a/queue").status_code == 200
    set_active(agent_id=agent.id, active=False)
    assert browser.get("/a/queue").status_code == 302
    set_active(agent_id=agent.id, active=True)
    assert browser.get("/a/queue").status_code == 302, "letting somebody in again revives no session"


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_methods_that_a_route_does_not_take_are_refused(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    desk.ticket()
    for url in ("/a/tickets/1001", "/a/queue", "/contact", "/sign-in", "/a/tickets/1001/state"):
        for method in ("PUT", "DELETE", "PATCH"):
            answer = admin.client.open(url, method=method)
            assert answer.status_code == 405, (method, url)
            assert "GET" in answer.headers["Allow"] or "POST" in answer.headers["Allow"]
    for url in ("/a/take-next", "/a/tickets/1001/read", "/sign-out"):
        assert admin.get(url).status_code == 405, url


BIG = ("2147483648", "9223372036854775808", "9" * 200)


def _statuses(browser: Browser, *asked: str | tuple[str, dict[str, str]]) -> dict[str, int]:
    """Return the status of each address, asked by GET or, with a form, by POST."""
    return {
        repr(one)[:100]: (browser.get(one) if isinstance(one, str) else browser.post(*one)).status_code
        for one in asked
    }


def test_numbers_that_no_database_holds_lead_nowhere(desk: Desk) -> None:
    admin = desk.browser(desk.admin)
    desk.ticket()
    for n in BIG:
        _lead_nowhere(admin, n)


def _lead_nowhere(admin: Browser, n: str) -> None:
    pages = _statuses(
        admin,
        f"/a/tickets/{n}",
        f"/a/tickets/{n}/thread",
        f"/a/tickets/1001/attachments/{n}",
        f"/a/tickets/1001/messages/{n}/html",
        f"/a/outbox/{n}",
        f"/a/mail/{n}",
        f"/r/{n}.{n}.{n}.abcdefghijklmnopq",
    )
    assert set(pages.values()) == {404}, pages
    lists = _statuses(
        admin,
        f"/a/outbox?before={n}",
        f"/a/mail?before={n}",
        f"/a/queue?view=team-{n}",
        f"/a/queue?view={n}",
        f"/a/queue?after=a{n}-{n}",
        f"/a/queue?after=b{n[:18]}-1",
        f"/a/queue?state=solved&after=a{n[:18]}-{n[:15]}",
    )
    assert set(lists.values()) == {200}, lists
    csrf = {"csrf_token": _token(admin)}
    forms = _statuses(
        admin,
        ("/a/tickets/1001/read", {"seq": n} | csrf),
        ("/a/tickets/1001/read", {"seq": n[:15]} | csrf),
        ("/a/tickets/1001/messages", {"last_seq": n[:15], "body": "x", "kind": "reply"} | csrf),
    )
    assert set(forms.values()) <= {204, 302}, forms
    refused = _statuses(
        admin,
        ("/a/tickets/1001/assignee", {"assignee": n[:15]} | csrf),
        ("/a/tickets/1001/team", {"team": n[:15]} | csrf),
        ("/a/tickets/1001/priority", {"priority": n[:15]} | csrf),
        (f"/a/tickets/{n}/read", {"seq": "1"} | csrf),
        (f"/a/outbox/{n}/again", csrf),
        (f"/a/mail/{n}/retry", csrf),
    )
    assert set(refused.values()) <= {404, 422}, refused


BAD_SIGNS = ("%00", "a%00b", "%ED%A0%80", "%FF", "%F0%9F%98%80", "'%22%3C%25_%5C")


def test_signs_that_a_database_refuses_are_no_failure(desk: Desk) -> None:
    """NUL and broken bytes in addresses end in a page, never in a 500."""
    admin = desk.browser(desk.admin)
    for bad in BAD_SIGNS:
        answers = _statuses(
            admin,
            f"/a/mail?q={bad}&outcome={bad}",
            f"/a/queue?view={bad}&state={bad}&after={bad}&said={bad}",
            f"/a/outbox?show={bad}&before={bad}",
        )
        assert set(answers.values()) == {200}, answers
        assert desk.browser().get(f"/r/{bad}").status_code == 404
        assert desk.browser().get(f"/sign-in?next={bad}").status_code == 200


def test_forms_may_hold_any_sign(desk: Desk) -> None:
    """NUL in a field, seen or hidden, is left out or refused in words."""
    admin, stranger = desk.browser(desk.admin), desk.browser()
    desk.ticket()
    csrf = {"csrf_token": _token(admin)}
    for value in ("\0", "a\0b"):
        answers = _statuses(
            admin,
            ("/a/tickets/1001/messages", {"kind": "note", "body": f"x{value}", "form_key": value} | csrf),
            ("/a/tickets/1001/messages", {"kind": value, "body": "x", "then_state": value} | csrf),
            ("/a/tickets/1001/draft", {"body": f"x{value}", "form_key": value} | csrf),
        )
        stranger.get("/contact")
        form = {"email": f"a{value}@b.example", "name": value, "subject": f"s{value}", "body": f"b{value}"}
        answers |= _statuses(stranger, ("/contact", form))
        stranger.get("/sign-in")
        answers |= _statuses(stranger, ("/sign-in", {"email": value, "password": value}))
        assert all(status < 500 for status in answers.values()), answers
    assert all("\0" not in m.text for m in desk.rows(Message))


def _digest() -> dict[str, list[str]]:
    db.session.rollback()
    found = {}
    for table in db.metadata.sorted_tables:
        rows = session().execute(sa.select(table).order_by(*table.primary_key))
        found[table.name] = [repr(tuple(row)) for row in rows]
    db.session.rollback()
    return found


def test_get_changes_nothing_that_is_kept(desk: Desk) -> None:
    """Contracts 15: every GET route, as an administrator and as a customer with a link."""
    world = World.of(desk)
    world.held()
    values = {"number": 1001, "token": desk.rows(Delivery)[0].link, **TEXT, **world.ids}
    admin = world.browsers["admin"]
    before = _digest()
    asked = 0
    for method, rule in _rules(desk):
        if method != "GET":
            continue
        with desk.app.test_request_context():
            known = {name: values[name] for name in rule.arguments if name in values}
            known |= {name: "x" for name in rule.arguments if name not in values}
            url = desk.app.url_map.bind("localhost").build(rule.endpoint, known)
        for query in ("", "?said=sent&all=1&state=solved&view=all&show=1&seq=9"):
            answer = admin.get(url + query)
            over = rule.endpoint.startswith(("setup", "people.welcome"))  # no first run, no such link
            assert answer.status_code in ({200, 302, 404} if over else {200, 302}), url
            assert COOKIE not in answer.headers.get("Set-Cookie", ""), url
            admin.client.head(url + query)
            asked += 1
    after = _digest()
    assert asked > 40
    assert {name for name in before if before[name] != after[name]} == set()
