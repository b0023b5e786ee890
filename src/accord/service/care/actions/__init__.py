"""Writes of this room: alerts, contacts. One module for each story.

Nothing here closes by itself. What a rule raises asks for no right, since the flow has checked the right to what it
follows from; everything else asks `by` for the right to act. A step that came twice is one row.
"""

from accord.service.care.actions.contacts import log_contact
from accord.service.care.actions.handling import acknowledge, add_note, close_alert, confirm_receipt, hand_over_alert
from accord.service.care.actions.raising import raise_alert, raise_alert_by_hand
from accord.service.care.actions.rising import alerts_follow, escalate, note_again

__all__ = [
    "acknowledge", "add_note", "alerts_follow", "close_alert", "confirm_receipt", "escalate", "hand_over_alert",
    "log_contact", "note_again", "raise_alert", "raise_alert_by_hand",
]  # fmt: skip
