"""Meetings of a group: planned as a series, moved, called off, held. A held one writes one contact for each who came.

**How minutes stay right.** The minutes of a held meeting are divided by those who attended, in whole minutes that add
up (`rules.groups.shares`); each gets one contact (mode "group") with her share. A correction never edits: whoever's
state or share changes gets a new revision of her attendance, and, if she came, a contact of its own. The contact of an
older revision no longer counts: every sum is over `Contact.objects.counted()`, which leaves it out. So the counted
contacts of a meeting are exactly one for each who came, and their minutes are the meeting's, after any number of
corrections. When a correction says that nobody came, nothing is counted; the meeting keeps its minutes in its own step.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.audit.actions import record
from accord.service.care.actions.contacts import write_contact
from accord.service.care.actions.groups import locked, told
from accord.service.care.actions.parts import own_words
from accord.service.care.models import Attendance, GroupMember, Meeting, MeetingStep
from accord.service.care.policies import check_meeting_open, check_series
from accord.service.care.queries import GroupMeeting, Present, Sheet, sheet, the_meeting
from accord.service.care.rules.groups import CANCELLED, MINUTES, MISSED, series, shares
from accord.service.care.rules.handling import REACHED
from accord.service.errors import NotNow, Refusal, Stale
from accord.service.outbox.actions import enqueue

Kind = MeetingStep.Kind
ATTENDED, ABSENT = Attendance.State.ATTENDED, Attendance.State.MISSED
GROUP = "group"  # the mode of such a contact, and its channel in a cohort


def plan_meetings(
    *,
    group_id: uuid.UUID,
    first: datetime,
    every_days: int,
    number: int,
    minutes: int,
    mode: str,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    place: str = "",
) -> list[Meeting]:
    """Plan a series: `number` meetings, `every_days` apart, at the same clock time in the clinic's zone.

    The same key twice is one series. Members are told once that something changed.
    """
    check_series(first=first, every_days=every_days, number=number, minutes=minutes, mode=mode, now=now)
    where = own_words(place)
    with transaction.atomic():
        group = locked(group_id, by)
        keys = [uuid.uuid5(key, f"meeting {n}") for n in range(number)]
        if replayed := list(Meeting.objects.filter(group=group, key__in=keys).order_by("number")):
            return replayed
        last = max(Meeting.objects.filter(group=group).values_list("number", flat=True), default=0)
        made = []
        for place_, at in enumerate(series(first, every_days, number, group.clinic.zone())):
            meeting = Meeting.objects.create(
                group=group, number=last + place_ + 1, made_at=now, by=by.person_id, key=keys[place_]
            )
            MeetingStep.objects.create(
                meeting=meeting, kind=Kind.PLANNED, revision=1, mode=mode, starts_at=at, minutes=minutes, place=where,
                at=now, by=by.person_id, key=uuid.uuid5(keys[place_], "planned"),
            )  # fmt: skip
            made.append(meeting)
        facts = {"first": first.isoformat(), "every_days": every_days, "number": number, "minutes": minutes}
        told(group, "meetings.planned", by, now, facts=facts | {"mode": mode})
        _mail(made[0], 1, now)
        return made


def move_meeting(
    *,
    meeting_id: uuid.UUID,
    revision: int,
    starts_at: datetime,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
    minutes: int | None = None,
    mode: str | None = None,
    place: str | None = None,
) -> MeetingStep:
    """Give one meeting another time, way or place. `revision` is what the page showed; Stale when it changed since."""
    with transaction.atomic():
        if replayed := _replayed(meeting_id, key, by):
            return replayed
        one = _open(meeting_id, by)
        step = MeetingStep(
            mode=mode or one.last.mode, starts_at=starts_at, minutes=one.last.minutes if minutes is None else minutes,
            place=one.last.place if place is None else own_words(place),
        )  # fmt: skip
        if one.last.revision != revision:
            raise _stale()
        check_series(first=starts_at, every_days=1, number=1, minutes=step.minutes, mode=step.mode, now=now)
        return _add(one, Kind.MOVED, step, key, by, now)


def cancel_meeting(*, meeting_id: uuid.UUID, reason: str, key: uuid.UUID, by: Asker, now: datetime) -> MeetingStep:
    """One meeting will not take place, or did not, with the reason. The others stay as they are."""
    if reason not in CANCELLED:
        raise Refusal(_("Choose why the meeting is called off."), cure=_("Nothing was stored."))
    with transaction.atomic():
        if replayed := _replayed(meeting_id, key, by):
            return replayed
        one = _open(meeting_id, by)
        last = one.last
        step = MeetingStep(mode=last.mode, starts_at=last.starts_at, minutes=last.minutes, place=last.place)
        step.reason = reason
        return _add(one, Kind.CANCELLED, step, key, by, now)


def write_attendance(
    *,
    meeting_id: uuid.UUID,
    missed: Mapping[uuid.UUID, str],
    attended: frozenset[uuid.UUID],
    minutes: int,
    revision: int,
    key: uuid.UUID,
    by: Asker,
    now: datetime,
) -> Sheet:
    """Who came to a meeting, of everybody on its sheet: `attended`, and `missed` with a reason each (or none).

    The first time, the meeting is held and its contacts are written (see this module's words on minutes). Later it is
    a correction: new revisions, no edit; `minutes` are then those of the meeting. The same words twice change nothing.
    Raises Stale when somebody else wrote in the meantime (`revision` is what the page showed), NotNow before the
    meeting's time or when it was called off, Refusal when somebody is left out or nobody came at all.
    """
    with transaction.atomic():
        found = sheet(by, meeting_id, Action.ACT)
        locked_meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
        _check_complete(found, attended, missed)
        if found.meeting.held:
            minutes = found.meeting.last.minutes
        changes = _changes(found, attended, missed, minutes)
        if found.meeting.held and not changes:
            return found
        if found.revision != revision:
            raise _stale()
        if not found.meeting.held:
            _hold(found, attended, minutes, key, by, now)
        for row, state, reason, share in changes:
            _write(found, locked_meeting, row, state, reason, share, by, now)
        return sheet(by, meeting_id, Action.ACT)


def _check_complete(found: Sheet, attended: frozenset[uuid.UUID], missed: Mapping[uuid.UUID, str]) -> None:
    nothing = _("Nothing was stored.")
    on_it = {row.member.person_id for row in found.rows}
    if not on_it:
        raise NotNow(_("Nobody belonged to the group on that day."), cure=_("Call the meeting off instead."))
    if attended | set(missed) != on_it or attended & set(missed):
        raise Refusal(_("Say of everybody on the list whether she came."), cure=nothing)
    if any(reason and reason not in MISSED for reason in missed.values()):
        raise Refusal(_("Choose why somebody was not there, or nothing."), cure=nothing)


def _changes(
    found: Sheet, attended: frozenset[uuid.UUID], missed: Mapping[uuid.UUID, str], minutes: int
) -> list[tuple[Present, str, str, int]]:
    """The rows whose state, reason or share of minutes is not what stands."""
    came = [row.member.person_id for row in found.rows if row.member.person_id in attended]
    share = shares(minutes, came)
    changes: list[tuple[Present, str, str, int]] = []
    for row in found.rows:
        who = row.member.person_id
        state, reason = (str(ATTENDED), "") if who in attended else (str(ABSENT), missed[who])
        stands = (row.newest.state, row.newest.reason, row.minutes) if row.newest else None
        if stands != (state, reason, share.get(who, 0)):
            changes.append((row, state, reason, share.get(who, 0)))
    return changes


def _hold(found: Sheet, attended: frozenset[uuid.UUID], minutes: int, key: uuid.UUID, by: Asker, now: datetime) -> None:
    last = found.meeting.last
    check_meeting_open(last.kind)
    if last.starts_at > now:
        raise NotNow(_("This meeting has not begun yet."), cure=_("Write down who came when it has begun."))
    if not attended:
        raise NotNow(_("Nobody came, so no meeting was held."), cure=_("Call it off instead, with that reason."))
    if not MINUTES[0] <= minutes <= MINUTES[1]:
        sizes = {"low": MINUTES[0], "high": MINUTES[1]}
        raise Refusal(_("A meeting takes from %(low)s to %(high)s minutes.") % sizes, cure=_("Nothing was stored."))
    step = MeetingStep(mode=last.mode, starts_at=last.starts_at, minutes=minutes, place=last.place)
    _add(found.meeting, Kind.HELD, step, key, by, now)


def _write(
    found: Sheet, meeting: Meeting, row: Present, state: str, reason: str, share: int, by: Asker, now: datetime
) -> None:
    """One revision of one person's attendance, with its contact if she came."""
    member, revision = row.member, (row.newest.revision if row.newest else 0) + 1
    contact = None
    try:
        with transaction.atomic():
            if state == ATTENDED:
                contact = write_contact(
                    by, now, person=member.person, episode=member.episode, mode=GROUP, direction="out",
                    outcome=REACHED, minutes=share, at=found.meeting.last.starts_at,
                    key=uuid.uuid5(meeting.pk, f"{member.person_id} {revision}"),
                )  # fmt: skip
            Attendance.objects.create(
                meeting=meeting, person=member.person, episode=member.episode, state=state, reason=reason,
                revision=revision, contact=contact, at=now, by=by.person_id,
            )  # fmt: skip
    except IntegrityError:
        raise _stale() from None
    record(
        stream=f"person:{member.person_id}", action="meeting.attendance", resource="group", resource_id=meeting.pk,
        by=by.person_id, role=by.main_role(), now=now, facts={"state": state, "reason": reason, "revision": revision},
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- parts


def _open(meeting_id: uuid.UUID, by: Asker) -> GroupMeeting:
    """The meeting to change with its newest step; refused when it is not hers to act on, or over."""
    one = the_meeting(by, meeting_id, Action.ACT)
    Meeting.objects.select_for_update().get(pk=one.meeting.pk)
    check_meeting_open(one.last.kind)
    return one


def _replayed(meeting_id: uuid.UUID, key: uuid.UUID, by: Asker) -> MeetingStep | None:
    the_meeting(by, meeting_id, Action.ACT)
    return MeetingStep.objects.filter(meeting=meeting_id, key=key).first()


def _add(
    one: GroupMeeting, kind: MeetingStep.Kind, step: MeetingStep, key: uuid.UUID, by: Asker, now: datetime
) -> MeetingStep:
    step.meeting, step.kind, step.revision = one.meeting, kind, one.last.revision + 1
    step.key, step.at, step.by = key, now, by.person_id
    try:
        with transaction.atomic():
            step.save(force_insert=True)
    except IntegrityError:
        raise _stale() from None
    facts = {"meeting": str(one.meeting.pk), "starts_at": step.starts_at.isoformat(), "minutes": step.minutes}
    told(one.meeting.group, f"meeting.{kind.value}", by, now, facts=facts | {"mode": step.mode, "reason": step.reason})
    if kind in (Kind.MOVED, Kind.CANCELLED) and step.starts_at > now:
        _mail(one.meeting, step.revision, now)
    return step


def _mail(meeting: Meeting, revision: int, now: datetime) -> None:
    """Everybody who belongs to the group is told that something on her page has changed."""
    for person in GroupMember.objects.filter(group=meeting.group_id, until=None).values_list("person_id", flat=True):
        enqueue(
            kind="group-changed", to=person, occasion=f"meeting:{meeting.pk}:{revision}", channel="email",
            subject_id=meeting.pk, now=now,
        )  # fmt: skip


def _stale() -> Stale:
    message = _("Somebody else changed this meeting in the meantime. Nothing was overwritten.")
    return Stale(message, cure=_("Look at how it stands now, then change it if you still need to."))
