"""Bytes on a wire become one message on one ticket: fetch, store, read, match, deliver."""
