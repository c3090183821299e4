"""What the desk decided about senders: the closer rule wins, providers of everybody stay open."""

import pytest
import sqlalchemy as sa

from helpdesk.core.audit import AuditRow
from helpdesk.core.db import session
from helpdesk.core.errors import ForbiddenError, InvalidError, RefusedError
from helpdesk.people.rights import Role
from mail_ingest.authentication import Vouching
from mail_ingest.judging import Decided, Rules, judge, relayed
from mail_ingest.senders import decide, rules_about, rules_kept, take_back
from tests.making import SUPPORT, Desk

ANN = "Ann@news.Shop.example"


def rules(*found: tuple[str, str]) -> Rules:
    return Rules(tuple(Decided(n, kind, key) for n, (kind, key) in enumerate(found)))


@pytest.mark.parametrize(
    ("found", "vouched", "provider", "wanted"),
    [
        ([], Vouching(), "", "in"),
        ([("block", "ann@news.shop.example")], Vouching(), "", "spam"),
        ([("block", "news.shop.example")], Vouching(), "", "spam"),
        ([("block", "shop.example")], Vouching(), "", "spam"),
        ([("block", "op.example")], Vouching(), "", "in"),
        ([("block", "example")], Vouching(), "", "in"),
        ([("block", "shop.example"), ("allow", "ann@news.shop.example")], Vouching(), "", "in"),
        ([("allow", "shop.example"), ("block", "news.shop.example")], Vouching(), "", "spam"),
        ([], Vouching(), "X-Spam-Flag: YES", "spam"),
        ([("allow", "shop.example")], Vouching(), "X-Spam-Flag: YES", "in"),
        ([("allow", "shop.example")], Vouching(dmarc="fail"), "X-Spam-Flag: YES", "spam"),
    ],
)
def test_what_becomes_of_a_mail(
    found: list[tuple[str, str]], vouched: Vouching, provider: str, wanted: str
) -> None:
    assert judge(rules(*found), ANN, vouched, provider, let_in=False).verdict == wanted
    assert judge(rules(*found), ANN, vouched, provider, let_in=True).verdict == "in"


@pytest.mark.parametrize(
    ("vouched", "reply_to", "wanted"),
    [
        (Vouching(dmarc="pass"), ["lena@example.de"], "lena@example.de"),
        (Vouching(), ["lena@example.de"], None),
        (Vouching(dmarc="fail", spf="pass"), ["lena@example.de"], None),
        (Vouching(dmarc="pass"), [], None),
        (Vouching(dmarc="pass"), ["a@example.de", "b@example.de"], None),
        (Vouching(dmarc="pass"), ["FORM@shop.example"], None),
    ],
)
def test_a_relay_speaks_for_one_person_when_its_domain_vouches(
    vouched: Vouching, reply_to: list[str], wanted: str | None
) -> None:
    found = rules(("relay", "form@shop.example"))
    who, why = relayed(found, "form@shop.example", vouched, reply_to)
    assert who == wanted
    assert why
    assert relayed(found, "other@shop.example", vouched, reply_to) == (None, "")


def test_deciding_and_taking_back(desk: Desk) -> None:
    lead = desk.agent("Lia Haupt", role=Role.LEAD)
    first = decide(viewer=lead, kind="block", key=" <Spam@Bad.example> ", note="sells lists")
    assert decide(viewer=lead, kind="block", key="spam@bad.example") == first, "twice is once"
    found = rules_about("spam@bad.example", mailbox_id=desk.mailbox_id)
    assert judge(found, "spam@bad.example", Vouching(), "", let_in=False).why == (
        "spam@bad.example is on the block list"
    )
    decide(viewer=lead, kind="allow", key="spam@bad.example")
    assert [(r.kind, r.key, r.who) for r in rules_kept()] == [("allow", "spam@bad.example", "Lia Haupt")]
    take_back(viewer=lead, rule_id=rules_kept()[0].id)
    assert rules_kept() == []
    told = session().scalars(sa.select(AuditRow.what).where(AuditRow.about == "sender").order_by(AuditRow.id))
    assert list(told) == ["blocked", "no longer blocked", "allowed", "no longer allowed"]


def test_a_rule_of_one_mailbox_is_not_another_ones(desk: Desk) -> None:
    decide(viewer=desk.admin, kind="relay", key="form@shop.example", mailbox_id=desk.mailbox_id)
    here = rules_about("form@shop.example", mailbox_id=desk.mailbox_id)
    assert here.about("form@shop.example", "relay") is not None
    assert rules_about("form@shop.example", mailbox_id=None).found == ()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_what_cannot_be_decided(desk: Desk) -> None:
    lead = desk.agent("Lia Haupt", role=Role.LEAD)
    for kind, key in (
        ("block", "gmail.com"),
        ("allow", "@GMX.de"),
        ("block", "not an address"),
        ("block", "com"),
        ("host", "no host"),
        ("other", "a@b.example"),
    ):
        with pytest.raises(InvalidError):
            decide(viewer=desk.admin, kind=kind, key=key)
    for key in (SUPPORT, "joana@shop.example", "shop.example"):
        with pytest.raises(RefusedError):
            decide(viewer=desk.admin, kind="block", key=key)
    for viewer, kind in ((lead, "host"), (lead, "relay"), (desk.agent("Mara"), "block")):
        with pytest.raises(ForbiddenError):
            decide(viewer=viewer, kind=kind, key="mx.bad.example")
    assert rules_kept() == []
