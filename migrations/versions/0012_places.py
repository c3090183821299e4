"""where on a server a mail was found names the server too: two servers may count alike"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

BEFORE = "uq_inbound_mails_mailbox_id_folder_uidvalidity_uid"
AFTER = "uq_inbound_mails_mailbox_id_imap_source_id_folder_uidvalidity_uid"


def upgrade() -> None:
    with op.batch_alter_table("inbound_mails", schema=None) as batch_op:
        batch_op.add_column(sa.Column("imap_source_id", sa.Integer(), nullable=True))
        batch_op.drop_constraint(op.f(BEFORE), type_="unique")
        batch_op.create_unique_constraint(
            op.f(AFTER), ["mailbox_id", "imap_source_id", "folder", "uidvalidity", "uid"]
        )
    op.execute(
        "UPDATE inbound_mails SET imap_source_id = (SELECT max(id) FROM imap_sources"
        " WHERE imap_sources.mailbox_id = inbound_mails.mailbox_id) WHERE uid IS NOT NULL"
    )


def downgrade() -> None:
    with op.batch_alter_table("inbound_mails", schema=None) as batch_op:
        batch_op.drop_constraint(op.f(AFTER), type_="unique")
        batch_op.create_unique_constraint(op.f(BEFORE), ["mailbox_id", "folder", "uidvalidity", "uid"])
        batch_op.drop_column("imap_source_id")
