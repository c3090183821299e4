"""A believable small shop to try the desk with; marked as demo, on this machine only."""
