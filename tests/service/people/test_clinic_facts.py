"""The facts of a clinic: hours as people write them, changed by who may, told to the audit."""

from __future__ import annotations

import pytest

from accord.service.access.table import SERVICE
from accord.service.audit.models import Entry
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.people.actions import update_clinic
from accord.service.people.models import Clinic
from accord.service.people.rules.hours import read_hours, write_hours

WEEK = {str(day): [["09:00", "17:00"]] for day in range(5)}


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("Mon-Fri 09:00-17:00", WEEK),
        ("mon – fri 9:00 – 17:00", WEEK),
        ("Mon 08:00-12:00; Mon 13:00-17:00", {"0": [["08:00", "12:00"], ["13:00", "17:00"]]}),
        ("Sat 10:00-24:00\nSun 10:00-12:00", {"5": [["10:00", "24:00"]], "6": [["10:00", "12:00"]]}),
        ("", {}),
    ],
)
def test_hours_are_read_and_written(text, hours):
    assert read_hours(text) == hours
    assert read_hours(write_hours(hours)) == hours


@pytest.mark.parametrize(
    "text",
    ["Fri-Mon 09:00-17:00", "Mon 17:00-09:00", "Mon 9-17", "Monday 09:00-17:00", "Mon 25:00-26:00", "Mon 09:60-10:00",
     "Mon 09:00-12:00; Mon 11:00-15:00", "Mon-Fri", "Mon 24:30-24:40"],
)  # fmt: skip
def test_hours_that_cannot_be(text):
    with pytest.raises(ValueError, match=r"\d|-"):
        read_hours(text)


def facts(clinic, **more):
    given = {
        "name": clinic.name, "country": clinic.country, "region": clinic.region, "time_zone": clinic.time_zone,
        "hours": write_hours(clinic.hours), "phone": clinic.phone, "on_call": clinic.on_call,
        "service_lead": clinic.service_lead,
    }  # fmt: skip
    return given | more


@pytest.mark.both
def test_what_changed_is_told_old_and_new(world):
    change = {"by": SERVICE, "now": world.now}
    update_clinic(clinic=world.clinic, **facts(world.clinic), **change)
    assert not Entry.objects.filter(action="update_clinic").exists(), "nothing changed, nothing is told"
    row = update_clinic(
        clinic=world.clinic, **facts(world.clinic, phone="+44 20", hours="Mon-Sat 08:00-18:00"), **change
    )
    assert (row.phone, len(row.hours)) == ("+44 20", 6)
    told = Entry.objects.get(action="update_clinic").facts
    assert set(told) == {"phone", "hours"}
    assert told["phone"] == {"before": "", "now": "+44 20"}
    assert len(told["hours"]["before"]) == 5


@pytest.mark.both
def test_who_may(world):
    for who in (world.bea, world.dora, world.ana, world.hal, None):
        with pytest.raises(NotAllowed):
            update_clinic(clinic=world.clinic, **facts(world.clinic), by=world.asker(who), now=world.now)
    update_clinic(clinic=world.clinic, **facts(world.clinic, phone="1"), by=world.asker(world.gus), now=world.now)
    with pytest.raises(NotAllowed):
        update_clinic(clinic=world.elsewhere, **facts(world.elsewhere), by=world.asker(world.gus), now=world.now)


@pytest.mark.parametrize(
    "wrong",
    [{"name": " "}, {"name": "N" * 121}, {"country": "gb"}, {"country": "GBR"}, {"time_zone": "Europe/Atlantis"},
     {"hours": "always"}, {"hours": ""}, {"phone": "1" * 41}, {"region": "x" * 11}, {"name": "a\0b"}],
)  # fmt: skip
def test_what_cannot_be(world, wrong):
    before = Clinic.objects.filter(pk=world.clinic.pk).values().get()
    with pytest.raises(Refusal) as refusal:
        update_clinic(clinic=world.clinic, **facts(world.clinic, **wrong), by=SERVICE, now=world.now)
    assert refusal.value.cure
    assert Clinic.objects.filter(pk=world.clinic.pk).values().get() == before


def test_a_lead_works_there(world):
    with pytest.raises(NotNow):
        update_clinic(clinic=world.clinic, **facts(world.clinic, service_lead=world.hal), by=SERVICE, now=world.now)
