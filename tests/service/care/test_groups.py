"""Groups: who joins and leaves, the calendar, who came, and minutes that stay right after every correction."""

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from accord.service.access.table import Role
from accord.service.care import actions as care
from accord.service.care import queries
from accord.service.care.models import Attendance, Contact, GroupMember, Meeting
from accord.service.care.queries import bulk
from accord.service.care.rules.groups import series, shares, telling_word, why_not_join
from accord.service.episodes.queries import anchors, current_episode
from accord.service.errors import NotAllowed, NotNow, Refusal, Stale
from accord.service.flows.cancel_meeting import cancel_meeting
from accord.service.flows.end_group import end_group
from accord.service.flows.hold_meeting import hold_meeting
from accord.service.flows.leave_group import leave_group
from accord.service.outbox.models import Work
from plugins.world import enrolled

LONDON = ZoneInfo("Europe/London")


def a_group(world, *, form="closed", places=4, leader=None, name="Tuesday circle"):
    return care.make_group(
        clinic=world.clinic, protocol="routine-care", name=name, form=form, places=places,
        leaders=[(leader or world.bea).pk], key=uuid.uuid4(), by=world.asker(world.dora), now=world.now,
    )  # fmt: skip


def a_member(world, group, name="ana", now=None):
    if name not in world.people:
        world.add_patient(name, world.bea)
    person = world.people[name]
    if current_episode(world.asker(world.dora), person.pk) is None:
        enrolled(person, world.now - timedelta(days=1))
    return care.join_group(group_id=group.pk, person_id=person.pk, by=world.asker(world.dora), now=now or world.now)


def a_series(world, group, number=2, minutes=90, key=None, first=None, now=None):
    return care.plan_meetings(
        group_id=group.pk, first=first or world.now + timedelta(days=2), every_days=7, number=number, minutes=minutes,
        mode="video", key=key or uuid.uuid4(), by=world.asker(world.dora), now=now or world.now,
    )  # fmt: skip


def came(world, meeting, attended, missed=(), *, minutes=90, revision=0, by=None, days=3, key=None):
    return hold_meeting(
        meeting_id=meeting.pk, attended=frozenset(one.pk for one in attended), missed={one.pk: "" for one in missed},
        minutes=minutes, revision=revision, key=key or uuid.uuid4(), by=world.asker(by or world.bea),
        now=world.now + timedelta(days=days),
    )  # fmt: skip


# ---------------------------------------------------------------------------------------------------- rules


@given(st.integers(0, 600), st.integers(1, 40))
def test_the_shares_of_a_meeting_add_up_to_its_minutes_and_differ_by_one_at_most(minutes, people):
    found = shares(minutes, range(people))
    assert sum(found.values()) == minutes
    assert max(found.values()) - min(found.values()) <= 1


def test_nothing_is_shared_with_nobody():
    assert shares(90, ()) == {}


def test_a_series_keeps_its_clock_time_when_the_clocks_change():
    moments = series(datetime(2026, 3, 24, 17, 0, tzinfo=UTC), 7, 3, LONDON)
    local = [one.astimezone(LONDON) for one in moments]
    assert [one.date() for one in local] == [date(2026, 3, 24), date(2026, 3, 31), date(2026, 4, 7)]
    assert {f"{one:%H:%M}" for one in local} == {"17:00"}
    assert moments[1].hour == 16  # summer time began on the 29th


@pytest.mark.parametrize("name", ["Pain group", "Thursday THERAPY", "Chronic friends", "Depression 2", "clinic B"])
def test_a_name_that_tells_is_found(name):
    assert telling_word(name)


@pytest.mark.parametrize("name", ["Tuesday circle", "Blue", "Painters", "Group 7", "Σάββατο"])
def test_a_neutral_name_is_neutral(name):
    assert telling_word(name) == ""


def test_who_may_join_is_a_table():
    def may(form, taken, begun, ended=False):
        return why_not_join(form=form, places=3, taken=taken, first_begun=begun, ended=ended)

    assert [may("closed", 0, False), may("closed", 3, False), may("closed", 0, True)] == ["", "full", "begun"]
    assert [may("open", 0, True), may("open", 3, True), may("open", 0, False, ended=True)] == ["", "full", "ended"]


# ---------------------------------------------------------------------------------------------------- joining


@pytest.mark.both
def test_a_full_group_refuses_and_says_what_to_do(world):
    group = a_group(world, places=2)
    a_member(world, group)
    a_member(world, group, "zoe")
    with pytest.raises(NotNow, match="All 2 places") as refused:
        a_member(world, group, "ada")
    assert "make a new one" in refused.value.cure


@pytest.mark.both
def test_a_closed_group_takes_nobody_after_its_first_meeting_and_an_open_one_does(world):
    for form in ("closed", "open"):
        group = a_group(world, form=form, name=f"Circle {form}")
        a_series(world, group)
        later = world.now + timedelta(days=2, minutes=1)
        world.add_patient(f"late{form}", world.bea)
        enrolled(world.people[f"late{form}"], world.now)
        person, office = world.people[f"late{form}"].pk, world.asker(world.dora)
        join = {"group_id": group.pk, "person_id": person, "by": office, "now": later}
        if form == "closed":
            with pytest.raises(NotNow, match="closed group and it has met"):
                care.join_group(**join)
        else:
            assert care.join_group(**join).until is None


@pytest.mark.both
def test_one_group_at_a_time_and_leaving_says_why(world):
    first, second = a_group(world), a_group(world, name="Blue")
    member = a_member(world, first)
    assert a_member(world, first).pk == member.pk  # joining again changes nothing
    with pytest.raises(NotNow, match="belongs to another group"):
        a_member(world, second)
    with pytest.raises(Refusal, match="Choose why"):
        leave_group(member_id=member.pk, reason="bored", by=world.asker(world.dora), now=world.now)
    leave_group(member_id=member.pk, reason="other-group", by=world.asker(world.dora), now=world.now)
    assert a_member(world, second).group_id == second.pk
    assert GroupMember.objects.get(pk=member.pk).reason == "other-group"


@pytest.mark.both
def test_only_who_is_enrolled_joins(world):
    group = a_group(world)
    with pytest.raises(NotNow, match="enrolled"):
        care.join_group(group_id=group.pk, person_id=world.ivo.pk, by=world.asker(world.dora), now=world.now)


@pytest.mark.both
def test_a_group_is_never_without_a_leader(world):
    group = a_group(world)
    office = world.asker(world.dora)
    with pytest.raises(NotNow, match="never without a leader"):
        care.end_leading(group_id=group.pk, person_id=world.bea.pk, by=office, now=world.now)
    care.name_leader(group_id=group.pk, person_id=world.carl.pk, by=office, now=world.now)
    care.end_leading(group_id=group.pk, person_id=world.bea.pk, by=office, now=world.now)
    page = queries.group_page(office, group.pk, world.now)
    assert [one.person_id for one in page.leaders] == [world.carl.pk]
    with pytest.raises(Refusal, match="cannot lead"):
        care.name_leader(group_id=group.pk, person_id=world.gus.pk, by=office, now=world.now)


@pytest.mark.parametrize(
    ("name", "places", "form", "words"),
    [("", 4, "closed", "name"), ("Pain circle", 4, "closed", "Pain"), ("Blue", 1, "closed", "places"),
     ("Blue", 4, "other", "closed or open"), ("x" * 81, 4, "open", "name"), ("a\0b", 4, "open", "name")],
)  # fmt: skip
def test_a_group_is_refused_with_what_is_wrong(world, name, places, form, words):
    with pytest.raises(Refusal, match=words):
        a_group(world, name=name, places=places, form=form)


# ---------------------------------------------------------------------------------------------------- calendar


@pytest.mark.both
def test_a_series_is_planned_once_by_its_key_and_members_are_told_once(world):
    group = a_group(world)
    a_member(world, group)
    key = uuid.uuid4()
    first = a_series(world, group, 5, key=key)
    assert [one.pk for one in a_series(world, group, 5, key=key)] == [one.pk for one in first]
    assert [one.number for one in Meeting.objects.filter(group=group).order_by("number")] == [1, 2, 3, 4, 5]
    assert Work.objects.filter(kind="group-changed", to=str(world.ana.pk)).count() == 1


@pytest.mark.both
def test_one_meeting_is_moved_another_called_off_and_the_rest_stay(world):
    group = a_group(world)
    one, two, three = a_series(world, group, 3)
    by = world.asker(world.bea)
    new = world.now + timedelta(days=4)
    care.move_meeting(meeting_id=one.pk, revision=1, starts_at=new, key=uuid.uuid4(), by=by, now=world.now)
    with pytest.raises(Stale):
        care.move_meeting(meeting_id=one.pk, revision=1, starts_at=new, key=uuid.uuid4(), by=by, now=world.now)
    cancel_meeting(meeting_id=two.pk, reason="holiday", key=uuid.uuid4(), by=by, now=world.now)
    with pytest.raises(NotNow, match="called off"):
        care.move_meeting(meeting_id=two.pk, revision=2, starts_at=new, key=uuid.uuid4(), by=by, now=world.now)
    found = {row.meeting.pk: row for row in queries.group_page(by, group.pk, world.now).row.meetings}
    assert found[one.pk].last.starts_at == new
    assert found[two.pk].cancelled
    assert found[three.pk].last.revision == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [({"number": 0}, "meetings at once"), ({"number": 53}, "meetings at once"), ({"minutes": 5}, "minutes"),
     ({"first": datetime(2020, 1, 1, tzinfo=UTC)}, "passed"), ({"first": datetime(2999, 1, 1, tzinfo=UTC)}, "ahead")],
)  # fmt: skip
def test_a_series_that_cannot_be_is_refused(world, given, words):
    group = a_group(world)
    with pytest.raises(Refusal, match=words):
        a_series(world, group, **given)
    assert not Meeting.objects.exists()


# ---------------------------------------------------------------------------------------------------- who came


def counted(meeting):
    rows = Contact.objects.counted().filter(attendance__meeting=meeting)
    return {row.person_id: row.minutes for row in rows}


@pytest.mark.both
def test_a_held_meeting_writes_one_contact_for_each_who_came_and_the_minutes_add_up(world):
    group = a_group(world)
    for name in ("ana", "zoe", "ada"):
        a_member(world, group, name)
    meeting = a_series(world, group)[0]
    key = uuid.uuid4()
    sheet = came(world, meeting, [world.ana, world.zoe], [world.ada], minutes=91, key=key)
    assert sheet.revision == 3
    found = counted(meeting)
    assert set(found) == {world.ana.pk, world.zoe.pk}
    assert sorted(found.values()) == [45, 46]
    assert {row.mode for row in Contact.objects.all()} == {"group"}
    assert came(world, meeting, [world.ana, world.zoe], [world.ada], minutes=91, key=key).revision == 3  # a replay
    assert Contact.objects.count() == 2


@pytest.mark.both
def test_the_sums_over_contacts_stay_right_after_every_correction(world):
    group = a_group(world)
    for name in ("ana", "zoe", "ada"):
        a_member(world, group, name)
    meeting = a_series(world, group)[0]
    everybody = [world.ana, world.zoe, world.ada]
    revision = came(world, meeting, everybody[:2], everybody[2:]).revision
    for there in ([0], [0, 1, 2], [2], [], [1, 2]):
        sheet = came(
            world, meeting, [everybody[n] for n in there], [everybody[n] for n in range(3) if n not in there],
            revision=revision, minutes=10,
        )  # fmt: skip
        revision, found = sheet.revision, counted(meeting)
        assert set(found) == {everybody[n].pk for n in there}
        assert sum(found.values()) == (90 if there else 0)  # the meeting's minutes, whatever the form says later
        assert [row.state for row in sheet.rows].count("attended") == len(there)
    assert Contact.objects.count() > 3  # nothing was deleted or edited
    total = Contact.objects.counted().filter(person=world.ada.pk).aggregate(n=Sum("minutes"))["n"]
    assert total == counted(meeting)[world.ada.pk]
    assert [row.minutes for row in queries.contacts_of(world.asker(world.bea), world.ada.pk)] == [total]
    exported = list(bulk.contacts([one.pk for one in everybody], world.now + timedelta(days=30)))
    assert sorted(row.minutes for row in exported) == [45, 45]  # an export counts each meeting once


@pytest.mark.both
def test_two_who_write_at_once_overwrite_nothing(world):
    group = a_group(world)
    a_member(world, group)
    a_member(world, group, "zoe")
    meeting = a_series(world, group)[0]
    came(world, meeting, [world.ana], [world.zoe])
    came(world, meeting, [world.zoe], [world.ana], revision=2)
    with pytest.raises(Stale):
        came(world, meeting, [world.ana, world.zoe], revision=2)
    assert set(counted(meeting)) == {world.zoe.pk}


@pytest.mark.both
def test_a_meeting_is_not_held_early_nor_with_nobody_nor_half(world):
    group = a_group(world)
    a_member(world, group)
    a_member(world, group, "zoe")
    meeting = a_series(world, group)[0]
    with pytest.raises(NotNow, match="not begun"):
        came(world, meeting, [world.ana, world.zoe], days=1)
    with pytest.raises(NotNow, match="Nobody came"):
        came(world, meeting, [], [world.ana, world.zoe])
    with pytest.raises(Refusal, match="everybody on the list"):
        came(world, meeting, [world.ana])
    assert not Attendance.objects.exists()
    assert not Contact.objects.exists()


@pytest.mark.both
def test_the_first_and_the_last_held_meeting_are_anchors_of_her_episode(world):
    group = a_group(world)
    a_member(world, group)
    one, two, three = a_series(world, group, 3)
    mine = current_episode(world.asker(world.bea), world.ana.pk)
    came(world, one, [world.ana])
    first = world.now + timedelta(days=2)
    assert anchors(mine)["group-start"] == first
    came(world, two, [world.ana], days=10)
    assert "group-end" not in anchors(mine)
    cancel_meeting(
        meeting_id=three.pk, reason="holiday", key=uuid.uuid4(), by=world.asker(world.bea),
        now=world.now + timedelta(days=11),
    )  # fmt: skip
    assert anchors(mine)["group-start"] == first
    held = [row.last.starts_at for row in queries.group_page(world.asker(world.bea), group.pk, world.now).row.meetings]
    assert anchors(mine)["group-end"] == held[1]


@pytest.mark.both
def test_who_joins_an_open_group_later_has_a_beginning_and_an_end_of_her_own(world):
    group = a_group(world, form="open")
    a_member(world, group)
    one, two = a_series(world, group, 2)
    came(world, one, [world.ana])
    member = a_member(world, group, "zoe", now=world.now + timedelta(days=4))
    came(world, two, [world.ana, world.zoe], days=10)
    zoe = current_episode(world.asker(world.bea), world.zoe.pk)
    assert anchors(zoe)["group-start"] == world.now + timedelta(days=9)
    assert "group-end" not in anchors(zoe)
    later = world.now + timedelta(days=12)
    leave_group(member_id=member.pk, reason="finished", by=world.asker(world.dora), now=later)
    assert anchors(zoe)["group-end"] == world.now + timedelta(days=9)
    end_group(group_id=group.pk, by=world.asker(world.dora), now=later)
    ana = current_episode(world.asker(world.bea), world.ana.pk)
    assert anchors(ana)["group-end"] == world.now + timedelta(days=9)
    with pytest.raises(NotNow, match="has ended"):
        a_member(world, group, "ada")


@pytest.mark.both
def test_a_group_with_an_open_meeting_does_not_end(world):
    group = a_group(world)
    a_series(world, group)
    with pytest.raises(NotNow, match="still open"):
        end_group(group_id=group.pk, by=world.asker(world.dora), now=world.now)


# ---------------------------------------------------------------------------------------------------- who may


@pytest.mark.both
def test_who_may_see_and_lead(world):
    group = a_group(world)
    a_member(world, group)
    (meeting, _) = a_series(world, group)
    world.add("ola", Role.FACILITATOR)
    care.name_leader(group_id=group.pk, person_id=world.ola.pk, by=world.asker(world.dora), now=world.now)
    sees = {
        name for name in ("ana", "bea", "ola", "carl", "dora", "fay", "gus", "hal", "joy", "ivo")
        if queries.groups(world.asker(world.people[name])).exists()
    }  # fmt: skip
    assert sees == {"ana", "bea", "ola", "dora", "fay"}
    for stranger in (world.carl, world.gus, world.hal, world.joy, world.ana):
        with pytest.raises(NotAllowed):
            came(world, meeting, [world.ana], by=stranger)
        with pytest.raises(NotAllowed):
            care.join_group(group_id=group.pk, person_id=world.ana.pk, by=world.asker(stranger), now=world.now)
    assert came(world, meeting, [world.ana], by=world.ola).revision == 1
    with pytest.raises(NotAllowed):  # a leader is no coordinator
        care.make_group(
            clinic=world.clinic, protocol="routine-care", name="Blue", form="open", places=4, leaders=[world.bea.pk],
            key=uuid.uuid4(), by=world.asker(world.bea), now=world.now,
        )  # fmt: skip


def test_what_was_told_of_a_meeting_is_asked_again_when_it_is_sent(world):
    group = a_group(world)
    member = a_member(world, group)
    meeting = a_series(world, group)[0]
    assert queries.meeting_news(meeting.pk, 1, world.ana.pk, world.now)
    assert not queries.meeting_news(meeting.pk, 1, world.ana.pk, world.now + timedelta(days=3))
    assert not queries.meeting_news(meeting.pk, 2, world.ana.pk, world.now)
    leave_group(member_id=member.pk, reason="her-wish", by=world.asker(world.dora), now=world.now)
    assert not queries.meeting_news(meeting.pk, 1, world.ana.pk, world.now)


def test_the_number_of_queries_does_not_grow_with_the_groups(world, django_assert_max_num_queries):
    office = world.asker(world.dora)
    for n in range(12):
        group = a_group(world, name=f"Circle {n}")
        a_member(world, group, f"m{n}")
        a_series(world, group, 3)
    with django_assert_max_num_queries(5):
        rows = queries.group_rows(queries.groups(office))
    assert len(rows) == 12
    assert {row.taken for row in rows} == {1}
