"""Who is asking: the signed-in viewer of this request, and the guard in front of agents' pages."""

from collections.abc import Callable

from flask import Blueprint, Flask, Request, g, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required
from flask_login.config import EXEMPT_METHODS
from werkzeug.wrappers import Response

from helpdesk.core.clock import now
from helpdesk.core.errors import ForbiddenError
from helpdesk.core.running import settings
from helpdesk.core.web.errors import wants_json
from helpdesk.core.web.sessions import COOKIE
from helpdesk.people.commands import session_digest, touch_session
from helpdesk.people.queries import viewer_of_session
from helpdesk.people.rights import Right, Viewer

__all__ = ["current_viewer", "guard", "init_app", "viewer_or_none"]


class SignedIn(UserMixin):  # type: ignore[misc] # Flask-Login carries no types
    """The viewer as Flask-Login wants a user."""

    def __init__(self, viewer: Viewer, digest: str) -> None:
        self.viewer = viewer
        self.digest = digest

    def get_id(self) -> str:
        """Return the agent's id."""
        return str(self.viewer.id)


def init_app(app: Flask) -> None:
    """Let Flask-Login find the viewer by the session cookie."""
    manager = LoginManager()
    manager.session_protection = None
    manager.init_app(app)

    @manager.request_loader
    def load(asked: Request) -> SignedIn | None:
        secret = asked.cookies.get(COOKIE, "")
        if not secret or len(secret) > 200:
            return None
        digest = session_digest(secret)
        viewer = viewer_of_session(digest, now(), settings().session_days)
        return None if viewer is None else SignedIn(viewer, digest)

    @manager.unauthorized_handler
    def sign_in_first() -> Response:
        if wants_json() or request.headers.get("HX-Request") or request.headers.get("X-Fragment"):
            raise ForbiddenError("Your sign-in has ended. Sign in again; what you typed is kept.")
        back = request.full_path.rstrip("?") if request.method == "GET" else None
        return redirect(url_for("people.sign_in", next=back))


def viewer_or_none() -> Viewer | None:
    """Return who is signed in, if anybody."""
    return current_user.viewer if current_user and current_user.is_authenticated else None


def current_viewer() -> Viewer:
    """Return who is signed in.

    Raises:
        ForbiddenError: nobody is; a route without a guard asked.
    """
    viewer = viewer_or_none()
    if viewer is None:
        raise ForbiddenError("Sign in first.")
    return viewer


def guard(blueprint: Blueprint, right: Right | Callable[[Viewer], bool] = Right.READ) -> None:
    """Let only signed-in agents with `right` reach the routes of `blueprint`; others get 404 or sign in."""

    @blueprint.before_request
    @login_required
    def check() -> None:
        viewer = current_viewer()
        if not (viewer.may(right) if isinstance(right, Right) else right(viewer)):
            raise ForbiddenError("Your role cannot open this page. An administrator can change that.")
        if request.method not in EXEMPT_METHODS | {"GET", "HEAD"} and not getattr(g, "touched", False):
            g.touched = True
            touch_session(digest=current_user.digest)
