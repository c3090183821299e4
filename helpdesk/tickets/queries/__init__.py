"""Reads about tickets, always through the viewer."""
