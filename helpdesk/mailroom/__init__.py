"""Where mailboxes are set up, tested and watched: the pages of whoever runs the desk's mail."""
