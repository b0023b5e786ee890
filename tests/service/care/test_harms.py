"""Adverse events: what can be written down, a correction as a new row, a serious one always reaches a human."""

import uuid
from datetime import timedelta

import pytest

from accord.service.audit.models import Entry
from accord.service.care import queries
from accord.service.care.actions import record_harm
from accord.service.care.models import Alert, Harm
from accord.service.care.queries.bulk import harms
from accord.service.care.rules.harm import ALWAYS_SERIOUS, IN_ERROR, wrong_harm
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.flows.check_message import Message, check_message
from accord.service.outbox.models import Work


def write(world, by=None, person=None, **more):
    person = person or world.ana
    given = {"what": "fall", "severity": "mild", "causality": "unrelated", "on": world.now.date() - timedelta(days=1),
             "key": uuid.uuid4(), **more}  # fmt: skip
    return record_harm(person_id=person.pk, by=world.asker(by or world.bea), now=world.now, **given)


@pytest.fixture
def ana(world):
    return world.episode.person


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({}, ""), ({"what": "pigeon"}, "what"), ({"what": IN_ERROR}, "what"), ({"severity": "awful"}, "severity"),
        ({"what": "hospital"}, "serious"), ({"what": "death", "severity": "severe"}, "serious"), ({"on": None}, "on"),
        ({"what": "hospital", "severity": "serious"}, ""), ({"causality": ""}, "causality"),
        ({"what": "other", "note": " "}, "note"), ({"what": IN_ERROR, "correction": True, "note": "Hers, not his"}, ""),
    ],
)  # fmt: skip
def test_what_can_be_written_down(world, change, wrong):
    today = world.now.date()
    base = {"what": "fall", "severity": "mild", "causality": "possible", "on": today, "note": "", "correction": False}
    assert wrong_harm(**{**base, **change}, today=today) == wrong
    assert wrong_harm(**{**base, "on": today + timedelta(days=1)}, today=today) == "on"


@pytest.mark.both
def test_an_event_is_written_once_however_often_it_is_sent(world, ana):
    key = uuid.uuid4()
    first = write(world, key=key, note="Zqsaid")
    assert write(world, key=key).pk == first.pk
    entry = Entry.objects.get(action="harm.recorded")
    assert "Zqsaid" not in str(entry.facts)
    assert (Alert.objects.count(), Work.objects.filter(kind="harm-serious").count()) == (0, 0)


@pytest.mark.both
def test_a_correction_is_a_new_row_that_names_the_old(world, ana):
    first = write(world)
    second = write(world, severity="moderate", corrects_id=first.pk)
    with pytest.raises(NotNow, match="corrected this before you"):
        write(world, corrects_id=first.pk)
    last = write(world, what=IN_ERROR, note="Another person's", corrects_id=second.pk)
    row = queries.harms_of(world.asker(world.bea), ana.pk)
    assert [(one.harm, one.before, one.in_error) for one in row] == [(last, (second, first), True)]
    assert Harm.objects.standing().count() == 0
    assert harms([world.episode.pk], world.now) == []
    other = write(world, what="distress")
    assert [one.what for one in harms([world.episode.pk], world.now)] == [other.what]


@pytest.mark.both
@pytest.mark.parametrize("what", ["fall", *sorted(ALWAYS_SERIOUS)])
def test_a_serious_event_always_reaches_a_human(world, ana, what):
    """An alert with a clock, and a mail of their own to supervisors and service lead, in the same transaction: also
    when the writer herself takes the alert in hand at once."""
    from accord.service.care.actions import acknowledge

    harm = write(world, what=what, severity="serious")
    alert = Alert.objects.get()
    assert (alert.occasion, alert.track, alert.clock) == (f"harm:{harm.pk}", "health", "r2")
    assert alert.acknowledge_by > world.now
    acknowledge(alert_id=alert.pk, by=world.asker(world.bea), now=world.now)
    mails = Work.objects.filter(kind="harm-serious")
    assert {one.to for one in mails} == {str(world.fay.pk)}
    said = check_message(work=mails.get(), now=world.now)
    assert isinstance(said, Message)
    assert said.text == "mail-harm-serious"
    assert alert in [one.alert for one in queries.open_alerts(world.asker(world.fay), world.now)]


@pytest.mark.both
def test_without_the_alert_there_is_no_event(world, ana, monkeypatch):
    """Both or neither: when the alert cannot be raised, the event is not kept as if somebody knew."""
    from accord.service.care.actions import harms as module

    def fails(**_given):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(module, "raise_alert", fails)
    with pytest.raises(RuntimeError):
        write(world, severity="serious")
    assert (Harm.objects.count(), Entry.objects.filter(action="harm.recorded").count()) == (0, 0)


@pytest.mark.both
def test_a_correction_to_serious_is_told_and_one_from_serious_closes_nothing(world, ana):
    first = write(world)
    second = write(world, severity="serious", corrects_id=first.pk)
    assert Alert.objects.get().occasion == f"harm:{second.pk}"
    write(world, severity="mild", corrects_id=second.pk)
    assert Alert.objects.open().count() == 1


@pytest.mark.both
def test_who_may_write_one_down(world, ana):
    for who in (world.carl, world.dora, world.gus, world.hal, world.ana):
        with pytest.raises(NotAllowed):
            write(world, who)
    harm = write(world, world.fay)
    with pytest.raises(NotAllowed):
        write(world, world.hal, corrects_id=harm.pk)
    with pytest.raises(Refusal):
        write(world, note="x" * 6000)
    with pytest.raises(NotNow, match="no episode"):
        write(world, world.eli, world.ivo)
    assert Harm.objects.count() == 1
