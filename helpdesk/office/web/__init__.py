"""Settings pages of people and the desk. Each module adds its views to the blueprint."""

from helpdesk.office.web import audit, desk, index, people, teams
from helpdesk.office.web.blueprint import bp, nav_desk, settings_pages
from helpdesk.office.web.me import me_bp

__all__ = ["audit", "bp", "desk", "index", "me_bp", "nav_desk", "people", "settings_pages", "teams"]
