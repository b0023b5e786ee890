"""Writes of this room: alerts, contacts, sessions, flags, notes. One module for each story.

Nothing here closes by itself. What a rule raises asks for no right, since the flow has checked the right to what it
follows from; everything else asks `by` for the right to act. A step that came twice is one row.
"""

from accord.service.care.actions.contacts import log_contact
from accord.service.care.actions.handling import acknowledge, add_note, close_alert, confirm_receipt, hand_over_alert
from accord.service.care.actions.notes import add_note_about
from accord.service.care.actions.raising import raise_alert, raise_alert_by_hand
from accord.service.care.actions.rising import alerts_follow, escalate, note_again
from accord.service.care.actions.sessions import (
    cancel_session,
    hold_session,
    miss_session,
    move_session,
    plan_session,
)
from accord.service.care.actions.support import choose_support, look_again, raise_flag

__all__ = [
    "acknowledge", "add_note", "add_note_about", "alerts_follow", "cancel_session", "choose_support", "close_alert",
    "confirm_receipt", "escalate", "hand_over_alert", "hold_session", "log_contact", "look_again", "miss_session",
    "move_session", "note_again", "plan_session", "raise_alert", "raise_alert_by_hand", "raise_flag",
]  # fmt: skip
