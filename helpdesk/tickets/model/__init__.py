"""Tables of tickets; each concern has its own module."""

from helpdesk.tickets.model.bulk import BulkAct
from helpdesk.tickets.model.canned import Canned
from helpdesk.tickets.model.desk import Draft, TicketRead
from helpdesk.tickets.model.fields import CustomField, TicketField
from helpdesk.tickets.model.message import Attachment, Message
from helpdesk.tickets.model.relations import Follower, Tag, TicketLink, TicketTag
from helpdesk.tickets.model.sending import ScheduledReply
from helpdesk.tickets.model.ticket import Participant, Ticket, TicketEvent
from helpdesk.tickets.model.views import SavedView

__all__ = [
    "Attachment",
    "BulkAct",
    "Canned",
    "CustomField",
    "Draft",
    "Follower",
    "Message",
    "Participant",
    "SavedView",
    "ScheduledReply",
    "Tag",
    "Ticket",
    "TicketEvent",
    "TicketField",
    "TicketLink",
    "TicketRead",
    "TicketTag",
]
