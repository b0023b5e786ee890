"""Groups: who leads and belongs, what is planned, who came."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.care.models import Attendance, Group, GroupLeader, GroupMember, Meeting, MeetingStep
from accord.service.care.policies import the_group
from accord.service.care.rules.groups import CLOSED
from accord.service.errors import NotAllowed

if TYPE_CHECKING:
    from accord.service.care.models.groups import GroupQuerySet
    from accord.service.people.models import Person


@dataclass(frozen=True, slots=True)
class GroupMeeting:
    """A meeting of a group with its newest step, which says when, how and where, and whether it is over."""

    meeting: Meeting
    last: MeetingStep

    @property
    def held(self) -> bool:
        return self.last.kind == MeetingStep.Kind.HELD

    @property
    def cancelled(self) -> bool:
        return self.last.kind == MeetingStep.Kind.CANCELLED

    @property
    def open(self) -> bool:
        return not (self.held or self.cancelled)

    def waits_for_word(self, now: datetime) -> bool:
        """Its time has passed and nobody has said who came."""
        return self.open and self.last.starts_at + timedelta(minutes=self.last.minutes) <= now


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group in a list."""

    group: Group
    leaders: tuple[Person, ...]
    taken: int
    meetings: tuple[GroupMeeting, ...]  # by when they begin

    @property
    def held(self) -> int:
        return sum(one.held for one in self.meetings)

    @property
    def planned(self) -> int:
        return sum(not one.cancelled for one in self.meetings)

    @property
    def next(self) -> GroupMeeting | None:
        return next((one for one in self.meetings if one.open), None)


@dataclass(frozen=True, slots=True)
class GroupPage:
    """One group: leaders, members now and before, and every meeting."""

    row: GroupRow
    leaders: tuple[GroupLeader, ...]
    members: tuple[GroupMember, ...]
    left: tuple[GroupMember, ...]
    first_begun: bool


@dataclass(frozen=True, slots=True)
class Present:
    """One member on the sheet of a meeting: what stands of her, if anything was written."""

    member: GroupMember
    newest: Attendance | None

    @property
    def state(self) -> str:
        return self.newest.state if self.newest else ""

    @property
    def minutes(self) -> int:
        return self.newest.contact.minutes if self.newest and self.newest.contact else 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """Who belongs to a meeting and who came. `revision` grows with every correction."""

    group: Group
    meeting: GroupMeeting
    rows: tuple[Present, ...]
    revision: int


def groups(asker: Asker, *, ended: bool = False) -> GroupQuerySet:
    """The groups she may see that run, or those that have ended; the newest first."""
    rows = Group.objects.for_(asker, Action.VIEW).filter(closed_at__isnull=not ended)
    return rows.select_related("clinic").order_by("-made_at", "-id")


def group_rows(found: Iterable[Group]) -> list[GroupRow]:
    """These groups as a list shows them. Four queries, whatever their number."""
    rows = {one.pk: one for one in found}
    leaders: dict[uuid.UUID, list[Person]] = {}
    for one in GroupLeader.objects.filter(group__in=rows, until=None).select_related("person").order_by("since", "id"):
        leaders.setdefault(one.group_id, []).append(one.person)
    taken: dict[uuid.UUID, int] = {}
    for key in GroupMember.objects.filter(group__in=rows, until=None).values_list("group_id", flat=True):
        taken[key] = taken.get(key, 0) + 1
    met: dict[uuid.UUID, list[GroupMeeting]] = {}
    for meeting in group_meetings(Meeting.objects.filter(group__in=rows)):
        met.setdefault(meeting.meeting.group_id, []).append(meeting)
    return [
        GroupRow(one, tuple(leaders.get(key, ())), taken.get(key, 0), tuple(met.get(key, ())))
        for key, one in rows.items()
    ]


def group_meetings(found: Iterable[Meeting]) -> list[GroupMeeting]:
    """These meetings with their newest steps, by when they begin. Two queries."""
    rows = {row.pk: row for row in found}
    last = {step.meeting_id: step for step in MeetingStep.objects.filter(meeting__in=rows).order_by("revision")}
    met = [GroupMeeting(rows[key], step) for key, step in last.items()]
    return sorted(met, key=lambda one: (one.last.starts_at, one.meeting.number))


def group_page(asker: Asker, group_id: uuid.UUID, now: datetime) -> GroupPage:
    """One group with everything about it. Raises NotAllowed. Constant number of queries."""
    group = the_group(group_id, asker, Action.VIEW)
    row = group_rows([group])[0]
    members = list(group.members.select_related("person__clinic").order_by("since", "id"))
    leaders = tuple(group.leaders.filter(until=None).select_related("person").order_by("since", "id"))
    return GroupPage(
        row, leaders, tuple(one for one in members if one.until is None), tuple(one for one in members if one.until),
        first_begun(row.meetings, now),
    )  # fmt: skip


def first_begun(meetings: Iterable[GroupMeeting], now: datetime) -> bool:
    """Whether a group has met: a meeting was held, or the time of one that was not called off has come."""
    return any(one.held or (one.open and one.last.starts_at <= now) for one in meetings)


def in_groups() -> Any:
    """The episodes that belong to a group now, as rows that another query may leave out."""
    return GroupMember.objects.filter(until=None).values("episode")


def the_meeting(asker: Asker, meeting_id: uuid.UUID, action: Action = Action.VIEW) -> GroupMeeting:
    """One meeting of a group that she may see or act on. Raises NotAllowed."""
    found = Meeting.objects.select_related("group__clinic").filter(
        pk=meeting_id, group__in=Group.objects.for_(asker, action)
    )
    rows = group_meetings(found)
    if not rows:
        raise NotAllowed(_("There is no meeting here that you may see."))
    return rows[0]


def sheet(asker: Asker, meeting_id: uuid.UUID, action: Action = Action.VIEW) -> Sheet:
    """Who belonged to the group on the day of a meeting, or was written down for it, and what stands of each.

    Whoever joined on the day itself belongs to it. Raises NotAllowed.
    """
    one = the_meeting(asker, meeting_id, action)
    group = one.meeting.group
    starts = one.last.starts_at
    day = starts.astimezone(group.clinic.zone()).date() + timedelta(days=1)
    ends = datetime.combine(day, time(), group.clinic.zone())
    newest: dict[uuid.UUID, Attendance] = {}
    written = Attendance.objects.filter(meeting=one.meeting).select_related("contact").order_by("revision")
    revision = 0
    for row in written:
        newest[row.person_id] = row
        revision += 1
    rows: dict[uuid.UUID, GroupMember] = {}
    for member in group.members.select_related("person", "episode").order_by("person_id", "since"):
        there = member.since < ends and (member.until is None or member.until > starts)
        if there or member.person_id in newest:
            rows[member.person_id] = member
    return Sheet(group, one, tuple(Present(rows[who], newest.get(who)) for who in rows), revision)


def group_of(asker: Asker, person_id: uuid.UUID | None) -> GroupRow | None:
    """The group that somebody belongs to now, of those the asker may see."""
    mine = GroupMember.objects.filter(person=person_id, until=None).values("group")
    found = Group.objects.for_(asker, Action.VIEW).filter(pk__in=mine).select_related("clinic").first()
    return group_rows([found])[0] if found else None


def led_by(asker: Asker, person_id: uuid.UUID | None) -> list[GroupRow]:
    """The running groups that somebody leads, of those the asker may see."""
    return group_rows(groups(asker).filter(leaders__person=person_id, leaders__until=None))


def meeting_news(meeting_id: uuid.UUID, revision: int, person_id: uuid.UUID, now: datetime) -> bool:
    """Whether what was told of a meeting still holds, lies ahead and concerns this person: its mail is wanted."""
    last = MeetingStep.objects.filter(meeting=meeting_id).order_by("-revision").first()
    member = GroupMember.objects.filter(group__meetings=meeting_id, person=person_id, until=None)
    return last is not None and last.revision == revision and last.starts_at > now and member.exists()


def group_ends(group_id: uuid.UUID) -> datetime | None:
    """When the last meeting of a group was held, once none is left: of a closed group, or one that has ended."""
    group = Group.objects.get(pk=group_id)
    met = group_meetings(Meeting.objects.filter(group=group))
    held = [one.last.starts_at for one in met if one.held]
    over = group.closed_at is not None or (group.form == CLOSED and not any(one.open for one in met))
    return held[-1] if held and over else None


def last_met(group_id: uuid.UUID, person_id: uuid.UUID) -> datetime | None:
    """When the last meeting was held to which somebody came."""
    newest: dict[uuid.UUID, Attendance] = {}
    rows = Attendance.objects.filter(meeting__group=group_id, person=person_id).order_by("revision")
    for row in rows:
        newest[row.meeting_id] = row
    came = [key for key, row in newest.items() if row.state == Attendance.State.ATTENDED]
    steps = MeetingStep.objects.filter(meeting__in=came, kind=MeetingStep.Kind.HELD).order_by("-starts_at")
    return steps.values_list("starts_at", flat=True).first()


def begun_members(meeting_id: uuid.UUID) -> list[tuple[uuid.UUID, datetime]]:
    """For whom a held meeting begins the group: the episodes on its sheet, each with the meeting's moment."""
    held = MeetingStep.objects.filter(meeting=meeting_id, kind=MeetingStep.Kind.HELD).first()
    if held is None:
        return []
    rows = Attendance.objects.filter(meeting=meeting_id).values_list("episode_id", flat=True).distinct()
    return [(episode, held.starts_at) for episode in rows]


def episodes_of_group(group_id: uuid.UUID) -> list[uuid.UUID]:
    """The episodes of everybody who belongs to a group now, or did until it ended."""
    rows = GroupMember.objects.filter(group=group_id)
    return list(rows.filter(until=None).values_list("episode_id", flat=True))
