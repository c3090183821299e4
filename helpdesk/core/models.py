"""Every table of the ground floor, so that migrations see them whichever parts an app uses."""

from helpdesk.core.audit import AuditRow
from helpdesk.core.desk import DeskSetting
from helpdesk.core.jobs.outbox import OutboxRow
from helpdesk.core.once import Counter, OnceKey

__all__ = ["AuditRow", "Counter", "DeskSetting", "OnceKey", "OutboxRow"]
