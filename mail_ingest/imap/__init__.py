"""Fetching by IMAP: by cursor, never by read marks; stored before anything is understood (M4)."""
