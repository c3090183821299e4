"""two-factor sign-in, mailed ways in, counted tries; a notice may hold a sealed link"""

import sqlalchemy as sa
from alembic import op

from helpdesk.core.tables import UtcDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("agents") as batch:
        batch.add_column(sa.Column("totp_secret", sa.Text(), nullable=True))
        batch.add_column(sa.Column("totp_on_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("totp_step", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("notices") as batch:
        batch.add_column(sa.Column("sealed", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "agent_recovery_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"],
            ["agents.id"],
            name=op.f("fk_agent_recovery_codes_agent_id_agents"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_recovery_codes")),
        sa.UniqueConstraint("digest", name=op.f("uq_agent_recovery_codes_digest")),
    )
    op.create_index(
        op.f("ix_agent_recovery_codes_agent_id"), "agent_recovery_codes", ["agent_id"], unique=False
    )
    op.create_table(
        "agent_tokens",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("agent_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agents.id"], name=op.f("fk_agent_tokens_agent_id_agents"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agent_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_agent_tokens_digest")),
    )
    op.create_index(op.f("ix_agent_tokens_agent_id"), "agent_tokens", ["agent_id"], unique=False)
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
    )
    op.create_index(op.f("ix_sign_in_tries_since"), "sign_in_tries", ["since"], unique=False)


def downgrade() -> None:
    op.drop_table("sign_in_tries")
    op.drop_table("agent_tokens")
    op.drop_table("agent_recovery_codes")
    with op.batch_alter_table("notices") as batch:
        batch.drop_column("sealed")
    with op.batch_alter_table("agents") as batch:
        batch.drop_column("totp_step")
        batch.drop_column("totp_on_at")
        batch.drop_column("totp_secret")
