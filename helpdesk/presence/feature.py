"""Presence: two people do not answer the same customer without knowing of each other (L12)."""

from helpdesk.core.feature import Feature
from helpdesk.presence.web import bp, stamp, strip

feature = Feature(name="presence", blueprints=(bp,), panels={"ticket.strips": strip, "ticket.stamp": stamp})
