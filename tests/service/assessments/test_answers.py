"""Answers are kept once, never overwritten, and scored as a file of a million rows would be."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accord.service.access.table import SERVICE
from accord.service.assessments import actions, queries
from accord.service.audit.models import Entry
from accord.service.errors import NotAllowed, NotNow, Stale

pytestmark = [pytest.mark.django_db, pytest.mark.both]
OWN = {"safety_check": "own", "nrs_pain": "own"}


@pytest.fixture
def asked(world):
    from plugins.world import enrolled

    episode = enrolled(world.ana, world.now)
    return actions.open_assessment(
        episode=episode, time_point="weekly", instruments=["nrs_pain", "safety_check"], wordings=OWN, by=SERVICE,
        now=world.now, closes_at=world.now + timedelta(days=3),
    )  # fmt: skip


def save(world, assessment, value=4, **more):
    given = {"instrument": "nrs_pain", "item": "item_1", "revision": 0, "key": uuid.uuid4(), "now": world.now} | more
    return actions.save_answer(assessment=assessment, value=value, **({"by": world.asker(world.ana)} | given))


def test_opening_a_time_point_twice_opens_it_once(world, asked):
    again = actions.open_assessment(
        episode=asked.episode, time_point="weekly", instruments=["phq_9"], wordings={}, by=SERVICE, now=world.now
    )
    assert again == asked
    assert again.instruments == ["nrs_pain", "safety_check"]


def test_a_changed_answer_is_a_new_row_and_the_old_one_stays(world, asked):
    save(world, asked, 4)
    save(world, asked, 7, revision=1)
    assert queries.current(asked)["nrs_pain", "item_1"].value == 7
    assert list(asked.answers.order_by("revision").values_list("value", flat=True)) == [4, 7]


def test_the_same_key_is_the_same_post(world, asked):
    key = uuid.uuid4()
    assert not save(world, asked, 4, key=key).replayed
    assert save(world, asked, 4, key=key).replayed
    with pytest.raises(Stale):
        save(world, asked, 5, key=key)  # the same page with another answer
    with pytest.raises(NotNow):
        save(world, asked, 0, key=key, instrument="safety_check")
    assert asked.answers.count() == 1


def test_the_same_answer_from_two_windows_is_no_conflict(world, asked):
    save(world, asked, 4)
    assert save(world, asked, 4).replayed
    assert asked.answers.count() == 1


@pytest.mark.parametrize(("mine", "theirs"), [(4, 4), (4, 9)])
def test_a_race_that_the_constraint_decides(world, asked, monkeypatch, mine, theirs):
    """Another request stores its answer between our look and our write."""
    look = actions._last

    def slower(assessment, instrument, item):
        seen = look(assessment, instrument, item)
        monkeypatch.setattr(actions, "_last", look)
        save(world, assessment, theirs)
        return seen

    monkeypatch.setattr(actions, "_last", slower)
    if mine == theirs:
        assert save(world, asked, mine).replayed
        assert asked.answers.count() == 1
    else:
        with pytest.raises(Stale) as stale:
            save(world, asked, mine)
        assert stale.value.held.value == theirs


def test_nothing_is_answered_after_it_was_sent_or_after_its_window(world, asked):
    with pytest.raises(NotNow):
        save(world, asked, now=world.now - timedelta(days=1))
    with pytest.raises(NotNow):
        save(world, asked, now=world.now + timedelta(days=4))
    save(world, asked, 4)
    with pytest.raises(NotNow):
        actions.finish(assessment=asked, by=world.asker(world.ana), now=world.now)  # a question is open
    save(world, asked, 0, instrument="safety_check")
    scores = actions.finish(assessment=asked, by=world.asker(world.ana), now=world.now)
    assert actions.finish(assessment=asked, by=world.asker(world.ana), now=world.now) == scores
    with pytest.raises(NotNow):
        save(world, asked, 5, revision=1)


def test_scores_carry_version_wording_and_what_was_left_out(world, asked):
    save(world, asked, None)
    save(world, asked, None, instrument="safety_check")
    save(world, asked, None, instrument="safety_check", revision=1)
    scores = {s.instrument: s for s in actions.finish(assessment=asked, by=world.asker(world.ana), now=world.now)}
    assert (scores["nrs_pain"].value, scores["nrs_pain"].valid, scores["nrs_pain"].band) == (None, False, "")
    assert scores["safety_check"].note == "safety question: not answered"  # beside the score, never without it (C2)
    assert scores["nrs_pain"].wording == "own"
    assert scores["nrs_pain"].version == "0 to 10"


def test_only_who_is_asked_answers_and_only_she_and_her_clinicians_see_scores(world, asked):
    for other in (world.bea, world.carl, world.joy, world.dora, None):
        with pytest.raises(NotAllowed):
            save(world, asked, by=world.asker(other))
    save(world, asked, 4)
    save(world, asked, 0, instrument="safety_check")
    actions.finish(assessment=asked, by=world.asker(world.ana), now=world.now)
    seen = {who: len(queries.scores(world.asker(person), asked)) for who, person in world.five().items()}
    assert seen == {"owner": 2, "therapist": 2, "colleague": 0, "stranger": 0, "nobody": 0}


def test_the_audit_tells_that_she_answered_and_never_what(world, asked):
    save(world, asked, 4)
    entry = Entry.objects.filter(action="save_answer").latest("at")
    assert entry.facts == {"instrument": "nrs_pain", "item": "item_1", "revision": 1, "left_out": False}
    assert "answer" in entry.commitments


def test_an_older_page_never_overwrites_a_newer_draft(world, asked):
    place = {
        "assessment": asked,
        "instrument": "questions",
        "item": "x",
        "by": world.asker(world.ana),
        "now": world.now,
    }
    assert actions.keep_draft(text="one", revision=0, **place).revision == 1
    assert actions.keep_draft(text="two", revision=1, **place).revision == 2
    with pytest.raises(Stale):
        actions.keep_draft(text="old", revision=1, **place)
    assert queries.draft(asked, "questions", "x").text == "two"


def test_the_answer_of_the_time_before_is_read_from_an_earlier_occasion(world, asked):
    save(world, asked, 2, instrument="safety_check")
    later = actions.open_assessment(
        episode=asked.episode, time_point="weekly", occasion=1, instruments=["safety_check"], wordings=OWN, by=SERVICE,
        now=world.now + timedelta(days=7),
    )  # fmt: skip
    facts = queries.facts(later, world.now + timedelta(days=7))
    assert facts["previous.safety_check.item_1"] == 2
    assert facts["safety_check.asked"] is False
    assert "previous.safety_check.item_1" not in queries.facts(asked, world.now)
