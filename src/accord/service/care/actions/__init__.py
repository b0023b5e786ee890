"""Writes of this room: alerts, contacts, sessions, flags, notes. One module for each story.

Nothing here closes by itself. What a rule raises asks for no right, since the flow has checked the right to what it
follows from; everything else asks `by` for the right to act. A step that came twice is one row.
"""

from accord.service.care.actions.complaints import (
    acknowledge_complaint,
    answer_complaint,
    close_complaint,
    make_complaint,
)
from accord.service.care.actions.contacts import log_contact
from accord.service.care.actions.groups import end_group, end_leading, join_group, leave_group, make_group, name_leader
from accord.service.care.actions.handling import acknowledge, add_note, close_alert, confirm_receipt, hand_over_alert
from accord.service.care.actions.harms import record_harm
from accord.service.care.actions.meetings import cancel_meeting, move_meeting, plan_meetings, write_attendance
from accord.service.care.actions.notes import add_note_about
from accord.service.care.actions.raising import raise_alert, raise_alert_by_hand
from accord.service.care.actions.rescues import log_rescue
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
    "acknowledge", "acknowledge_complaint", "add_note", "add_note_about", "alerts_follow", "answer_complaint",
    "cancel_meeting", "cancel_session", "choose_support", "close_alert", "close_complaint", "confirm_receipt",
    "end_group", "end_leading", "escalate", "hand_over_alert", "hold_session", "join_group", "leave_group",
    "log_contact", "log_rescue", "look_again", "make_complaint", "make_group", "miss_session", "move_meeting",
    "move_session", "name_leader", "note_again", "plan_meetings", "plan_session", "raise_alert", "raise_alert_by_hand",
    "raise_flag", "record_harm", "write_attendance",
]  # fmt: skip
