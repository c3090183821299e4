"""acts on many tickets"""

import sqlalchemy as sa
from alembic import op

from helpdesk.core.tables import JsonText, UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bulk_acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("rest", JsonText(), nullable=False),
        sa.Column("done", JsonText(), nullable=False),
        sa.Column("left", JsonText(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_bulk_acts_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_acts")),
    )
    op.create_index(op.f("ix_bulk_acts_agent_id"), "bulk_acts", ["agent_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_bulk_acts_agent_id"), table_name="bulk_acts")
    op.drop_table("bulk_acts")
