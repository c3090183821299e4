"""What can be done to tickets: one function, one transaction; by whom, on which ticket, with what."""
