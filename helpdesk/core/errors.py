"""What may go wrong and be told to a person. The web layer maps these to pages, the CLI to exit codes."""

from http import HTTPStatus


class HelpdeskError(Exception):
    """Base of every error we raise on purpose; `str(error)` is fit to show."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR


class NotFoundError(HelpdeskError):
    """The thing does not exist, or the viewer may not know that it does."""

    status = HTTPStatus.NOT_FOUND


class ForbiddenError(HelpdeskError):
    """The viewer may see the thing, but not do this to it."""

    status = HTTPStatus.FORBIDDEN


class RefusedError(HelpdeskError):
    """The thing exists and the rules forbid this step now."""

    status = HTTPStatus.CONFLICT


class InvalidError(HelpdeskError):
    """The input is malformed; `fields` says where, in words fit to show."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, message: str, **fields: str) -> None:
        super().__init__(message)
        self.fields = fields


class TemporaryError(HelpdeskError):
    """The outside world could not do it now; trying again may help.

    `retry_in_s` is the wait the other side or the rule asks for, in seconds; None: the usual back-off.
    """

    status = HTTPStatus.SERVICE_UNAVAILABLE

    def __init__(self, message: str, *, retry_in_s: int | None = None) -> None:
        super().__init__(message)
        self.retry_in_s = retry_in_s


class PermanentError(HelpdeskError):
    """The outside world refused for good; trying again will not help."""

    status = HTTPStatus.BAD_GATEWAY
