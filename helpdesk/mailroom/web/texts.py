"""The words of our mails, by language: shown, previewed while they are typed, kept, put back."""

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from helpdesk.channels.commands import reset_text, write_text
from helpdesk.channels.queries import mail_text, written_texts
from helpdesk.channels.texts import (
    LINK,
    LINK_LABEL,
    TEXTS,
    blocks,
    explained,
    fill,
    ours,
    problem,
)
from helpdesk.core.desk import desk
from helpdesk.core.errors import InvalidError, NotFoundError
from helpdesk.core.i18n import gettext as _
from helpdesk.core.pages import Choice, FieldErrors
from helpdesk.core.web import forms
from helpdesk.core.web.rendering import toasts_for
from helpdesk.mailboxes.form import LANGUAGES
from helpdesk.mailboxes.queries import mailboxes
from helpdesk.mailroom.pages import PlaceholderLine, Preview, TextLine, TextPage, TextsPage
from helpdesk.mailroom.web.blueprint import bp, tabs, who
from helpdesk.people.access import current_viewer
from helpdesk.tickets.queries.navigation import nav_for

MOST = 8000


def _titles() -> dict[str, tuple[str, str]]:
    """Return what each text is called, and when it is sent."""
    arrived = _("To customers, when their message has arrived.")
    stopped = _("To administrators, when no mail comes in any more.")
    works = _("To administrators, when mail comes in again.")
    invited = _("To somebody who is invited to the desk.")
    forgot = _("To somebody of the desk who forgot their password.")
    return {
        "ack_subject": (_("Acknowledgement, subject"), arrived),
        "ack_body": (_("Acknowledgement"), arrived),
        "reply_footer": (_("Below every answer"), _("To customers, under the signature.")),
        "stopped_subject": (_("Fetching has stopped, subject"), stopped),
        "stopped_body": (_("Fetching has stopped"), stopped),
        "works_subject": (_("Fetching works again, subject"), works),
        "works_body": (_("Fetching works again"), works),
        "invite_subject": (_("Invitation, subject"), invited),
        "invite_body": (_("Invitation"), invited),
        "reset_subject": (_("New password, subject"), forgot),
        "reset_body": (_("New password"), forgot),
    }


FOR_CUSTOMERS = frozenset({"ack_subject", "ack_body", "reply_footer"})


@bp.get("/mail-texts")
def mail_texts() -> str:
    """List the texts, in the language asked for."""
    language = request.args.get("language", "")
    language = language if language in LANGUAGES else _first()
    titles, written = _titles(), written_texts()
    lines = tuple(
        TextLine(
            titles[name][0],
            titles[name][1],
            url_for("mailroom.mail_text_page", name=name, language=shown),
            (name, shown) in written,
            mail_text(name, shown),
        )
        for name in TEXTS
        for shown in (language if name in FOR_CUSTOMERS else "en",)
    )
    used = {box.language for box in mailboxes()}
    page = TextsPage(
        tabs("texts"),
        lines,
        tuple(
            Choice(words, code, current=code == language, url=url_for("mailroom.mail_texts", language=code))
            for code, words in sorted(LANGUAGES.items(), key=lambda one: (one[0] not in used, one[1]))
        ),
    )
    said = {"saved": _("Saved. Mails use it from now on."), "reset": _("Our own words are back.")}
    return render_template(
        "mailroom/texts.html",
        page=page,
        nav=nav_for(current_viewer(), "mailboxes"),
        toasts=toasts_for(said, request.args.get("said")),
    )


@bp.get("/mail-texts/<name>/<language>")
def mail_text_page(name: str, language: str) -> str:
    """Show a text to be changed, with its placeholders and how it looks."""
    _known(name, language)
    return _render(name, language, mail_text(name, language))


@bp.post("/mail-texts/<name>/<language>")
def save_mail_text(name: str, language: str) -> Response | tuple[str, int]:
    """Keep what was typed."""
    _known(name, language)
    typed = forms.text("text", MOST)
    try:
        write_text(name=name, language=language, text=typed, who=who())
    except InvalidError as error:
        return _render(name, language, typed, FieldErrors(error.fields, _("Not saved yet."))), 422
    return redirect(url_for("mailroom.mail_texts", language=language, said="saved"))


@bp.post("/mail-texts/<name>/<language>/preview")
def preview_mail_text(name: str, language: str) -> Response | str:
    """Show how what was typed would look; keeps nothing."""
    _known(name, language)
    typed = forms.text("text", MOST)
    if request.headers.get("X-Fragment"):
        page = _page(name, language, typed, FieldErrors())
        return make_response(render_template("mailroom/_preview.html", page=page))
    return _render(name, language, typed)


@bp.post("/mail-texts/<name>/<language>/reset")
def reset_mail_text(name: str, language: str) -> Response:
    """Take our own words again."""
    _known(name, language)
    reset_text(name=name, language=language, who=who())
    return redirect(url_for("mailroom.mail_texts", language=language, said="reset"))


def _known(name: str, language: str) -> None:
    if name not in TEXTS or language not in LANGUAGES or (name not in FOR_CUSTOMERS and language != "en"):
        raise NotFoundError(_("There is no such text."))


def _first() -> str:
    """Return the language of the first mailbox."""
    boxes = mailboxes()
    return boxes[0].language if boxes and boxes[0].language in LANGUAGES else "en"


def _render(name: str, language: str, typed: str, errors: FieldErrors | None = None) -> str:
    return render_template(
        "mailroom/text.html",
        page=_page(name, language, typed, errors or FieldErrors()),
        nav=nav_for(current_viewer(), "mailboxes"),
    )


def _page(name: str, language: str, typed: str, errors: FieldErrors) -> TextPage:
    text, (title, when) = TEXTS[name], _titles()[name]
    return TextPage(
        name=name,
        language=language,
        language_words=LANGUAGES[language],
        title=title,
        when=when,
        text=typed,
        ours=ours(name, language),
        one_line=text.one_line,
        most_chars=text.most_chars,
        written=(name, language) in written_texts(),
        placeholders=tuple(
            PlaceholderLine(f"{{{one}}}", *explained(one), needed=one in text.needs)
            for one in text.placeholders
        ),
        preview=_preview(name, language, typed),
        errors=errors,
    )


def _preview(name: str, language: str, typed: str) -> Preview:
    """Return a text with examples filled in, as HTML shows it and as plain text."""
    text = TEXTS[name]
    wrong = problem(typed, text.placeholders, text.needs, text.most_chars)
    values = {one: explained(one)[1] for one in text.placeholders}
    values |= {"desk_name": desk().name} if "desk_name" in values else {}
    filled = fill(typed.replace(LINK, ""), values | ({"link": LINK} if "link" in values else {}))
    return Preview(
        wrong=wrong,
        blocks=blocks(filled),
        plain=filled.replace(LINK, explained("link")[1]),
        link_label=LINK_LABEL.get(language, LINK_LABEL["en"]),
    )
