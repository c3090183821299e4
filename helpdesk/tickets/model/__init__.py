"""Tables of tickets; each concern has its own module."""

from helpdesk.tickets.model.bulk import BulkAct
from helpdesk.tickets.model.canned import Canned
from helpdesk.tickets.model.desk import Draft, TicketRead
from helpdesk.tickets.model.fields import CustomField, TicketField
from helpdesk.tickets.model.message import Attachment, Message
from helpdesk.tickets.model.relations import Follower, Tag, TicketLink, TicketTag
from helpdesk.tickets.model.sending import ScheduledReply
from helpdesk.tickets.model.ticket import Participant, Ticket, TicketEvent

__all__ = [
    "Attachment",
    "BulkAct",
    "Canned",
    "CustomField",
    "Draft",
    "Follower",
    "Message",
    "Participant",
    "ScheduledReply",
    "Tag",
    "Ticket",
    "TicketEvent",
    "TicketField",
    "TicketLink",
    "TicketRead",
    "TicketTag",
]
