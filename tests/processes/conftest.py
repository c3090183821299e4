"""Installations of the help desk on databases of their own; on SQLite unless a test asks for more."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from helpdesk.app import create_app
from helpdesk.core.db import db
from helpdesk.settings import Settings
from tests.making import Desk
from tests.processes.installation import Installation, installation
from tests.services import process
from tests.services.smtp_sink import SmtpSink


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """SQLite unless the test says otherwise."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def installed(
    desk_settings: Callable[..., Settings], smtp_sink: SmtpSink, tmp_path: Path
) -> Iterator[Installation]:
    """A migrated desk with a mailbox, two teams and an administrator; nothing runs yet."""
    settings = desk_settings(
        smtp_listen_port=process.free_port(),
        port=process.free_port(),
        smtp_host=smtp_sink.host,
        smtp_port=smtp_sink.port,
        smtp_security="none",
        log_level="info",
        ack_per_hour=10_000,
    )
    with installation(settings, tmp_path) as made:
        yield made


@pytest.fixture
def desk(installed: Installation) -> Iterator[Desk]:
    """The same desk from inside, in this process, on the same database."""
    app = create_app(installed.settings)
    with app.app_context():
        yield Desk.set_up(app)
        db.session.remove()
        db.engine.dispose()
