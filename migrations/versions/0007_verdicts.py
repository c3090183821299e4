"""what is held and why, senders that were checked, addresses that come back, what is decided about senders"""

import sqlalchemy as sa
from alembic import op

from helpdesk.core.tables import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sender_rules",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=254), nullable=False),
        sa.Column("mailbox_id", sa.Integer(), nullable=True),
        sa.Column("reject", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("added_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["agents.id"], name=op.f("fk_sender_rules_added_by_agents")),
        sa.ForeignKeyConstraint(
            ["mailbox_id"],
            ["mailboxes.id"],
            name=op.f("fk_sender_rules_mailbox_id_mailboxes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sender_rules")),
        sa.UniqueConstraint("kind", "key", "mailbox_id", name=op.f("uq_sender_rules_kind_key_mailbox_id")),
    )
    op.create_index(op.f("ix_sender_rules_key"), "sender_rules", ["key"], unique=False)
    with op.batch_alter_table("inbound_mails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("let_in", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("alarmed_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_why", sa.String(length=16), server_default="", nullable=False))
        batch_op.add_column(sa.Column("held_alarmed_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("sender_check", sa.String(length=4), server_default="", nullable=False))
        batch_op.add_column(sa.Column("forwarded_by", sa.Integer(), nullable=True))
    op.execute("UPDATE messages SET held_why = 'stranger' WHERE kind = 'held'")
    with op.batch_alter_table("contact_addresses", schema=None) as batch_op:
        batch_op.add_column(sa.Column("bounced_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("bounce_kind", sa.String(length=4), server_default="", nullable=False))
        batch_op.add_column(
            sa.Column("bounce_words", sa.String(length=300), server_default="", nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("contact_addresses", schema=None) as batch_op:
        batch_op.drop_column("bounce_words")
        batch_op.drop_column("bounce_kind")
        batch_op.drop_column("bounced_at")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("forwarded_by")
        batch_op.drop_column("sender_check")
        batch_op.drop_column("held_alarmed_at")
        batch_op.drop_column("held_why")
    with op.batch_alter_table("inbound_mails", schema=None) as batch_op:
        batch_op.drop_column("alarmed_at")
        batch_op.drop_column("let_in")
    op.drop_index(op.f("ix_sender_rules_key"), table_name="sender_rules")
    op.drop_table("sender_rules")
