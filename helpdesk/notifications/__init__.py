"""Notifications: what people of the desk should hear about the tickets they care for, here and by mail."""
