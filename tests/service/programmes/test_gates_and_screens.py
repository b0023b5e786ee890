"""What stands before a ladder (C9) and a practice of the body (C10), and what a frightening practice leads to."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accord.service.care.models import Flag
from accord.service.errors import NotAllowed, NotNow, Refusal, Stale
from accord.service.flows.ask_before_part import ask_before_part
from accord.service.flows.save_frightening_practice import save_frightening_practice
from accord.service.programmes import actions, queries
from accord.service.programmes.models import Practised

pytestmark = [pytest.mark.django_db, pytest.mark.both]
LADDER = "steps_that_matter"
NO_FLAG = {f"item_{number}": 0 for number in range(1, 9)} | {"worse_after_effort": 0}


def blocks(ana, day):
    view = queries.preview_lesson(ana.now_course(), LADDER, ana.on(day).date())
    ladder = next(one for part in view.parts for one in part.blocks if one.block.kind == "exposure_ladder")
    energy = view.block(ladder.block.head.energy_version)
    return ladder, energy


def all_but(ana, name):
    """Every lesson before the ladder done, so that only the gate is left."""
    for number, lesson in enumerate(("understanding_pain", "meeting_thoughts", "body_at_rest")):
        if lesson != name:
            ana.change(number, lesson, "skip", "Done on paper.")


@pytest.mark.parametrize(
    ("flags", "lesson", "ladder", "energy", "asks"),
    [
        (NO_FLAG, "open", True, False, ""),
        (NO_FLAG | {"worse_after_effort": 1}, "open", False, True, ""),
        (NO_FLAG | {"item_4": 1}, "closed", False, False, ""),
        (NO_FLAG | {"item_4": None}, "closed", False, False, "red_flags.any"),
        ({}, "closed", False, False, "red_flags.any"),
    ],
)
def test_c9_the_ladder_stands_behind_the_gate(ana, flags, lesson, ladder, energy, asks):
    ana.answer(0, "red_flags", flags)
    all_but(ana, LADDER)
    assert ana.standing(40).state_of(LADDER).state == lesson
    found = blocks(ana, 40)
    assert [one.shown for one in found] == [ladder, energy]
    assert found[0].asks == asks
    assert all(one.reason for one in found)


def test_c9_nothing_is_saved_in_a_ladder_behind_its_gate(ana):
    all_but(ana, LADDER)
    ana.change(10, LADDER, "open", "Begin with the values.")
    ladder = blocks(ana, 40)[0].block.id
    with pytest.raises(NotNow, match="eight short questions"):
        ana.save(40, {"goal": "the stairs"}, lesson=LADDER, block=ladder)
    ana.no_red_flag(41)
    assert ana.save(41, {"goal": "the stairs"}, lesson=LADDER, block=ladder).revision == 1
    ana.answer(50, "red_flags", {"item_3": 1}, time_point="red_flags")
    with pytest.raises(NotNow, match="a doctor should look at first"):
        ana.save(50, {"goal": "the roof"}, lesson=LADDER, block=ladder, revision=1)


def test_c9_unknown_opens_the_eight_questions_once(ana):
    first = ask_before_part(person_id=ana.person.pk, fact="red_flags.any", by=ana.by, now=ana.on(1))
    assert first.instruments == ["red_flags"]
    assert ask_before_part(person_id=ana.person.pk, fact="red_flags.any", by=ana.by, now=ana.on(2)) == first
    for who in (ana.world.joy, ana.world.carl, None):
        with pytest.raises(NotAllowed):
            ask_before_part(person_id=ana.person.pk, fact="red_flags.any", by=ana.world.asker(who), now=ana.on(1))
    with pytest.raises(NotAllowed):
        ask_before_part(person_id=ana.person.pk, fact="no_such_fact", by=ana.by, now=ana.on(1))


def test_c9_asked_again_is_unknown_until_all_eight_are_answered(ana):
    ana.answer(0, "red_flags", NO_FLAG)
    assert queries.record(ana.course, ana.on(1))["red_flags.any"] is False
    again = ask_before_part(person_id=ana.person.pk, fact="red_flags.any", by=ana.by, now=ana.on(2))
    assert "red_flags.any" not in queries.record(ana.course, ana.on(2))
    ana.answer(3, "red_flags", {"item_1": 0}, time_point="red_flags")
    assert "red_flags.any" not in queries.record(ana.course, ana.on(3))
    ana.answer(3, "red_flags", {f"item_{n}": 0 for n in range(2, 9)}, time_point="red_flags")
    assert queries.record(ana.course, ana.on(3))["red_flags.any"] is False
    assert again.occasion == 0


def test_c9_a_doctor_has_looked_is_said_by_the_therapist_and_ends_with_the_next_yes(ana):
    ana.answer(0, "red_flags", NO_FLAG | {"item_5": 1})
    all_but(ana, LADDER)
    assert ana.standing(40).state_of(LADDER).state == "closed"
    ana.change(40, LADDER, "open", "You asked for it.")  # opening is not clearing: the ladder stays behind its gate
    assert [one.shown for one in blocks(ana, 40)] == [False, False]
    ana.change(41, LADDER, "undo", "Wait.")
    ana.change(41, LADDER, "cleared", "Dr Hill looked at it on Monday: nothing to fear.")
    assert ana.standing(41).state_of(LADDER).state == "open"
    assert [one.shown for one in blocks(ana, 41)] == [True, False]
    ana.answer(50, "red_flags", NO_FLAG | {"item_3": 1}, time_point="red_flags")
    assert [one.shown for one in blocks(ana, 50)] == [False, False]


def test_a_tailored_part_says_why(ana):
    ana.answer(0, "red_flags", NO_FLAG | {"worse_after_effort": 1})
    view = queries.tailored_lesson(ana.now_course(), "understanding_pain", ana.on(0))
    energy, fog = view.block("energy_step"), view.block("fog_help")
    assert (energy.shown, view.block("ordinary_step").shown) == (True, False)
    assert energy.reason
    assert (fog.shown, fog.reason.startswith("We do not know yet")) == (False, True)
    ana.save(0, {"companions": ["fog"]})
    fog = queries.tailored_lesson(ana.now_course(), "understanding_pain", ana.on(0)).block("fog_help")
    assert (fog.shown, fog.reason) == (True, "You ticked fog or tiredness in the first part.")


# --- C10: practices -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("caution", "offered"), [("no", "slow_breath"), ("yes", "listening"), ("not_sure", "listening")]
)
def test_c10_a_practice_of_the_body_is_offered_by_its_screen(ana, caution, offered):
    ana.answer(0, "questions", {"body_practice_caution": caution}, time_point="baseline")
    found = queries.practice(ana.course, "slow_breath", ana.on(0))
    assert found.screened.offered == offered
    assert found.harm.grounding


def test_c10_who_was_not_asked_is_asked_and_offered_the_other_meanwhile(ana):
    found = queries.practice(ana.course, "slow_breath", ana.on(0)).screened
    assert (found.offered, found.asks) == ("listening", "body_practice_caution")
    asked = ask_before_part(person_id=ana.person.pk, fact=found.asks, by=ana.by, now=ana.on(0))
    assert asked.instruments == ["questions:body_practice_caution"]
    assert asked.time_point == "practice_screen"


def test_only_the_practices_of_open_lessons_are_offered(ana):
    names = {one.id for one in queries.practices(ana.course, ana.on(0))}
    assert "settling" in names
    assert "slow_breath" not in names


def frightened(ana, day, **more):
    given = {"practice": "settling", "minutes": 6, "felt": "frightened", "key": uuid.uuid4(), "by": ana.by} | more
    return save_frightening_practice(
        course=ana.now_course(), on=queries.today_of(ana.course, ana.on(day)), now=ana.on(day), **given
    )


def test_c10_a_practice_that_frightened_her_is_on_the_list_once(ana):
    key = uuid.uuid4()
    assert frightened(ana, 1, key=key) == frightened(ana, 1, key=key)
    frightened(ana, 1, felt="same", minutes=7)  # a later word on the same day closes nothing
    flag = Flag.objects.get()
    assert flag.kind == "frightened"
    assert "Settling" in flag.reasons[0]
    frightened(ana, 2)
    assert Flag.objects.count() == 2


def test_c10_an_ordinary_practice_is_on_no_list(ana):
    frightened(ana, 1, felt="calmer")
    assert Practised.objects.count() == 1
    assert not Flag.objects.exists()


def test_a_day_of_practice_is_noted_changed_and_taken_back(ana):
    def week(day):
        return ana.standing(day).practised_days_this_week

    ana.practise(1)
    ana.practise(2, felt="calmer", note="Zqnote")
    assert week(2) == 2
    ana.practise(3, on=2, minutes=0)
    assert week(3) == 1
    assert [row.minutes for row in queries.practised(ana.course, ana.on(0).date())] == [6]
    assert week(9) == 0  # seven days later
    assert Practised.objects.count() == 3  # nothing was overwritten
    key = uuid.uuid4()
    assert ana.practise(4, key=key) == ana.practise(4, key=key) == ana.practise(4)
    with pytest.raises(Stale):
        ana.practise(4, key=key, minutes=9)


@pytest.mark.parametrize(
    "wrong", [{"minutes": -1}, {"minutes": 100_000}, {"felt": "great"}, {"on": 2}, {"on": -40}, {"note": "x" * 20_000}]
)
def test_what_is_no_practice_is_refused(ana, wrong):
    with pytest.raises(Refusal):
        ana.practise(1, **wrong)
    with pytest.raises(NotAllowed):
        ana.practise(1, practice="no_such_practice")
    assert not Practised.objects.exists()


def test_her_day_is_the_date_in_her_zone(ana):
    ana.person.time_zone = "Pacific/Auckland"
    ana.person.save(update_fields=["time_zone"])
    late = ana.began.replace(hour=13)  # past midnight there
    course = ana.now_course()
    assert queries.today_of(course, late) == late.date() + timedelta(days=1)
    row = actions.log_practice(
        course=course, practice="settling", on=late.date() + timedelta(days=1), minutes=5, key=uuid.uuid4(), by=ana.by,
        now=late,
    )  # fmt: skip
    assert row.minutes == 5
