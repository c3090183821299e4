"""People: sign-in pages and the commands that set people up."""

import click

from helpdesk.core.audit import PROGRAM
from helpdesk.core.feature import Feature, Timer
from helpdesk.people.commands import add_agent, add_team, set_password, stop_two_factor, tidy_ways_in
from helpdesk.people.jobs import JOBS
from helpdesk.people.queries import agent_id_of_address
from helpdesk.people.rights import Role, Scope
from helpdesk.people.web import bp

agent = click.Group("agent", help="The people at the desk.")
team = click.Group("team", help="The teams they work in.")


@agent.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Name customers and colleagues see.")
@click.option("--role", type=click.Choice([r.value for r in Role]), default=Role.AGENT, show_default=True)
@click.option("--scope", type=click.Choice([s.value for s in Scope]), default=Scope.ALL, show_default=True)
@click.option("--team", "team_ids", type=int, multiple=True, help="Id of a team; may be repeated.")
@click.password_option(help="At least ten characters; asked for when left out.")
def agent_add(email: str, name: str, role: str, scope: str, team_ids: tuple[int, ...], password: str) -> None:
    """Add a person who can sign in.

    Example: helpdesk agent add mara@shop.example --name "Mara Kühn" --role admin
    """
    made = add_agent(
        name=name, email=email, password=password, role=Role(role), scope=Scope(scope), team_ids=team_ids
    )
    click.echo(f"Agent {made}: {name} <{email}>, {role}.")


@agent.command("password")
@click.argument("email")
@click.password_option()
def agent_password(email: str, password: str) -> None:
    """Set somebody's password; ends all their sessions.

    Example: helpdesk agent password mara@shop.example
    """
    found = agent_id_of_address(email)
    if found is None:
        raise click.ClickException(f"No agent has the address {email}.")
    set_password(agent_id=found, password=password)
    click.echo("Password set. Every session has ended.")


@agent.command("reset-two-factor")
@click.argument("email")
def agent_reset_two_factor(email: str) -> None:
    """Ask somebody for no code any more: they lost their authenticator and their recovery codes.

    Example: helpdesk agent reset-two-factor mara@shop.example
    """
    found = agent_id_of_address(email)
    if found is None:
        raise click.ClickException(f"No agent has the address {email}.")
    stop_two_factor(agent_id=found, who=PROGRAM)
    click.echo("Two-factor sign-in is off for them. The password alone opens the desk until they set it up.")


@team.command("add")
@click.argument("name")
def team_add(name: str) -> None:
    """Add a team.

    Example: helpdesk team add "Orders and delivery"
    """
    click.echo(f"Team {add_team(name=name)}: {name}.")


feature = Feature(
    name="people",
    blueprints=(bp,),
    commands=(agent, team),
    jobs=JOBS,
    timers=(Timer("tidy ways in", 3600, tidy_ways_in),),
)
