"""Protocols: what a study or service promises. Load and check one; who is eligible; who is due for what and when.

Knows no data: what people answered is a cohort, what it means an analysis.
"""

from accord.science.protocols.check import CheckReport, check_protocol, inspect_protocol
from accord.science.protocols.due import Due, due
from accord.science.protocols.eligibility import Eligibility, eligible
from accord.science.protocols.load import load_protocol, protocol_document, protocol_hash, protocol_names
from accord.science.protocols.marks import Statement, statements
from accord.science.protocols.model import Protocol
from accord.science.protocols.occasions import Occasion, asked_at, occasions
from accord.science.protocols.schedule import ScheduleRow, schedule, schedule_picture

__all__ = [
    "CheckReport", "Due", "Eligibility", "Occasion", "Protocol", "ScheduleRow", "Statement", "asked_at",
    "check_protocol", "due", "eligible", "inspect_protocol", "load_protocol", "occasions", "protocol_document",
    "protocol_hash", "protocol_names", "schedule", "schedule_picture", "statements",
]  # fmt: skip
