"""the search index: FTS5 on SQLite, a tsvector on PostgreSQL; filled by a timer"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

FTS = """CREATE VIRTUAL TABLE ticket_index USING fts5(
    head, body, files, tokenize = 'unicode61 remove_diacritics 0', prefix = '2 3')"""

TABLE = """CREATE TABLE ticket_index (
    ticket_id INTEGER PRIMARY KEY REFERENCES tickets (id) ON DELETE CASCADE,
    head TEXT NOT NULL,
    body TEXT NOT NULL,
    files TEXT NOT NULL,
    words TSVECTOR GENERATED ALWAYS AS (
        to_tsvector('simple', head) || to_tsvector('simple', body) || to_tsvector('simple', files)) STORED)"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(FTS)
        return
    op.execute(TABLE)
    op.execute("CREATE INDEX ix_ticket_index_words ON ticket_index USING gin (words)")


def downgrade() -> None:
    op.execute("DROP TABLE ticket_index")
