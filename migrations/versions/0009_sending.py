"""replies that wait to go out, and the files of drafts"""

import sqlalchemy as sa
from alembic import op

from helpdesk.core.tables import JsonText, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scheduled_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("files", JsonText(), nullable=False),
        sa.Column("recipients", JsonText(), nullable=False),
        sa.Column("then_state", sa.String(length=10), nullable=True),
        sa.Column("seen_seq", sa.Integer(), nullable=True),
        sa.Column("later", sa.Boolean(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("send_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("why", sa.String(length=300), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_scheduled_replies_agent_id_agents")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"],
            ["tickets.id"],
            name=op.f("fk_scheduled_replies_ticket_id_tickets"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scheduled_replies")),
    )
    op.create_index(op.f("ix_scheduled_replies_agent_id"), "scheduled_replies", ["agent_id"], unique=False)
    op.create_index(
        "ix_scheduled_replies_ticket_id_state", "scheduled_replies", ["ticket_id", "state"], unique=False
    )
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("files", JsonText(), server_default="[]", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("drafts", schema=None) as batch_op:
        batch_op.drop_column("files")
    op.drop_index("ix_scheduled_replies_ticket_id_state", table_name="scheduled_replies")
    op.drop_index(op.f("ix_scheduled_replies_agent_id"), table_name="scheduled_replies")
    op.drop_table("scheduled_replies")
