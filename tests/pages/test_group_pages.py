"""Groups on pages: the office makes and fills them, who leads writes who came, a member sees dates and takes a file."""

import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from icalendar import Calendar

from accord.service.access.table import Role
from accord.service.care import actions as care
from accord.service.care.models import Attendance, Contact, Group, GroupMember, Meeting
from accord.service.library import queries as library
from accord.service.programmes.models import Course, Mark
from plugins.world import enrolled

NEUTRAL = "Tuesday circle"
LEADER_ONLY = {"owner": 404, "therapist": 200, "colleague": 404, "stranger": 404, "nobody": 302}


@pytest.fixture
def group(world):
    return made(world)


def made(world, name=NEUTRAL, members=("ana",), since=10):
    """A group that has met once, two days ago, and meets again in five days; nobody has said yet who came."""
    office, then = world.asker(world.dora), world.now - timedelta(days=since)
    one = care.make_group(
        clinic=world.clinic, protocol="routine-care", name=name, form="open", places=8, leaders=[world.bea.pk],
        key=uuid.uuid4(), by=office, now=then,
    )  # fmt: skip
    for who in members:
        if who not in world.people:
            world.add_patient(who, world.bea)
        enrolled(world.people[who], then - timedelta(days=1))
        care.join_group(group_id=one.pk, person_id=world.people[who].pk, by=office, now=then)
    care.plan_meetings(
        group_id=one.pk, first=world.now - timedelta(days=2), every_days=7, number=2, minutes=90, mode="video",
        place="Zqroom 4", key=uuid.uuid4(), by=office, now=then,
    )  # fmt: skip
    return one


def past(group):
    return Meeting.objects.get(group=group, number=1)


def ask(world, who, address, **given):
    client = world.client_of(who)
    if given:
        return client.post(address, {"key": str(uuid.uuid4()), **given})
    return client.get(address)


# ---------------------------------------------------------------------------------------------------- who sees what


def test_who_may_open_which_page(world, group):
    """Owner, therapist (who leads), colleague, stranger, nobody; and the office, a supervisor, a manager."""
    addresses = {
        f"/clinic/groups/{group.pk}/": LEADER_ONLY,
        f"/clinic/meetings/{past(group).pk}/": LEADER_ONLY,
        "/my/group": {"owner": 200, "therapist": 200, "colleague": 200, "stranger": 200, "nobody": 302},
        "/my/group/dates": {"owner": 200, "therapist": 404, "colleague": 404, "stranger": 404, "nobody": 302},
    }  # fmt: skip
    for address, expected in addresses.items():
        seen = {name: ask(world, who, address).status_code for name, who in world.five().items()}
        assert seen == expected, address
    for who, status in ((world.dora, 200), (world.fay, 200), (world.gus, 404), (world.carl, 404), (world.ana, 404)):
        assert ask(world, who, f"/office/groups/{group.pk}/").status_code == status
    for who in (world.bea, world.carl, world.joy):
        assert NEUTRAL not in ask(world, who, "/my/group").content.decode()


def test_members_never_see_who_else_belongs(world):
    made(world, members=("ana", "zoe"))
    for address in ("/my/group", "/my/group/dates"):
        body = ask(world, world.ana, address).content.decode()
        assert not any(text in body for text in world.canaries(world.zoe))


# ---------------------------------------------------------------------------------------------------- the office


def test_the_office_makes_a_group_fills_it_and_plans_a_series(world):
    enrolled(world.ana, world.now - timedelta(days=1))
    page = ask(world, world.dora, "/office/groups/")
    assert page.status_code == 200
    given = {
        "name": "Blue",
        "places": "8",
        "form": "closed",
        "protocol": "routine-care",
        "leaders": [str(world.bea.pk)],
    }
    answer = ask(world, world.dora, "/office/groups/", **given)
    one = Group.objects.get()
    assert answer.url == f"/office/groups/{one.pk}/"
    body = ask(world, world.dora, answer.url).content.decode()
    assert world.ana.name in body
    ask(world, world.dora, f"{answer.url}join/", person=str(world.ana.pk))
    day = (world.now + timedelta(days=9)).date().isoformat()
    series = {"day": day, "time": "17:00", "number": "6", "every_days": "7", "minutes": "90", "mode": "video"}
    assert ask(world, world.dora, f"{answer.url}plan/", **series).status_code == 302
    assert GroupMember.objects.get().person_id == world.ana.pk
    assert Meeting.objects.filter(group=one).count() == 6
    body = ask(world, world.dora, answer.url).content.decode()
    assert "1 of 8 places taken" in body
    assert "Nobody waits for a group" in body


def test_a_refused_form_keeps_what_was_typed_and_says_the_cure(world):
    enrolled(world.ana, world.now)
    given = {
        "name": "Pain Tuesdays",
        "places": "8",
        "form": "open",
        "protocol": "routine-care",
        "leaders": [str(world.bea.pk)],
    }
    answer = ask(world, world.dora, "/office/groups/", **given)
    body = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="Pain Tuesdays"' in body
    assert "say a day or a colour instead" in body
    assert re.search(rf'value="{world.bea.pk}" checked', body)
    assert not Group.objects.exists()


@pytest.mark.parametrize(
    "given",
    [{"name": "x\0"}, {"name": "x" * 1_000_000}, {"places": "many"}, {"protocol": "integro"}, {"leaders": ["no"]},
     {"leaders": []}, {"form": "round"}],
)  # fmt: skip
def test_bad_input_is_refused_kindly(world, given):
    enrolled(world.ana, world.now)
    good = {"name": "Blue", "places": "8", "form": "open", "protocol": "routine-care", "leaders": [str(world.bea.pk)]}
    assert ask(world, world.dora, "/office/groups/", **(good | given)).status_code == 400
    assert not Group.objects.exists()


def test_a_date_that_is_none_is_refused_on_the_page(world, group):
    address = f"/office/groups/{group.pk}/plan/"
    for day, clock in (("", "17:00"), ("2030-02-30", "17:00"), ("2029-03-25", "01:30"), ("2030-01-01", "soon")):
        series = {"day": day, "time": clock, "number": "2", "every_days": "7", "minutes": "90", "mode": "video"}
        assert ask(world, world.dora, address, **series).status_code == 400
    assert Meeting.objects.count() == 2


def test_a_refused_move_stays_open_with_what_was_typed_and_leaves_the_series_alone(world, group):
    meeting = Meeting.objects.get(group=group, number=2)
    past = (world.now - timedelta(days=20)).date().isoformat()
    given = {"meeting": str(meeting.pk), "revision": "1", "day": past, "time": "11:07", "minutes": "61", "place": "Zqp"}
    for who, address in ((world.dora, "office"), (world.bea, "clinic")):
        body = ask(world, who, f"/{address}/groups/{group.pk}/move/", **given).content.decode()
        assert body.count("<details open>") == 1
        for typed in (past, "11:07", "61", "Zqp"):
            assert body.count(f'value="{typed}"') == 1, (address, typed)


def test_nothing_is_called_off_without_a_reason_that_was_chosen(world, group):
    meeting = Meeting.objects.get(group=group, number=2)
    address = f"/office/groups/{group.pk}/"
    assert '<option value="">' in ask(world, world.dora, address).content.decode().split('name="reason"')[-1]
    assert ask(world, world.dora, f"{address}cancel/", meeting=str(meeting.pk), reason="").status_code == 400
    dora, given = world.client_of(world.dora), {"meeting": str(meeting.pk), "key": str(uuid.uuid4())}
    assert dora.post(f"{address}cancel/", given | {"reason": "holiday"}).status_code == 302
    assert "The meeting is called off" in dora.get(address).content.decode()


def test_the_office_writes_who_leaves_and_ends_the_group(world, group):
    base = f"/office/groups/{group.pk}/"
    member = GroupMember.objects.get()
    assert ask(world, world.dora, f"{base}leave/", member=str(member.pk), reason="").status_code == 400
    assert ask(world, world.dora, f"{base}end/", sure="yes").status_code == 409  # a meeting is open
    for meeting in Meeting.objects.all():
        assert ask(world, world.dora, f"{base}cancel/", meeting=str(meeting.pk), reason="too-few").status_code == 302
    assert ask(world, world.dora, f"{base}leave/", member=str(member.pk), reason="her-wish").status_code == 302
    assert ask(world, world.dora, f"{base}end/", sure="yes").status_code == 302
    assert "ended on" in ask(world, world.dora, base).content.decode()
    assert ask(world, world.dora, f"{base}join/", person=str(world.ana.pk)).status_code == 409
    assert ask(world, world.dora, f"{base}nonsense/", a="b").status_code == 404


# ---------------------------------------------------------------------------------------------------- who came


def test_who_leads_writes_who_came_on_one_page_and_corrects_it(world):
    group = made(world, members=("ana", "zoe"))
    address = f"/clinic/meetings/{past(group).pk}/"
    assert "Write down who came" in ask(world, world.bea, "/clinic/groups/").content.decode()
    body = ask(world, world.bea, address).content.decode()
    assert world.ana.name in body
    half = {f"came-{world.ana.pk}": "yes", "minutes": "90", "revision": "0"}
    answer = ask(world, world.bea, address, **half)
    assert answer.status_code == 400
    assert "Say of everybody" in answer.content.decode()
    full = half | {f"came-{world.zoe.pk}": "no", f"why-{world.zoe.pk}": "unwell"}
    assert ask(world, world.bea, address, **full).status_code == 302
    assert Contact.objects.counted().get().minutes == 90
    assert Attendance.objects.get(person=world.zoe).reason == "unwell"
    corrected = full | {f"came-{world.zoe.pk}": "yes", "revision": "2"}
    assert ask(world, world.bea, address, **corrected).status_code == 302
    assert sorted(Contact.objects.counted().values_list("minutes", flat=True)) == [45, 45]
    stale = full | {f"came-{world.ana.pk}": "no", "revision": "2"}
    answer = ask(world, world.bea, address, **stale)
    assert answer.status_code == 409
    assert "Nothing was overwritten" in answer.content.decode()


def test_a_facilitator_who_treats_nobody_leads_a_group(world, group):
    world.add("ola", Role.FACILITATOR)
    care.name_leader(group_id=group.pk, person_id=world.ola.pk, by=world.asker(world.dora), now=world.now)
    address = f"/clinic/meetings/{past(group).pk}/"
    given = {f"came-{world.ana.pk}": "yes", "minutes": "90", "revision": "0"}
    assert ask(world, world.ola, address, **given).status_code == 302
    assert ask(world, world.ola, f"/clinic/people/{world.ana.pk}/").status_code == 404  # no more than the group


def test_who_leads_moves_one_meeting(world, group):
    meeting = Meeting.objects.get(group=group, number=2)
    day = (world.now + timedelta(days=20)).date().isoformat()
    given = {
        "meeting": str(meeting.pk),
        "revision": "1",
        "day": day,
        "time": "10:00",
        "minutes": "60",
        "place": "Zqnew",
    }
    assert ask(world, world.bea, f"/clinic/groups/{group.pk}/move/", **given).status_code == 302
    body = ask(world, world.ana, "/my/group").content.decode()
    assert "Zqnew" in body
    assert "60 min" in body
    assert ask(world, world.bea, f"/clinic/groups/{group.pk}/end/", sure="yes").status_code == 404  # the office does


# ---------------------------------------------------------------------------------------------------- her calendar


def test_the_calendar_file_names_nothing_of_health(world, group):
    answer = ask(world, world.ana, "/my/group/dates")
    assert answer["Content-Type"].startswith("text/calendar")
    assert answer["Content-Disposition"] == 'attachment; filename="dates.ics"'
    assert "no-store" in answer["Cache-Control"]
    calendar = Calendar.from_ical(answer.content)
    (event,) = calendar.walk("VEVENT")
    assert str(event["SUMMARY"]) == NEUTRAL
    assert set(event) == {"UID", "SUMMARY", "DTSTAMP", "DTSTART", "DURATION", "SEQUENCE", "STATUS", "CLASS"}
    assert (event.decoded("DTSTART") - world.now).days in (4, 5)
    text = answer.content.decode()
    for word in ("Zqroom", "Accord", "clinic", "pain", *world.canaries(world.ana)):
        assert word.lower() not in text.lower()
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))


def test_a_newer_file_moves_and_calls_off_what_an_older_one_put_in(world, group):
    meeting = Meeting.objects.get(group=group, number=2)
    before = Calendar.from_ical(ask(world, world.ana, "/my/group/dates").content).walk("VEVENT")[0]
    care.move_meeting(
        meeting_id=meeting.pk, revision=1, starts_at=world.now + timedelta(days=6), key=uuid.uuid4(),
        by=world.asker(world.bea), now=world.now,
    )  # fmt: skip
    care.cancel_meeting(
        meeting_id=meeting.pk, reason="holiday", key=uuid.uuid4(), by=world.asker(world.bea), now=world.now
    )
    after = Calendar.from_ical(ask(world, world.ana, "/my/group/dates").content).walk("VEVENT")[0]
    assert after["UID"] == before["UID"]
    assert (before["SEQUENCE"], after["SEQUENCE"]) == (0, 2)
    assert str(after["STATUS"]) == "CANCELLED"
    assert "does not take place" in ask(world, world.ana, "/my/group").content.decode()


def test_her_page_says_her_own_clock(world, group):
    world.ana.time_zone = "Australia/Sydney"
    world.ana.save()
    assert "Australia/Sydney" in ask(world, world.ana, "/my/group").content.decode()


def test_who_left_sees_no_dates(world, group):
    member = GroupMember.objects.get()
    care.leave_group(member_id=member.pk, reason="her-wish", by=world.asker(world.dora), now=world.now)
    assert "You are in no group" in ask(world, world.ana, "/my/group").content.decode()
    assert ask(world, world.ana, "/my/group/dates").status_code == 404


def test_who_has_finished_her_course_is_not_asked_to_join(published):
    group = made(published)
    programme_of_all = library.programme_snapshot("living-with-pain")
    for who, lessons in (("waits", 1), ("done", None)):
        published.add_patient(who, published.bea)
        person = published.people[who]
        course = Course.objects.create(
            episode=enrolled(person, published.now - timedelta(days=2)), person=person, snapshot=programme_of_all,
            length="standard", began_at=published.now - timedelta(days=2),
        )  # fmt: skip
        for lesson in library.programme(programme_of_all.pk).lessons[:lessons]:
            Mark.objects.create(course=course, kind="done", lesson=lesson.id, at=published.now - timedelta(days=1))
    text = published.client_of(published.dora).get(f"/office/groups/{group.pk}/").content.decode()
    assert str(published.people["waits"].pk) in text
    assert str(published.people["done"].pk) not in text


# ---------------------------------------------------------------------------------------------------- how many queries


def test_the_lists_cost_the_same_with_more_rows(world):
    first = made(world, "Circle a", members=("ana",))
    world.add_patient("waits", world.bea)
    enrolled(world.people["waits"], world.now - timedelta(days=2))

    def cost(who, address):
        client = world.client_of(who)
        client.get(address)
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    asked = [
        (world.dora, "/office/groups/"), (world.dora, f"/office/groups/{first.pk}/"), (world.bea, "/clinic/groups/"),
        (world.bea, f"/clinic/groups/{first.pk}/"), (world.bea, f"/clinic/meetings/{past(first).pk}/"),
        (world.ana, "/my/group"),
    ]  # fmt: skip
    before = [cost(*one) for one in asked]
    for n in range(6):
        made(world, f"Circle {n}", members=(f"m{n}",))
        world.add_patient(f"w{n}", world.bea)
        enrolled(world.people[f"w{n}"], world.now - timedelta(days=2))
        world.add_patient(f"x{n}", world.bea)
        enrolled(world.people[f"x{n}"], world.now - timedelta(days=20))
        care.join_group(
            group_id=first.pk, person_id=world.people[f"x{n}"].pk, by=world.asker(world.dora),
            now=world.now - timedelta(days=9),
        )  # fmt: skip
    assert [cost(*one) for one in asked] == before
