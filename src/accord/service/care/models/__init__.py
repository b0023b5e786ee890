"""The tables of this room, by story."""

from accord.service.care.models.alerts import Alert, AlertStep, Decided, Flag, SupportStep
from accord.service.care.models.contacts import Contact, Note, Session, SessionStep
from accord.service.care.models.events import Complaint, ComplaintStep, Harm, Rescue
from accord.service.care.models.groups import Attendance, Group, GroupLeader, GroupMember, Meeting, MeetingStep

__all__ = [
    "Alert",
    "AlertStep",
    "Attendance",
    "Complaint",
    "ComplaintStep",
    "Contact",
    "Decided",
    "Flag",
    "Group",
    "GroupLeader",
    "GroupMember",
    "Harm",
    "Meeting",
    "MeetingStep",
    "Note",
    "Rescue",
    "Session",
    "SessionStep",
    "SupportStep",
]
