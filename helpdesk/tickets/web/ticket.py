"""The ticket page and its live fragment."""

import secrets
from dataclasses import replace
from hashlib import sha256
from typing import Any, cast

from flask import Response, make_response, render_template, request, url_for

from helpdesk.core.clock import now
from helpdesk.core.feature import panels
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Banner, Choice, Fact, Person, Toast
from helpdesk.core.running import settings
from helpdesk.core.web.numbers import whole
from helpdesk.core.web.rendering import in_words, toasts_for
from helpdesk.mailboxes.queries import mailbox
from helpdesk.people.access import current_viewer
from helpdesk.people.queries import AgentLine, ContactCard, TeamLine, agents, contacts, teams
from helpdesk.people.rights import Right, Viewer
from helpdesk.tickets import macros
from helpdesk.tickets.lifecycle import State as TicketState
from helpdesk.tickets.lifecycle import ways_from
from helpdesk.tickets.model import Ticket
from helpdesk.tickets.pages import (
    Composer,
    EarlierTicket,
    MiniRow,
    PendingItem,
    SendChoice,
    State,
    TicketPage,
)
from helpdesk.tickets.queries import queue as queue_reads
from helpdesk.tickets.queries import ticket as reads
from helpdesk.tickets.queries.navigation import nav_for
from helpdesk.tickets.web.blueprint import SAID, bp
from helpdesk.tickets.web.canned_words import act_words
from helpdesk.tickets.web.conversation import Names, thread_of
from helpdesk.tickets.web.filters import list_args
from helpdesk.tickets.web.holdings import disowned_banner, spam_banner
from helpdesk.tickets.web.moments import moments
from helpdesk.tickets.web.queue import list_title, row_of, wanted_list
from helpdesk.tickets.web.relations import aside_banner, own_fields, relations_of, shown_state
from helpdesk.tickets.web.words_for import channel_words, priority_words, state_words, waiting

MINI = 25


@bp.get("/tickets/<int:number>")
def ticket(number: int) -> str:
    """Show a ticket."""
    return show(number)


@bp.get("/tickets/<int:number>/thread")
def thread(number: int) -> Response:
    """Give the live parts of a ticket; 304 while nothing about it changed."""
    viewer = current_viewer()
    found = reads.ticket_seen_by(viewer, number)
    waits = reads.pending_replies(viewer, found.id)
    tag = _stamp(viewer, found, waits)
    if tag in request.if_none_match:
        return Response(status=304, headers={"ETag": f'"{tag}"'})
    response = make_response(
        render_template("tickets/_thread.html", page=page_of(viewer, found, teams(), waits))
    )
    response.set_etag(tag)
    return response


def show(
    number: int,
    *,
    kind: str = "reply",
    typed: str = "",
    stopped: str = "",
    error: str = "",
    doubts: tuple[str, ...] = (),
) -> str:
    """Render the page; after a refused send with everything that was typed, and why."""
    viewer = current_viewer()
    found = reads.ticket_seen_by(viewer, number)
    all_teams = teams()
    page = page_of(viewer, found, all_teams, reads.pending_replies(viewer, found.id))
    if stopped or error or doubts:
        note = kind == "note"
        composer = replace(
            page.composer,
            kind="note" if note else "reply",
            stopped=stopped,
            error=error,
            doubts=doubts,
            draft_note=typed if note else page.composer.draft_note,
            draft_reply=page.composer.draft_reply if note else typed,
            acts=_acts(request.form.getlist("do")[:20], all_teams),
        )
        page = replace(page, composer=composer)
        if request.headers.get("X-Fragment"):
            return render_template("tickets/_refused.html", page=page)
    return render_template(
        "tickets/ticket.html",
        page=page,
        nav=nav_for(viewer, wanted_list().view, all_teams),
        toasts=_toasts(number),
    )


def _toasts(number: int) -> tuple[Toast, ...]:
    undo, said = whole(request.args.get("undo", "")), request.args.get("said")
    found, args = toasts_for(SAID, said), list_args(wanted_list())
    if undo is None:
        return found
    if said == "merged":
        url = url_for("tickets.unmerge", number=number, event=undo, **args)
        return tuple(replace(t, undo_url=url) for t in found)
    if said in {"sending", "later"}:
        url = url_for("tickets.undo_reply", number=number, reply_id=undo, **args)
        return tuple(replace(t, undo_url=url, whole_page=True) for t in found)
    return found


def page_of(
    viewer: Viewer, t: Ticket, all_teams: list[TeamLine], waits: list[reads.PendingReply]
) -> TicketPage:
    """Return everything the page shows."""
    everybody = agents(only_active=False)
    people = reads.participants(t.id)
    cards = contacts({p.contact_id for p in people} | {t.requester_id})
    requester = cards[t.requester_id]
    names = Names({a.id: a.name for a in everybody}, cards, {x.id: x.name for x in all_teams})
    said = reads.conversation(t, whole=request.args.get("all") == "1")
    box = mailbox(t.mailbox_id) if t.mailbox_id else None
    args = list_args(wanted_list())
    mini = _mini(viewer, t, args)
    here = next((i for i, row in enumerate(mini) if row.current), None)
    earlier, earlier_count = reads.earlier_of(viewer, t)
    may = viewer.may(Right.CHANGE) and t.state != TicketState.CLOSED and t.trashed_at is None
    return TicketPage(
        number=t.number,
        subject=t.subject,
        state=shown_state(t),
        priority=t.priority,
        channel_words=channel_words(t.channel, box.address if box else None),
        thread=replace(
            thread_of(t, said, names, _stamp(viewer, t, waits), args, reads.read_up_to(viewer, t)),
            pending=tuple(_pending(viewer, t, w, names, args) for w in waits),
        ),
        thread_url=url_for("tickets.thread", number=t.number, **args),
        composer=_composer(
            viewer, t, requester, [cards[p.contact_id] for p in people if p.role == "cc"], args, all_teams
        ),
        requester=Person.named(requester.shown, f"contact-{requester.id}", requester.id),
        requester_address=requester.email,
        assignee=names.agent(t.assignee_id),
        team=names.teams.get(t.team_id or 0, ""),
        waiting=waiting(t.state, t.queue_at, t.waiting_since, t.updated_at),
        states=_states(t) if may else (),
        teams=_teams(t, all_teams) if may else (),
        agents=_agents(t, everybody) if may else (),
        priorities=_priorities(t) if may else (),
        state_url=url_for("tickets.set_state", number=t.number, **args),
        team_url=url_for("tickets.move", number=t.number, **args),
        assign_url=url_for("tickets.assign", number=t.number, **args),
        priority_url=url_for("tickets.set_priority", number=t.number, **args),
        read_url=url_for("tickets.mark_read", number=t.number, seq=t.last_seq),
        can_solve=may and TicketState.SOLVED in ways_from(TicketState(t.state)),
        banners=_banners(viewer, t, said, args),
        spam_url=url_for("tickets.spam", number=t.number, **args) if may and t.spam_at is None else "",
        mini_title=list_title(wanted_list(), all_teams),
        mini=mini,
        back_url=url_for("tickets.queue", **args),
        next_url=mini[here + 1].url if here is not None and here + 1 < len(mini) else None,
        prev_url=mini[here - 1].url if here else None,
        customer_facts=_customer_facts(requester),
        details=_details(t),
        earlier=tuple(
            EarlierTicket(
                e.number,
                url_for("tickets.ticket", number=e.number, **args),
                e.subject,
                cast("State", e.state),
                e.opened_at,
            )
            for e in earlier
        ),
        earlier_count=earlier_count,
        tags=tuple(t.tags),
        relations=relations_of(viewer, t, names, args, may=may),
        own_fields=own_fields(t, args, may=may),
        cc=tuple(
            (cards[p.contact_id].shown, cards[p.contact_id].email, p.contact_id)
            for p in people
            if p.role == "cc" and p.contact_id in cards
        ),
        cc_url=url_for("tickets.add_cc", number=t.number, **args) if may else "",
        uncc_url=url_for("tickets.remove_cc", number=t.number, **args) if may else "",
        subject_url=url_for("tickets.set_subject", number=t.number, **args) if may else "",
        panels_aside=tuple(panels().html("ticket.aside", viewer, t.id)),
        panels_strips=tuple(panels().html("ticket.strips", viewer, t.id, t.number)),
    )


def _pending(
    viewer: Viewer, t: Ticket, w: reads.PendingReply, names: Names, args: dict[str, Any]
) -> PendingItem:
    mine = w.agent_id == viewer.id

    def url(endpoint: str) -> str:
        return url_for(f"tickets.{endpoint}", number=t.number, reply_id=w.id, **args)

    return PendingItem(
        id=w.id,
        author=names.agent(w.agent_id) or Person.named(_("Somebody"), "agent-0"),
        words=w.body,
        files=tuple(f["name"] for f in w.files),
        at=w.send_at,
        later=w.later,
        undo_url=url("undo_reply") if mine and w.state == "waiting" else "",
        stopped=w.why if w.state == "stopped" else "",
        dismiss_url=url("dismiss_reply") if w.state == "stopped" else "",
    )


def _banners(viewer: Viewer, t: Ticket, said: reads.Conversation, args: dict[str, Any]) -> tuple[Banner, ...]:
    if (aside := aside_banner(viewer, t, args) or spam_banner(viewer, t)) is not None:
        return (aside,)
    if (disowned := disowned_banner(said.messages)) is not None:
        return (disowned,)
    if viewer.may(Right.CHANGE) and reads.opened_by_thanks(t):
        url = url_for("tickets.keep_solved", number=t.number, **args)
        words = _("The customer says thank you, and nothing else.")
        return (Banner(words, "good", _("Keep it resolved"), url, post=True),)
    return ()


def _stamp(viewer: Viewer, t: Ticket, waits: list[reads.PendingReply]) -> str:
    minute = int(now().timestamp()) // 300
    sends = "".join(str(x) for x in panels().values("ticket.stamp", t.id))
    pending = ".".join(f"{w.id}{w.state}" for w in waits)
    return sha256(f"{viewer!r}{t.id}.{t.last_seq}.{minute}.{sends}.{pending}".encode()).hexdigest()[:20]


def _mini(viewer: Viewer, t: Ticket, args: dict[str, Any]) -> tuple[MiniRow, ...]:
    found = queue_reads.queue(viewer, wanted_list(), size=MINI)
    rows = (row_of(line, args, show_assignee=False) for line in found.rows)
    return tuple(
        MiniRow(r.number, r.url, r.subject, r.customer, r.waiting, r.number == t.number, r.unread)
        for r in rows
    )


def _composer(
    viewer: Viewer,
    t: Ticket,
    requester: ContactCard,
    cc: list[ContactCard],
    args: dict[str, Any],
    all_teams: list[TeamLine],
) -> Composer:
    drafts = reads.drafts_of(viewer, t.id)
    kept = drafts["reply"].files if "reply" in drafts else []
    closed = t.state == TicketState.CLOSED or t.trashed_at is not None
    why = ""
    if t.trashed_at is not None:
        why = _("This ticket is in the trash. Take it out to write here.")
    elif t.merged_into_id is not None:
        why = _("This ticket was merged. Write in the other one.")
    elif closed:
        why = _("This ticket is closed. If the customer writes again, a new ticket follows it up.")
    elif not viewer.may(Right.REPLY):
        why = _("Your role writes notes only. An administrator can change that.")
    return Composer(
        add_url=url_for("tickets.add_message", number=t.number, **args),
        draft_url=url_for("tickets.save_draft", number=t.number),
        form_key=secrets.token_urlsafe(12),
        last_seq=t.last_seq,
        recipient=f"{requester.name} <{requester.email}>" if requester.name else requester.email,
        recipient_name=requester.shown.split(" ")[0],
        send=_send_choices(viewer.after_reply, TicketState(t.state)),
        draft_reply=drafts["reply"].body if "reply" in drafts else "",
        draft_note=drafts["note"].body if "note" in drafts else "",
        draft_saved_at=max((d.updated_at for d in drafts.values()), default=None),
        kept=tuple((f["digest"], f["name"], f["size"]) for f in kept),
        acts=_acts([act for d in drafts.values() for act in d.acts], all_teams),
        canned_url=url_for("tickets.pick_canned", number=t.number, **args) if viewer.may(Right.REPLY) else "",
        later=moments() if viewer.may(Right.REPLY) else (),
        draft_key=f"d-{viewer.id}-{t.number}",
        can_reply=viewer.may(Right.REPLY) and not closed,
        can_note=viewer.may(Right.NOTE) and not closed,
        why_not=why,
        cc=tuple(c.shown for c in cc),
        max_upload=settings().upload_max_bytes,
        kind="note" if not viewer.may(Right.REPLY) else "reply",
    )


def _acts(acts: list[str], all_teams: list[TeamLine]) -> tuple[tuple[str, str], ...]:
    return tuple((act, act_words(act, all_teams)) for act in macros.tidy(acts))


def _send_choices(default: str, state: TicketState) -> tuple[SendChoice, ...]:
    after = TicketState.OPEN if state is TicketState.NEW else state
    labels = {
        "pending": _("Send, set to waiting"),
        "solved": _("Send, resolve"),
        "open": _("Send, keep open"),
        "on_hold": _("Send, put on hold"),
    }
    possible = {s.value for s in ways_from(after)} | {after.value}
    order = [default, *(x for x in labels if x != default)]
    return tuple(SendChoice(labels[x], x) for x in order if x in possible and x in labels)


def _states(t: Ticket) -> tuple[Choice, ...]:
    ways = ways_from(TicketState(t.state))
    order = [s for s in TicketState if s in ways or s == t.state]
    return tuple(Choice(state_words(s), s, s == t.state) for s in order)


def _teams(t: Ticket, lines: list[TeamLine]) -> tuple[Choice, ...]:
    choices = [Choice(_("No team"), "", t.team_id is None)]
    return tuple(choices + [Choice(x.name, str(x.id), x.id == t.team_id, icon=x.icon) for x in lines])


def _agents(t: Ticket, lines: list[AgentLine]) -> tuple[Choice, ...]:
    choices = [Choice(_("Nobody"), "", t.assignee_id is None)]
    for a in lines:
        if a.active or a.id == t.assignee_id:
            person = Person.named(a.name, f"agent-{a.id}", a.id)
            choices.append(Choice(a.name, str(a.id), a.id == t.assignee_id, person=person))
    return tuple(choices)


def _priorities(t: Ticket) -> tuple[Choice, ...]:
    return tuple(Choice(priority_words(p), str(p), p == t.priority) for p in (4, 3, 2, 1))


def _customer_facts(card: ContactCard) -> tuple[Fact, ...]:
    facts = [Fact(_("Customer since"), in_words(card.since))]
    if card.bounced:
        facts.append(Fact(_("Mail came back"), card.bounced))
    return tuple(facts)


def _details(t: Ticket) -> tuple[Fact, ...]:
    facts = [Fact(_("Opened"), in_words(t.opened_at))]
    if t.solved_at:
        facts.append(Fact(_("Resolved"), in_words(t.solved_at)))
    if t.closed_at:
        facts.append(Fact(_("Closed"), in_words(t.closed_at)))
    return tuple(facts)
