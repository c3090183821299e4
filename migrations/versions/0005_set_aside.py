"""mail set aside: its cause, what could be read of it, and being read again; audits of folders"""

import sqlalchemy as sa
from alembic import op

from helpdesk.core.tables import JsonText, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_retries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("upto_id", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agents.id"], name=op.f("fk_mail_retries_agent_id_agents")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_retries")),
    )
    op.create_table(
        "mail_audits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=True),
        sa.Column("on_server", sa.Integer(), nullable=False),
        sa.Column("before_us", sa.Integer(), nullable=False),
        sa.Column("held", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("missing", JsonText(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["imap_sources.id"],
            name=op.f("fk_mail_audits_source_id_imap_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_audits")),
    )
    op.create_index("ix_mail_audits_newest", "mail_audits", ["source_id", "id"], unique=False)
    with op.batch_alter_table("inbound_mails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cause", sa.String(length=40), server_default="", nullable=False))
        batch_op.add_column(sa.Column("preview", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("kept_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("retry_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_inbound_mails_retry_id"), ["retry_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_inbound_mails_retry_id_mail_retries"), "mail_retries", ["retry_id"], ["id"]
        )


def downgrade() -> None:
    with op.batch_alter_table("inbound_mails", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_inbound_mails_retry_id_mail_retries"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_inbound_mails_retry_id"))
        batch_op.drop_column("retry_id")
        batch_op.drop_column("kept_at")
        batch_op.drop_column("preview")
        batch_op.drop_column("cause")
    op.drop_index("ix_mail_audits_newest", table_name="mail_audits")
    op.drop_table("mail_audits")
    op.drop_table("mail_retries")
