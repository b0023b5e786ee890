"""Meetings as a calendar file (RFC 5545). A phone shows it on its locked screen, so it names nothing (C41)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from icalendar import Calendar, Event

if TYPE_CHECKING:
    from accord.service.care.queries import GroupMeeting


def calendar_file(name: str, meetings: Iterable[GroupMeeting]) -> bytes:
    """One entry for each meeting: the group's neutral name, from when to when, and nothing else.

    The place is left out on purpose: a link or a room can tell what the meeting is for; it stands on her page. Moments
    are UTC, so that every calendar shows them in its own zone. A newer file replaces an older one's entries by their
    ids, and calls off what was called off.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Dates//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for one in meetings:
        event = Event()
        event.add("uid", str(one.meeting.pk))
        event.add("summary", name)
        event.add("dtstamp", one.last.at.astimezone(UTC).replace(microsecond=0))
        event.add("dtstart", one.last.starts_at.astimezone(UTC).replace(microsecond=0))
        event.add("duration", timedelta(minutes=one.last.minutes))
        event.add("sequence", one.last.revision - 1)
        event.add("status", "CANCELLED" if one.cancelled else "CONFIRMED")
        event.add("class", "PRIVATE")
        calendar.add_component(event)
    return bytes(calendar.to_ical())
