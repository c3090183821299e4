"""The shop's half year."""

from collections.abc import Callable
from helpdesk.core.db import command
from helpdesk.core.desk import set_desk
from helpdesk.mailboxes.commands import add_mailbox
from helpdesk.people.commands import add_agent, add_team
from helpdesk.people.rights import Role, Scope


@command
def tell_story(*, password: str, say: Callable[[str], None]) -> str:
    """Fill."""
    set_desk(name="Tidemark Outfitters", zone="Europe/Berlin")
    team = add_team(name="Orders and delivery", icon="truck")
    add_mailbox(address="support@tidemark.example", sender_name="Tidemark Outfitters", team_id=team)
    add_agent(
        name="Joana Melo",
        email="joana@tidemark.example",
        password=password,
        role=Role.ADMIN,
        team_ids=(team,),
    )
    add_agent(
        name="Mara Kühn", email="mara@tidemark.example", password=password, role=Role.AGENT, team_ids=(team,)
    )
    return "ok"
