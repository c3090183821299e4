"""The conversation: tickets, messages, notes, and the log that everything else is computed from."""
