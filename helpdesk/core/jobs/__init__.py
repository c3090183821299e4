"""Work that happens after a commit: the outbox is the truth, bells only wake who reads it."""
