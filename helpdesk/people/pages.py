"""What the pages at the door need to be drawn."""

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


@dataclass(frozen=True, slots=True)
class CodePage:
    """people/code.html: the second step of signing in. `step` is who passed the first, sealed."""

    step: str
    next_url: str
    form_token: str
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class ForgottenPage:
    """people/forgotten.html: ask for a link to a new password. `asked`: the one answer there is."""

    form_token: str
    asked: bool = False
    errors: FieldErrors = field(default_factory=FieldErrors)


@dataclass(frozen=True, slots=True)
class WelcomePage:
    """people/welcome.html: a password by a mailed link."""

    invited: bool
    name: str
    email: str
    min_chars: int
    form_token: str
    errors: FieldErrors = field(default_factory=FieldErrors)
