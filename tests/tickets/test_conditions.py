"""Conditions: what SQL finds is what Python says, for every field and operator."""

import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.core.clock import now
from helpdesk.core.db import db, session
from helpdesk.people.model import ContactAddress
from helpdesk.tickets import condition
from helpdesk.tickets.commands import changing, relating
from helpdesk.tickets.commands.bulk import act_on
from helpdesk.tickets.condition import FIELDS, Condition, Facts
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.queries.queue import QueueFilter, count_of, queue
from tests.making import Desk

VALUES = {
    "assignee": ("me", "none", "1", "2", "999"),
    "team": ("none", "1", "2", "999"),
    "priority": ("1", "2", "3", "4"),
    "tag": ("late", "vip", "100%", "_"),
    "customer": ("shop1", "p1.", "example", "%s", "_c", "nobody"),
}


def _tickets(desk: Desk) -> None:
    other = desk.agent("Mara Order")
    for n, (agent, team, priority, tags) in enumerate(
        (
            (None, desk.orders, 2, []),
            (desk.admin.id, None, 4, ["late"]),
            (other.id, desk.returns, 1, ["late", "vip"]),
            (other.id, desk.orders, 3, ["100%"]),
        )
    ):
        number = desk.ticket(sender=f"a_c{n}@shop{n}.example").number
        changing.assign(viewer=desk.admin, number=number, agent_id=agent)
        changing.move(viewer=desk.admin, number=number, team_id=team)
        changing.set_priority(viewer=desk.admin, number=number, priority=priority)
        if tags:
            relating.change_tags(viewer=desk.admin, number=number, add=tags)
    db.session.rollback()


def _facts(ticket: Ticket) -> Facts:
    emails = session().scalars(
        sa.select(ContactAddress.email).where(ContactAddress.contact_id == ticket.requester_id)
    )
    return Facts(ticket.assignee_id, ticket.team_id, ticket.priority, frozenset(ticket.tags), tuple(emails))


def test_sql_and_python_say_the_same_of_every_condition(desk: Desk) -> None:
    _tickets(desk)
    all_tickets = [(ticket.id, _facts(ticket)) for ticket in desk.rows(Ticket)]
    some = 0
    singles = [(Condition(f, op, v),) for f, known in FIELDS.items() for op in known.ops for v in VALUES[f]]
    pairs = [(a[0], b[0]) for a, b in zip(singles, singles[7:] + singles[:7], strict=True)]
    for asked in [*singles, *pairs]:
        found = set(session().scalars(sa.select(Ticket.id).where(*condition.sql(asked, desk.admin.id))))
        assert found == {i for i, facts in all_tickets if condition.holds(asked, facts, desk.admin.id)}, asked
        some += bool(found)
    assert some > 30


CONDITIONS = st.sampled_from(
    [Condition(f, op, v) for f, known in FIELDS.items() for op in known.ops for v in VALUES[f]]
)


@given(st.lists(CONDITIONS), st.lists(st.text()))
def test_what_is_written_is_read_again_and_nothing_else(conditions: list[Condition], junk: list[str]) -> None:
    read = condition.read_all([*map(str, conditions), *junk])
    assert read[: len(set(conditions))] == tuple(dict.fromkeys(conditions))[: condition.MOST]
    assert condition.read_all(map(str, read)) == read


def test_filters_narrow_the_queue_as_a_sentence_and_what_is_done_to_all_that_match(desk: Desk) -> None:
    _tickets(desk)
    browser = desk.browser(desk.admin)
    page = browser.get("/a/queue?view=all&f=priority:at_least:3&f=tag:has:late").get_data(as_text=True)
    assert "Priority <b>at least High</b>" in page
    assert "Tag <b>late</b>" in page
    assert ("/a/tickets/1002" in page, "/a/tickets/1004" in page) == (True, False)
    wanted = QueueFilter("all", more=condition.read_all(["priority:at_least:3", "tag:has:late"]))
    assert count_of(desk.admin, wanted, now())[0] == len(queue(desk.admin, wanted).rows) == 1
    added = browser.get("/a/queue/filter?view=all&f=priority:at_least:3&customer_has=SHOP3")
    assert added.headers["Location"].endswith("f=priority:at_least:3&f=customer:has:shop3")
    assert "/a/tickets/1004" in browser.get(added.headers["Location"]).get_data(as_text=True)
    act_on(viewer=desk.admin, what="priority", value="1", everything=wanted)
    assert [t.priority for t in desk.rows(Ticket)] == [2, 1, 1, 3]
    assert "No tickets match." in browser.get("/a/queue?view=all&f=tag:has:none").get_data(as_text=True)
