"""What the clock looks at every ten seconds: only what a question of safety was answered in, until time has settled it;
and a question that two instruments share is asked once."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accord.service.access.table import SERVICE
from accord.service.assessments import actions, queries
from accord.service.assessments.rules.occasions import Asked, next_sitting, parts
from accord.service.flows.sweep_unfinished import sweep_unfinished

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both]


def opened(world, names, number=0):
    return actions.open_assessment(
        episode=world.episode, time_point="weekly", occasion=number, instruments=names,
        wordings=dict.fromkeys(names, "own"), by=SERVICE, now=world.now,
    )  # fmt: skip


def save(world, asked, instrument, item, value, *, after=timedelta(), revision=0):
    actions.save_answer(
        assessment=asked, instrument=instrument, item=item, value=value, revision=revision, key=uuid.uuid4(),
        by=world.asker(world.ana), now=world.now + after,
    )  # fmt: skip


@pytest.mark.parametrize(("value", "found"), [(0, 0), (1, 1), (3, 1), (None, 1)])
def test_only_what_may_matter_is_loaded(world, value, found):
    asked = opened(world, ["nrs_pain", "safety_check"])
    save(world, asked, "nrs_pain", "item_1", 7)
    assert queries.unfinished(world.now) == []
    save(world, asked, "safety_check", "item_1", value)
    assert len(queries.unfinished(world.now)) == found


def test_what_is_settled_is_not_loaded_again_until_a_new_answer_comes(published):
    world = published
    asked = opened(world, ["safety_check"])
    save(world, asked, "safety_check", "item_1", 1)
    assert sweep_unfinished(now=world.now + timedelta(hours=2)) == 1
    assert len(queries.unfinished(world.now)) == 1
    assert sweep_unfinished(now=world.now + timedelta(days=2)) == 0
    assert queries.unfinished(world.now) == []
    save(world, asked, "safety_check", "item_1", 3, after=timedelta(days=3), revision=1)
    assert len(queries.unfinished(world.now)) == 1


def test_a_clock_that_stood_for_a_week_still_sees_it(published):
    world = published
    save(world, opened(world, ["safety_check"]), "safety_check", "item_1", 2)
    assert sweep_unfinished(now=world.now + timedelta(days=7)) == 1


def test_whether_a_doctor_has_looked_is_asked_once_and_scored(published):
    world = published
    names = ["questions:pain_seen_by_doctor", "red_flags"]
    asked = opened(world, names)
    keys = [slot.key for slot in queries.slots(asked)]
    assert ("red_flags", "doctor_seen") not in keys
    for slot in queries.slots(asked):
        save(world, asked, *slot.key, "yes" if slot.instrument == "questions" else 0)
    scores = {
        score.scale: score.value for score in actions.finish(assessment=asked, by=world.asker(world.ana), now=world.now)
    }
    assert scores["doctor_seen"] == 1
    alone = opened(world, ["red_flags"], number=1)
    assert ("red_flags", "doctor_seen") in [slot.key for slot in queries.slots(alone)]


# ------------------------------------------------------------------------------------------------------ sittings (C36)


@pytest.mark.parametrize("name", ["routine-care", "integro", "mair", "guided-icbt", "therapist-factors"])
def test_c36_no_sitting_of_any_protocol_is_longer_than_twenty_minutes(published, name):
    from accord.science.protocols.occasions import occasions
    from accord.service.library.queries import protocol, protocol_snapshot

    described = protocol(protocol_snapshot(name))
    for occasion in occasions(described):
        sittings = parts(described, occasion, queries.count)
        for names in sittings:
            assert len(names) == 1 or sum(queries.count(one)[1] for one in names) <= 20 * 60
        asked = [one for names in sittings for one in names]
        assert sorted(asked) == sorted({*occasion.asked.get("patient", ()), *occasion.asked.get("member", ())}), (
            occasion.name
        )


def test_c36_the_next_sitting_opens_on_another_day_and_on_the_last_day_at_once(world):
    zone, now = world.ana.zone(), world.now.replace(hour=12)
    first = [Asked(1, 3, now, closed=False)]

    def wanted(asked, at, **more):
        return next_sitting(asked, at, zone, of=3, **({"last_day": False, "flare": False} | more))

    assert wanted([], now) == 1
    assert wanted([Asked(1, 3, None, closed=False)], now) is None
    assert wanted(first, now + timedelta(hours=2)) is None
    assert wanted(first, now + timedelta(days=1)) == 2
    assert wanted(first, now + timedelta(hours=2), last_day=True) == 2
    assert wanted(first, now + timedelta(days=1), flare=True) is None
    assert wanted([*first, Asked(2, 3, now, closed=True)], now + timedelta(days=2)) is None
    assert wanted([*first, Asked(2, 3, now, closed=False), Asked(3, 3, now, closed=False)], now) is None
