"""canned replies, and what is done when one is sent"""

import sqlalchemy as sa
from alembic import op

from helpdesk.core.tables import JsonText, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "canned",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("shared", sa.String(length=10), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("acts", JsonText(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("last_used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_canned_team_id_teams"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["agents.id"], name=op.f("fk_canned_owner_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned")),
    )
    op.create_index(op.f("ix_canned_owner_id"), "canned", ["owner_id"], unique=False)
    op.create_index(op.f("ix_canned_team_id"), "canned", ["team_id"], unique=False)
    for table in ("drafts", "scheduled_replies"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("acts", JsonText(), nullable=False, server_default="[]"))


def downgrade() -> None:
    for table in ("drafts", "scheduled_replies"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.drop_column("acts")
    op.drop_table("canned")
