"""A support help desk: mail and forms in, answers out, every due time explained."""
