"""Alembic's environment: one history for SQLite and PostgreSQL.

On SQLite foreign keys are off while tables are rebuilt (batch mode drops and recreates them, and with
cascades on that would empty their children) and checked before the commit (contracts 7).
"""

import sqlalchemy as sa
from alembic import context
from flask import current_app

import helpdesk.core.models  # noqa: F401 - the ground floor's tables; features bring their own
from helpdesk.core.tables import Base, JsonText, UtcDateTime

config = context.config


def render_item(kind, item, autogen_context):
    """Write our types by name."""
    if kind == "type" and isinstance(item, (UtcDateTime, JsonText)):
        autogen_context.imports.add("from helpdesk.core.tables import JsonText, UtcDateTime")
        return f"{type(item).__name__}()"
    return False


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    sqlite = engine.dialect.name == "sqlite"
    with engine.connect() as opened:
        connection = opened.execution_options(writing=sqlite)
        if sqlite:
            raw = connection.connection.driver_connection
            raw.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            render_item=render_item,
            render_as_batch=True,
            compare_type=True,
            include_name=lambda name, kind, _parents: (
                kind != "table" or not str(name).startswith("ticket_index")
            ),
            transactional_ddl=True,
        )
        with context.begin_transaction():
            context.run_migrations()
            if sqlite:
                broken = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
                if broken:
                    raise RuntimeError(f"the migration would break references: {broken[:5]}")
        if sqlite:
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
