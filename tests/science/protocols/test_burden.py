"""C36: items and minutes per person and sitting, 7 seconds an item, 10 on a bad day."""

import pytest
from tiny_protocol import GOOD, as_document

from accord.science.instruments import load_instrument
from accord.science.protocols import occasions, schedule
from accord.science.protocols.burden import items_asked, sittings
from accord.science.protocols.model import Protocol


def protocol(**baseline) -> Protocol:
    points = GOOD["schedule"] | {"baseline": GOOD["schedule"]["baseline"] | baseline}
    return as_document(GOOD | {"schedule": points}).validated(Protocol)


def first(found: Protocol) -> list:
    return sittings(found, occasions(found)[0])


def test_items_and_minutes():
    """BPI interference 7, PHQ-9 9, PSEQ 10, safety check 1 (the rest follows only after a yes): 27 × 7 s = 3.15 min."""
    patient = first(protocol())[0]
    assert patient.person == "patient"
    assert patient.items == 27
    assert patient.minutes == pytest.approx(27 * 7 / 60)
    assert patient.bad_day_minutes == pytest.approx(27 * 10 / 60)


def test_what_is_asked_only_after_an_answer_is_not_counted():
    assert items_asked(load_instrument("safety_check")) == 1


def test_the_primary_scale_and_safety_come_first():
    shuffled = protocol(patient=["pseq", "phq_9", "bpi_interference"])
    assert first(shuffled)[0].instruments == ("bpi_interference", "safety_check", "pseq", "phq_9")


def test_a_long_set_is_split_over_days():
    """Twenty and ten, then thirty-six: three days, no instrument torn apart, nothing lost."""
    names = ["bpi_interference", "pcs", "pseq", "ders", "ffmq"]
    parts = [s for s in first(protocol(patient=names, split_over_days=3)) if s.person == "patient"]
    assert [part.number for part in parts] == [1, 2, 3]
    assert sorted(name for part in parts for name in part.instruments) == sorted([*names, "safety_check"])
    assert max(part.minutes for part in parts) <= 39 * 7 / 60 + 1e-9


def test_one_sitting_too_long_stays_too_long_until_it_is_split():
    names = ["bpi_interference", "ders", "ffmq", "asq", "cerq", "tec"]
    assert first(protocol(patient=names))[0].too_long
    assert not any(part.too_long for part in first(protocol(patient=names, split_over_days=2)))


def test_a_member_sits_with_the_patient_and_a_leader_with_the_therapist():
    found = as_document(GOOD).validated(Protocol)
    session = next(o for o in occasions(found) if o.name == "session_4")
    people = {sitting.person: sitting.instruments for sitting in sittings(found, session)}
    assert people == {
        "patient": ("bpi_interference", "safety_check", "phq_9", "wai_sr", "gcq_s"),
        "therapist": ("wai_s_t",),
    }


def test_an_unknown_instrument_counts_nothing():
    assert first(protocol(patient=["bpi_interference", "no_such_thing"]))[0].items == 8


def test_the_schedule_adds_up_what_the_sittings_hold():
    rows = schedule(protocol(patient=["bpi_interference", "ders", "ffmq"], split_over_days=3))
    row = next(row for row in rows if (row.time_point, row.informant) == ("baseline", "patient"))
    assert row.items == 7 + 36 + 39 + 1
    assert row.minutes == pytest.approx(sum(sitting.minutes for sitting in row.sittings))
    assert len([r for r in rows if r.time_point == "weekly"]) == 1
