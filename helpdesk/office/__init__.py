"""Settings of people, teams and the desk, what was changed about them, and one's own page."""
