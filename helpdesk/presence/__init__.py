"""Presence: who else is at a ticket right now, reading or writing."""
