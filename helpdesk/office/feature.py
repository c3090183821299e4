"""Settings of people, teams and the desk, the desk's audit, and one's own page."""

from helpdesk.core.feature import Feature
from helpdesk.office.web import bp, me_bp, nav_desk, settings_pages

feature = Feature(
    name="office",
    blueprints=(bp, me_bp),
    panels={"nav.desk": nav_desk, "settings.pages": settings_pages},
)
