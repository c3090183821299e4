"""What the sign-in page needs to be drawn."""

from dataclasses import dataclass, field

from helpdesk.core.pages import FieldErrors


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """Somebody to sign in as on a demonstration desk."""

    email: str
    password: str
    words: str


@dataclass(frozen=True, slots=True)
class SignInPage:
    """people/sign_in.html. `form_token` guards the form before there is a session."""

    email: str = ""
    next_url: str = ""
    errors: FieldErrors = field(default_factory=FieldErrors)
    form_token: str = ""
    notice: str = ""
    demo_accounts: tuple[DemoAccount, ...] = ()
