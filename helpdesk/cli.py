"""The `helpdesk` command. Every verb has `--help` with an example; errors say what to do, and exit 1 or 2."""

import sys
from pathlib import Path

import click
from flask import Flask
from flask.cli import FlaskGroup
from flask_migrate import upgrade
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError

from helpdesk.app import create_app, migrations_folder
from helpdesk.backup import backup, release, restore_command
from helpdesk.core.desk import desk
from helpdesk.core.errors import HelpdeskError
from helpdesk.core.jobs.runner import run_all
from helpdesk.core.running import settings as running_settings
from helpdesk.demo import fill
from helpdesk.demo.remove import demo
from helpdesk.doctor import doctor
from helpdesk.fsck import fsck
from helpdesk.moving import move_to
from helpdesk.settings import Settings
from helpdesk.setup.queries import nobody
from helpdesk.setup.scripts import tell_code
from helpdesk.supervisor import Supervisor, check_port
from helpdesk.web_server import serve
from helpdesk.worker import Worker, rq_worker, until_signal


def _app() -> Flask:
    return create_app()


class Words(FlaskGroup):
    """The command group; our own errors become one plain line."""

    def invoke(self, ctx: click.Context) -> object:
        """Run a verb."""
        try:
            return super().invoke(ctx)
        except HelpdeskError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            words = str(error.orig)
            if "no such table" in words or "no such column" in words or "does not exist" in words:
                words = "The database is not at this release yet. Run: helpdesk migrate"
            raise click.ClickException(words) from error


cli = Words(
    create_app=_app,
    add_default_commands=False,
    add_version_option=False,
    load_dotenv=False,
    set_debug_flag=False,
)
cli.params = [p for p in cli.params if p.name not in {"env_file", "app"}]
cli.help = "A support help desk: mail and forms in, answers out, every due time explained."


@cli.command("up")
@click.option("--demo", is_flag=True, help="Fill an empty desk with a believable small shop.")
def up(*, demo: bool) -> None:
    """Migrate, then run web and worker until Ctrl-C.

    Example: helpdesk up --demo
    """
    settings = running_settings()
    for host, port in (
        (settings.host, settings.port),
        (settings.mail_listen_host, settings.smtp_listen_port),
    ):
        if port and not check_port(host, port):
            raise click.ClickException(
                f"Port {port} on {host} is taken. Set HELPDESK_PORT or HELPDESK_SMTP_LISTEN_PORT to another."
            )
    _migrate()
    if (demo or desk().demo) and settings.host not in {"127.0.0.1", "::1", "localhost"}:
        raise click.ClickException("A demo desk listens on this machine only. Unset HELPDESK_HOST.")
    if demo:
        fill.first_start(click.echo)
    fill.tell(click.echo)
    if nobody():
        tell_code(click.echo)
    sys.exit(Supervisor(settings).run())


@cli.command("web")
def web() -> None:
    """Run the web server alone.

    Example: HELPDESK_PORT=8080 helpdesk web
    """
    serve(running_settings())


@cli.command("worker")
@click.option("--mail/--no-mail", default=True, show_default=True, help="Open the mail listeners too.")
def worker(*, mail: bool) -> None:
    """Run a worker alone: outbox, timers and mail.

    Example: helpdesk worker --no-mail
    """
    until_signal(Worker(create_app(running_settings()), running_settings(), mail=mail))


@cli.command("rq-worker")
def rq() -> None:
    """Answer rings from Redis (needs HELPDESK_REDIS_URL); run beside a worker.

    Example: helpdesk rq-worker
    """
    if not running_settings().redis_url:
        raise click.ClickException("No Redis is set. Set HELPDESK_REDIS_URL, or use: helpdesk worker")
    rq_worker(running_settings())


@cli.command("run-due")
def run_due() -> None:
    """Run everything that is due, then end.

    Example: helpdesk run-due
    """
    click.echo(f"{run_all()} done.")


@cli.command("migrate")
def migrate() -> None:
    """Bring the database to this release.

    Example: helpdesk migrate
    """
    _migrate()
    click.echo("The database is up to date.")


for verb in (doctor, fsck, backup, restore_command, release, move_to, demo):
    cli.add_command(verb)


@cli.command("settings")
def settings_list() -> None:
    """List every setting with its meaning and default.

    Example: helpdesk settings
    """
    for name, field in Settings.model_fields.items():
        default = "" if "password" in name else field.default
        click.echo(f"HELPDESK_{name.upper():<22} {field.description}  [default: {default}]")


def _migrate() -> None:
    folder = Path(migrations_folder())
    upgrade(directory=str(folder))


def main() -> None:
    """Run the command line."""
    try:
        cli(prog_name="helpdesk")
    except ValidationError as error:
        for problem in error.errors():
            where = "HELPDESK_" + "_".join(str(x) for x in problem["loc"]).upper()
            click.echo(f"{where}: {problem['msg']}", err=True)
        sys.exit(2)
