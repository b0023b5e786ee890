"""What things are called, wherever staff read them: one name for one thing (U16)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy

from accord.service.episodes.rules import State

if TYPE_CHECKING:
    pass


TRACKS = {
    "risk": gettext_lazy("Safety"),
    "health": gettext_lazy("Health"),
    "change": gettext_lazy("Getting worse"),
    "silence": gettext_lazy("Quiet"),
    "safeguarding": gettext_lazy("Safeguarding"),
}
TIERS = {
    "r3": gettext_lazy("highest, act at once"),
    "r2": gettext_lazy("high, act within the hour"),
    "r1": gettext_lazy("watch, one working day"),
    "d2": gettext_lazy("a doctor should see this, two working days"),
    "d1": gettext_lazy("this week"),
    "i1": gettext_lazy("one working day"),
    "i2": gettext_lazy("one working day"),
    "safe": gettext_lazy("high, act within the hour"),
}
MODES = {
    "phone": gettext_lazy("telephone"),
    "message": gettext_lazy("message"),
    "video": gettext_lazy("video"),
    "in-person": gettext_lazy("in person"),
}
OUTCOMES = {
    "reached": gettext_lazy("reached"),
    "left-message": gettext_lazy("left a message"),
    "not-reached": gettext_lazy("not reached"),
}
REASONS = {
    "reached-and-safe": gettext_lazy("Reached; safe, and what to do next is agreed"),
    "urgent-help-came": gettext_lazy("Emergency or crisis help has arrived"),
    "handed-over": gettext_lazy("Handed over, and the other side confirmed"),
    "answered-by-mistake": gettext_lazy("Answered by mistake, confirmed in person"),
    "not-reached-letter": gettext_lazy("Not reached after three attempts; letter sent"),
    "other": gettext_lazy("Another reason, in the note"),
}
STATES = {
    State.REFERRED: gettext_lazy("referred"),
    State.SCREENING: gettext_lazy("answering the first questions"),
    State.NOT_ELIGIBLE: gettext_lazy("not eligible"),
    State.ELIGIBLE: gettext_lazy("eligible, not yet consented"),
    State.CONSENTED: gettext_lazy("consented"),
    State.ENROLLED: gettext_lazy("enrolled"),
    State.STOPPED: gettext_lazy("ended the treatment, still answers"),
    State.DISCHARGED: gettext_lazy("discharged"),
    State.WITHDRAWN: gettext_lazy("withdrew"),
}
FILTERS = {
    "needs": gettext_lazy("Needs somebody"), "mine": gettext_lazy("Mine"), "covered": gettext_lazy("Covered"),
    "not-started": gettext_lazy("Not started"), "quiet": gettext_lazy("Quiet"), "all": gettext_lazy("All I may see"),
}  # fmt: skip
FIRST = {"bpi_interference.total": 0, "phq_9.total": 1}  # what a row of a list shows first
TIME_POINTS = {
    "screening": gettext_lazy("Screening"), "baseline": gettext_lazy("First questions (baseline)"),
    "weekly": gettext_lazy("Weekly check-in"), "mid": gettext_lazy("Half way"),
    "post": gettext_lazy("After the programme"), "follow_up": gettext_lazy("Three months after"),
}  # fmt: skip
MAILS = {
    "assessment-due": gettext_lazy("Questions are open"), "lesson-open": gettext_lazy("A lesson has opened"),
    "lesson-waiting": gettext_lazy("A lesson waits"), "message-of-the-week": gettext_lazy("The message of the week"),
    "message-waiting": gettext_lazy("A message waits"), "flare-over": gettext_lazy("After a flare"),
    "session-changed": gettext_lazy("A session was planned or moved"),
    "confirm-referral": gettext_lazy("Confirm the referral"), "person-assigned": gettext_lazy("Your therapist"),
}  # fmt: skip
