"""The first run: from an empty database to a desk of one's own, on pages that a one-time code opens."""
