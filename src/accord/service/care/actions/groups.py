"""Groups are made, led, joined, left and ended. A group that ended stays as it was."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource, Role
from accord.service.audit.actions import record
from accord.service.care.actions.parts import person_for
from accord.service.care.models import Group, GroupLeader, GroupMember, Meeting
from accord.service.care.policies import check_can_join, check_group, the_group
from accord.service.care.queries import first_begun, group_meetings
from accord.service.care.rules.groups import LEAVES
from accord.service.episodes.queries import current_episode, state
from accord.service.episodes.rules import State
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.people.policies import check_may_at, holds
from accord.service.people.queries import person_with

if TYPE_CHECKING:
    from accord.service.people.models import Clinic, Person

LEADS = frozenset({Role.THERAPIST, Role.FACILITATOR, Role.SUPERVISOR})


def make_group(
    *,
    clinic: Clinic,
    protocol: str,
    name: str,
    form: str,
    places: int,
    leaders: Iterable[uuid.UUID],
    key: uuid.UUID,
    by: Asker,
    now: datetime,
) -> Group:
    """Make a group with its leaders. The same key twice is one group."""
    check_may_at(by, Resource.GROUP, Action.CREATE, clinic)
    if replayed := Group.objects.for_(by, Action.VIEW).filter(key=key).first():
        return replayed
    check_group(name=name, form=form, places=places)
    chosen = [_leader(one, clinic) for one in dict.fromkeys(leaders)]
    if not chosen:
        raise Refusal(_("Choose who leads the group."), cure=_("Nothing was stored."))
    with transaction.atomic():
        group = Group.objects.create(
            clinic=clinic, protocol=protocol, name=name.strip(), form=form, places=places, made_at=now,
            by=by.person_id, key=key,
        )  # fmt: skip
        for person in chosen:
            GroupLeader.objects.create(group=group, person=person, since=now, by=by.person_id)
        facts = {"form": form, "places": places, "protocol": protocol, "leaders": [str(one.pk) for one in chosen]}
        told(group, "group.made", by, now, facts=facts)
        return group


def name_leader(*, group_id: uuid.UUID, person_id: uuid.UUID, by: Asker, now: datetime) -> GroupLeader:
    """Somebody leads a group as well. Naming her again changes nothing."""
    with transaction.atomic():
        group = locked(group_id, by)
        person = _leader(person_id, group.clinic)
        row, made = GroupLeader.objects.get_or_create(
            group=group, person=person, until=None, defaults={"since": now, "by": by.person_id}
        )
        if made:
            told(group, "group.leader_named", by, now, facts={"leader": str(person_id)})
        return row


def end_leading(*, group_id: uuid.UUID, person_id: uuid.UUID, by: Asker, now: datetime) -> None:
    """Somebody no longer leads a group; never the last one who does."""
    with transaction.atomic():
        group = locked(group_id, by)
        rows = GroupLeader.objects.filter(group=group, until=None)
        if not rows.exclude(person=person_id).exists():
            cure = _("Name another leader first, or end the group.")
            raise NotNow(_("A group is never without a leader."), cure=cure)
        if rows.filter(person=person_id).update(until=now):
            told(group, "group.leader_ended", by, now, facts={"leader": str(person_id)})


def join_group(*, group_id: uuid.UUID, person_id: uuid.UUID, by: Asker, now: datetime) -> GroupMember:
    """Somebody who is enrolled joins a group with a place. Joining the same group again changes nothing.

    Raises NotNow: the group is full, closed and begun, or ended; she belongs to another group; she is not enrolled in
    the group's protocol. Raises NotAllowed for a group or a person that `by` may not act on.
    """
    with transaction.atomic():
        group = locked(group_id, by)
        person = person_for(person_id, Resource.GROUP, Action.ACT, by)
        episode = current_episode(by, person.pk)
        if episode is None or state(episode) is not State.ENROLLED or episode.protocol != group.protocol:
            cure = _("Choose somebody who is enrolled in the same protocol.")
            raise NotNow(_("Only people who are enrolled in the group's protocol can join it."), cure=cure)
        if episode.clinic_id != group.clinic_id:
            raise NotNow(_("This group belongs to another clinic."), cure=_("Choose a group of her own clinic."))
        held = GroupMember.objects.filter(episode=episode, until=None).first()
        if held is not None and held.group_id == group.pk:
            return held
        if held is not None:
            cure = _("Write down that she leaves it first; then she can join this one.")
            raise NotNow(_("This person belongs to another group."), cure=cure)
        met = group_meetings(Meeting.objects.filter(group=group))
        check_can_join(
            form=group.form, places=group.places, taken=GroupMember.objects.filter(group=group, until=None).count(),
            first_begun=first_begun(met, now), ended=group.closed_at is not None,
        )  # fmt: skip
        return _member(group, person, episode, by, now)


def _member(group: Group, person: Person, episode: Any, by: Asker, now: datetime) -> GroupMember:
    try:
        with transaction.atomic():
            member = GroupMember.objects.create(group=group, person=person, episode=episode, since=now, by=by.person_id)
    except IntegrityError:
        cure = _("Look at the page again.")
        raise NotNow(_("Somebody put this person into a group at the same moment."), cure=cure) from None
    _told_of(member, "group.joined", by, now)
    return member


def leave_group(*, member_id: uuid.UUID, reason: str, by: Asker, now: datetime) -> GroupMember:
    """Somebody leaves her group, with the reason. Leaving again changes nothing."""
    if reason not in LEAVES:
        raise Refusal(_("Choose why she leaves the group."), cure=_("Nothing was stored."))
    with transaction.atomic():
        member = GroupMember.objects.select_related("group").filter(pk=member_id).first()
        if member is None:
            raise NotAllowed(_("There is no group here that you may see."))
        the_group(member.group_id, by, Action.ACT)
        if GroupMember.objects.filter(pk=member.pk, until=None).update(until=now, reason=reason):
            member.until, member.reason = now, reason
            _told_of(member, "group.left", by, now, reason=reason)
        return member


def end_group(*, group_id: uuid.UUID, by: Asker, now: datetime) -> Group:
    """A group ends: no meeting of it waits any more, and everybody who belongs to it leaves as finished.

    Raises NotNow while a meeting is open: it is held or called off first.
    """
    with transaction.atomic():
        group = the_group(group_id, by, Action.ACT)
        if group.closed_at is not None:
            return group
        group = locked(group_id, by)
        if any(one.open for one in group_meetings(Meeting.objects.filter(group=group))):
            cure = _("Say who came to it, or call it off; then the group can end.")
            raise NotNow(_("A meeting of this group is still open."), cure=cure)
        Group.objects.filter(pk=group.pk).update(closed_at=now)
        group.closed_at = now
        told(group, "group.ended", by, now)
        for member in GroupMember.objects.filter(group=group, until=None).order_by("id"):
            leave_group(member_id=member.pk, reason=LEAVES[0], by=by, now=now)
        return group


# ---------------------------------------------------------------------------------------------------- parts


def locked(group_id: uuid.UUID, by: Asker) -> Group:
    """A running group to act on, locked: two who fill the last place do so one after the other."""
    group = the_group(group_id, by, Action.ACT)
    Group.objects.select_for_update().get(pk=group.pk)
    if group.closed_at is not None:
        raise NotNow(_("This group has ended. Nothing was stored."), cure=_("Choose another group, or make a new one."))
    return group


def told(group: Group, action: str, by: Asker, now: datetime, *, facts: dict[str, Any] | None = None) -> None:
    """What happened to a group as a whole, in the chain of its own."""
    record(
        stream=f"group:{group.pk}", action=action, resource="group", resource_id=group.pk, by=by.person_id,
        role=by.main_role(), now=now, facts=facts or {},
    )  # fmt: skip


def _told_of(member: GroupMember, action: str, by: Asker, now: datetime, **facts: str) -> None:
    record(
        stream=f"person:{member.person_id}", action=action, resource="group", resource_id=member.group_id,
        by=by.person_id, role=by.main_role(), now=now, facts=facts,
    )  # fmt: skip


def _leader(person_id: uuid.UUID, clinic: Clinic) -> Person:
    person = person_with(person_id)
    if person is None or not holds(person.pk, LEADS, clinic.pk):
        cure = _("Choose a therapist, a facilitator or a supervisor of this clinic.")
        raise Refusal(_("This colleague cannot lead a group here."), cure=cure)
    return person
