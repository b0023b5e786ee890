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
from accord.service.care.queries.caseload import ENDED, CaseRow, caseload
from accord.service.care.queries.contacts import contacts_of
from accord.service.care.queries.deciding import (
    KNOWN,
    calendar_for,
    ladder_for,
    ladder_of,
    last_tier,
    last_tiers,
    reply_due,
)
from accord.service.care.queries.one_alert import AlertPage, Told, alert_page, alerts_of

__all__ = [
    "ENDED", "KNOWN", "AlertPage", "CaseRow", "Standing", "Told", "alert_page", "alerts_of", "calendar_for",
    "caseload", "contacts_of", "done", "escalations_due", "ladder_for", "ladder_of", "last_tier", "last_tiers",
    "may_see", "open_alerts", "open_alerts_of", "owned_open_alerts", "raised_on", "reply_due", "standing",
    "unanswered_help_now", "urgency", "wanted",
]  # fmt: skip
