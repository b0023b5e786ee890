"""Reads of this room: alerts and where they stand, what is due, who needs somebody. Scoped to who asks.

Those without an `asker` answer flows and the clock, never a page.
"""

from accord.service.care.queries.alerts import (
    Standing,
    done,
    escalations_due,
    may_see,
    open_alerts,
    open_alerts_of,
    owned_open_alerts,
    raised_on,
    standing,
    unanswered_help_now,
    urgency,
    wanted,
)
from accord.service.care.queries.alliance import alliance_visible
from accord.service.care.queries.caseload import ENDED, CaseRow, caseload
from accord.service.care.queries.complaints import (
    ComplaintPage,
    ComplaintRow,
    complaint_page,
    complaints_at,
    counted_by_about,
    own_complaints,
)
from accord.service.care.queries.contacts import contacts_of, last_reached
from accord.service.care.queries.deciding import (
    KNOWN,
    calendar_for,
    ladder_for,
    ladder_of,
    last_tier,
    last_tiers,
    reply_due,
    told_to_her,
)
from accord.service.care.queries.groups import (
    GroupMeeting,
    GroupPage,
    GroupRow,
    Present,
    Sheet,
    begun_members,
    episodes_of_group,
    first_begun,
    group_ends,
    group_meetings,
    group_of,
    group_page,
    group_rows,
    groups,
    in_groups,
    last_met,
    led_by,
    meeting_news,
    sheet,
    the_meeting,
)
from accord.service.care.queries.harms import HarmRow, harms_of
from accord.service.care.queries.notes import notes_of
from accord.service.care.queries.one_alert import AlertPage, Told, alert_page, alerts_of
from accord.service.care.queries.rescues import StuckRow, help_wanted, rescues_of, start_and_stay, stuck_row
from accord.service.care.queries.sessions import (
    Meeting,
    happened,
    held_number,
    meetings,
    open_sessions,
    session,
    session_news,
    sessions_between,
    sessions_of,
)
from accord.service.care.queries.silence import Heard, Signs, signs_of
from accord.service.care.queries.support import Flagged, SupportPage, flags_of, support_page, supported, unsettled

__all__ = [
    "ENDED", "KNOWN", "AlertPage", "CaseRow", "ComplaintPage", "ComplaintRow", "Flagged", "GroupMeeting", "GroupPage",
    "GroupRow", "HarmRow", "Heard", "Meeting", "Present", "Sheet", "Signs", "Standing", "StuckRow", "SupportPage",
    "Told", "alert_page", "alerts_of", "alliance_visible", "begun_members", "calendar_for", "caseload",
    "complaint_page", "complaints_at", "contacts_of", "counted_by_about", "done", "episodes_of_group",
    "escalations_due", "first_begun", "flags_of", "group_ends", "group_meetings", "group_of", "group_page",
    "group_rows", "groups", "happened", "harms_of", "held_number", "help_wanted", "in_groups", "ladder_for",
    "ladder_of", "last_met", "last_reached", "last_tier", "last_tiers", "led_by", "may_see", "meeting_news", "meetings",
    "notes_of", "open_alerts", "open_alerts_of", "open_sessions", "own_complaints", "owned_open_alerts", "raised_on",
    "reply_due", "rescues_of", "session", "session_news", "sessions_between", "sessions_of", "sheet", "signs_of",
    "standing", "start_and_stay", "stuck_row", "support_page", "supported", "the_meeting", "told_to_her",
    "unanswered_help_now", "unsettled", "urgency", "wanted",
]  # fmt: skip
