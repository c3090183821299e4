"""HTTP in: another system hands over a raw mail with a token; answered 201 when the mail is durable."""

import hmac

from flask import Blueprint, Response, jsonify, request

from helpdesk.core.errors import ForbiddenError, InvalidError, NotFoundError
from helpdesk.core.running import settings
from helpdesk.mailboxes.queries import mailbox_receiving
from mail_ingest.store import accept

bp = Blueprint("ingress", __name__)


@bp.post("/mail/in")
def take() -> tuple[Response, int]:
    """Keep the raw mail of the body for `?to=ADDRESS`; `?from=` is the envelope sender.

    The token is `Authorization: Bearer ...` (HELPDESK_INGRESS_TOKEN); without one set there is no such page.
    Handing the same mail over again makes nothing twice.
    """
    token = settings().ingress_token.get_secret_value()
    if not token:
        raise NotFoundError("There is no such page.")
    shown = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(token.encode(), shown.encode()):
        raise ForbiddenError("The token is not right.")
    to = request.args.get("to", "")
    box = mailbox_receiving(to)
    if box is None:
        raise InvalidError("No mailbox receives this address.", to="Give an address of a mailbox.")
    raw = request.get_data(cache=False)
    if not raw.strip():
        raise InvalidError("The body is empty; send the raw mail.", body="Send the mail as message/rfc822.")
    kept = accept(
        raw,
        source="http",
        mailbox_id=box.id,
        envelope_from=request.args.get("from", "") or None,
        envelope_to=(to,),
        again=True,
    )
    return jsonify(version=1, id=kept), 201


setattr(take, "machine_door", True)  # noqa: B010 - a mark for the check of foreign forms: machines send no Origin
