"""The shop's last half year, told through the same commands as real life, so that its log replays."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from helpdesk.core import clock
from helpdesk.core.db import command
from helpdesk.core.desk import set_desk
from helpdesk.demo.mails import real_mails
from helpdesk.demo.scenes import ITEMS, PEOPLE, SCENES, Scene
from helpdesk.mailboxes.commands import add_mailbox
from helpdesk.people.commands import add_agent, add_team, contact_for
from helpdesk.people.queries import viewer_of_agent
from helpdesk.people.rights import Role, Scope, Viewer
from helpdesk.tickets.actor import Actor
from helpdesk.tickets.commands.changing import assign, change_state, set_priority
from helpdesk.tickets.commands.opening import open_ticket
from helpdesk.tickets.commands.relating import change_tags
from helpdesk.tickets.commands.writing import add_customer_message, answer
from helpdesk.tickets.content import Content, MailFacts
from helpdesk.tickets.history import locked
from helpdesk.tickets.lifecycle import Channel, State

DAYS = 180
OLD_TICKETS = 440
TEAMS = (("Orders and delivery", "truck"), ("Returns", "box"), ("Product help", "book"))
ADDRESS = "support@tidemark.example"


@dataclass(frozen=True, slots=True)
class Shop:
    """Who works where."""

    mailbox_id: int
    teams: dict[str, int]
    agents: dict[str, tuple[Viewer, ...]]


@command
def tell_story(*, password: str, say: Callable[[str], None]) -> str:
    """Fill an empty desk in one transaction; return what it holds now, in words."""
    dice = random.Random(20261122)  # noqa: S311 - a story, not a secret: the same one everywhere
    set_desk(name="Tidemark Outfitters", zone="Europe/Berlin", demo=True)
    shop = _shop(password)
    now = clock.now()
    starts = sorted(_a_moment(dice, now) for _ in range(OLD_TICKETS))
    for n, start in enumerate(starts):
        _settled(dice, shop, start, now)
        if n % 110 == 109:
            say(f"demo: {n + 1} of {OLD_TICKETS} older tickets")
    fresh = _fresh(dice, shop, now)
    mails = real_mails(shop.mailbox_id, now)
    return f"{OLD_TICKETS + fresh} tickets of half a year and {mails} mails"


def _shop(password: str) -> Shop:
    teams = {name: add_team(name=name, icon=icon) for name, icon in TEAMS}
    orders, returns, products = teams.values()
    box = add_mailbox(
        address=ADDRESS,
        sender_name="Tidemark Outfitters",
        team_id=orders,
        signature="Tidemark Outfitters, Leipzig\nOpen Monday to Friday, 9 to 17",
    )
    people = (
        ("Joana Melo", "joana", Role.ADMIN, Scope.ALL, (orders, returns, products)),
        ("Mara Kühn", "mara", Role.AGENT, Scope.ALL, (orders,)),
        ("Jonas Lindner", "jonas", Role.AGENT, Scope.TEAMS, (returns,)),
        ("Priya Nair", "priya", Role.LEAD, Scope.ALL, (products, returns)),
        ("Oskar Holm", "oskar", Role.AGENT, Scope.TEAMS, (products, orders)),
        ("Lotte Bakker", "lotte", Role.LIGHT, Scope.TEAMS, (products,)),
    )
    members: dict[str, list[Viewer]] = {name: [] for name in teams}
    for name, local, role, scope, team_ids in people:
        made = add_agent(
            name=name,
            email=f"{local}@tidemark.example",
            password=password,
            role=role,
            scope=scope,
            team_ids=team_ids,
        )
        viewer = viewer_of_agent(made)
        if viewer is not None and role is not Role.LIGHT:
            for team_name, team_id in teams.items():
                if team_id in team_ids:
                    members[team_name].append(viewer)
    return Shop(box, teams, {name: tuple(found) for name, found in members.items()})


def _a_moment(dice: random.Random, now: datetime) -> datetime:
    """Return an instant of the half year before the last days, more often by day and on weekdays."""
    while True:
        at = now - timedelta(days=dice.uniform(9, DAYS))
        weight = (0.35 if at.weekday() >= 5 else 1.0) * (1.0 if 7 <= at.hour <= 20 else 0.15)
        if dice.random() < weight:
            return at.replace(microsecond=0)


TAGS = {
    "parcel": "missing-parcel",
    "address": "delivery",
    "where is": "delivery",
    "money": "refund",
    "return": "returns",
    "zip": "warranty",
    "snapped": "damage",
    "leaks": "safety",
    "buckle": "damage",
    "missing": "damage",
    "invoice": "billing",
    "charged": "billing",
    "discount": "billing",
    "size": "exchange",
    "group": "trade",
}
"""What agents of the shop tag by, from the words of a subject."""


class _Teller:
    """Tells one ticket, step by step, each at its own moment."""

    def __init__(self, dice: random.Random, shop: Shop, scene: Scene, start: datetime) -> None:
        self.dice = dice
        self.shop = shop
        self.scene = scene
        self.at = start
        self.name, self.email = dice.choice(PEOPLE)
        self.first = self.name.split(" ")[0]
        self.filling = {"item": dice.choice(ITEMS), "order": dice.randint(41000, 48900), "name": self.name}
        self.agent = dice.choice(shop.agents[scene.team])
        with clock.at(start):
            self.contact = contact_for(email=self.email, name=self.name)
        self.number = 0
        self.ticket_id = 0

    def wait(self, low_h: float, high_h: float) -> None:
        self.at += timedelta(hours=self.dice.uniform(low_h, high_h))

    def open(self) -> None:
        scene = self.scene
        web = self.dice.random() < 0.3
        with clock.at(self.at):
            made = open_ticket(
                requester_id=self.contact,
                author_name=self.name,
                subject=scene.subject.format(**self.filling),
                content=Content(text=scene.opening.format(**self.filling)),
                channel=Channel.WEB if web else Channel.EMAIL,
                actor=Actor.contact(self.contact, "web" if web else "mail"),
                mailbox_id=self.shop.mailbox_id,
                team_id=self.shop.teams[scene.team],
                mail=MailFacts(from_email=self.email, from_name=self.name),
                quiet=True,
            )
        self.number, self.ticket_id = made.number, made.ticket_id

    def take(self) -> None:
        with clock.at(self.at):
            assign(viewer=self.agent, number=self.number, agent_id=self.agent.id)
            if self.scene.priority != 2:
                set_priority(viewer=self.agent, number=self.number, priority=self.scene.priority)
            if tags := {tag for word, tag in TAGS.items() if word in self.scene.subject.lower()}:
                change_tags(viewer=self.agent, number=self.number, add=sorted(tags))

    def note(self) -> None:
        if self.scene.note:
            with clock.at(self.at):
                answer(
                    viewer=self.agent, number=self.number, kind="note", content=Content(text=self.scene.note)
                )

    def reply(self, words: str, then: State) -> None:
        text = words.format(**(self.filling | {"name": self.first}))
        with clock.at(self.at):
            answer(
                viewer=self.agent,
                number=self.number,
                kind="reply",
                content=Content(text=f"{text}\n\n{self.agent.name.split(' ')[0]}"),
                then=then,
                quiet=True,
            )

    def customer(self, words: str) -> None:
        with clock.at(self.at):
            add_customer_message(
                ticket_id=self.ticket_id,
                contact_id=self.contact,
                author_name=self.name,
                content=Content(text=words),
                actor=Actor.contact(self.contact, "mail"),
                mail=MailFacts(from_email=self.email, from_name=self.name),
                quiet=True,
            )

    def state(self, new: State, actor: Actor | None = None) -> None:
        with clock.at(self.at):
            change_state(locked(self.ticket_id), new, actor=actor or Actor.agent(self.agent.id))


def _settled(dice: random.Random, shop: Shop, start: datetime, now: datetime) -> None:
    """Tell a ticket from its first word to its end."""
    scene = dice.choice(SCENES)
    t = _Teller(dice, shop, scene, start)
    t.open()
    t.wait(0.1, 5)
    t.take()
    if dice.random() < 0.4:
        t.note()
    t.wait(0.05, 1)
    on = scene.more and dice.random() < 0.8
    t.reply(scene.answer, State.PENDING if on else State.SOLVED)
    if on:
        t.wait(1, 30)
        t.customer(scene.more)
        t.wait(0.2, 6)
        t.reply(scene.last or "That is done now. Write to us if anything is left.", State.SOLVED)
    if scene.thanks and dice.random() < 0.4:
        t.wait(1, 20)
        t.customer(scene.thanks)
        t.wait(0.1, 2)
        t.state(State.SOLVED)
    t.at += timedelta(days=7, seconds=1)
    if t.at < now:
        t.state(State.CLOSED, Actor.system())


def _fresh(dice: random.Random, shop: Shop, now: datetime) -> int:
    """Tell what is on the desk right now: every state, some long waits, some just in."""
    ages_h = (0.1, 0.3, 0.6, 1.2, 2.0, 3.1, 4.5, 6.0, 9.0, 14.0, 20.0, 26.0, 31.0)
    told = 0
    for n, age in enumerate(sorted(ages_h, reverse=True)):
        t = _Teller(dice, shop, SCENES[(n * 5) % len(SCENES)], now - timedelta(hours=age))
        t.open()
        told += 1
        if n % 3 and age > 0.5:
            t.wait(0.05, 0.3)
            t.take()
    for n in range(9):
        scene = SCENES[(n * 4 + 1) % len(SCENES)]
        t = _Teller(dice, shop, scene, now - timedelta(days=dice.uniform(1, 5)))
        t.open()
        t.wait(0.2, 2)
        t.take()
        t.note()
        t.wait(0.1, 1)
        t.reply(scene.answer, (State.PENDING, State.ON_HOLD, State.PENDING)[n % 3])
        if n % 3 == 2 and scene.more:
            t.at = now - timedelta(hours=dice.uniform(0.2, 7))
            t.customer(scene.more)
        told += 1
    for n in range(8):
        scene = replace(SCENES[(n * 3 + 2) % len(SCENES)], more="", thanks="")
        t = _Teller(dice, shop, scene, now - timedelta(days=dice.uniform(0.5, 6)))
        t.open()
        t.wait(0.1, 3)
        t.take()
        t.wait(0.05, 1)
        t.reply(scene.answer, State.SOLVED)
        told += 1
    return told
