"""The first run: its pages, and the code that opens them."""

from helpdesk.core.feature import Feature
from helpdesk.setup.scripts import setup_code
from helpdesk.setup.web import bp, steps_bp

feature = Feature(name="setup", blueprints=(bp, steps_bp), commands=(setup_code,))
