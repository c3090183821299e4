"""The customer's pages."""

from helpdesk.core.feature import Feature
from helpdesk.portal.web import bp

feature = Feature(name="portal", blueprints=(bp,))
