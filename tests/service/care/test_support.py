"""Flags and the page of options: chosen by a person, looked at again after three weeks, never closed by time (C32)."""

import uuid
from datetime import timedelta

import pytest

from accord.science.protocols.ladder import load_ladder, tier_of
from accord.service.access.table import SERVICE
from accord.service.care import actions, queries
from accord.service.care.models import Alert, AlertStep, Flag, SupportStep
from accord.service.care.rules.support import KINDS, OPTIONS, SupportStage, options_for
from accord.service.errors import NotAllowed, NotNow, Refusal

pytestmark = pytest.mark.both
DAY = timedelta(days=1)
LADDER = load_ladder()


def flag(world, *, kind="worse", occasion="phq_9.total:weekly:3", alert=None, now=None):
    return actions.raise_flag(
        person=world.ana, episode=world.episode, kind=kind, occasion=occasion, scale="phq_9.total",
        reasons=["Mood: 9 at the start, 16 and 17 on the last two occasions."], numbers={"threshold": 6}, alert=alert,
        by=SERVICE, now=now or world.now,
    )  # fmt: skip


def choose(world, one, option="smaller-steps", *, by=None, now=None, key=None, note=""):
    return actions.choose_support(
        flag_id=one.pk, option=option, note=note, key=key or uuid.uuid4(), by=world.asker(by or world.bea),
        now=now or world.now,
    )  # fmt: skip


def look(world, one, helped, *, by=None, now=None):
    return actions.look_again(
        flag_id=one.pk,
        helped=helped,
        key=uuid.uuid4(),
        by=world.asker(by or world.bea),
        now=now or world.now + 22 * DAY,
    )


def stage(world, one, now):
    return queries.supported([one], now)[0].support.stage


def test_an_occasion_is_flagged_once(world):
    assert flag(world) is not None
    assert flag(world) is None
    assert flag(world, occasion="phq_9.total:weekly:5") is not None
    assert Flag.objects.count() == 2


def test_c32_what_is_chosen_is_brought_up_again_after_three_weeks(world):
    one = flag(world)
    assert stage(world, one, world.now) is SupportStage.OPEN
    choose(world, one)
    assert stage(world, one, world.now + 20 * DAY) is SupportStage.WAITING
    assert stage(world, one, world.now + 21 * DAY) is SupportStage.LOOK_AGAIN
    assert stage(world, one, world.now + 400 * DAY) is SupportStage.LOOK_AGAIN, "time closes nothing"
    look(world, one, "yes")
    assert stage(world, one, world.now + 23 * DAY) is SupportStage.SETTLED
    with pytest.raises(NotNow, match="helped"):
        choose(world, one, now=world.now + 23 * DAY)


@pytest.mark.parametrize("helped", ["some", "no"])
def test_c32_what_did_not_help_opens_the_question_again(world, helped):
    one = flag(world)
    choose(world, one)
    look(world, one, helped)
    found = queries.supported([one], world.now + 22 * DAY)[0].support
    assert (found.stage, found.tried, found.helped) == (SupportStage.OPEN, 1, helped)
    choose(world, one, "refer-on", now=world.now + 22 * DAY)
    again = queries.supported([one], world.now + 44 * DAY)[0].support
    assert (again.stage, again.option, again.tried) == (SupportStage.LOOK_AGAIN, "refer-on", 2)


def test_the_page_remembers_what_was_tried_with_her_before(world):
    first, second = flag(world), flag(world, occasion="bpi_interference.total:mid:0")
    choose(world, first, "flare-plan", note="Zqplan")
    look(world, first, "yes")
    page = queries.support_page(world.asker(world.bea), second.pk, world.now + 23 * DAY)
    assert [(step.option, step.helped) for step in page.before] == [("flare-plan", "yes")]
    assert page.options[0] == "talk-about-the-work-together"
    assert page.may_act


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_flag_has_every_option(kind):
    assert sorted(options_for(kind)) == sorted(OPTIONS)
    assert options_for(kind)[-1] == "other"


def test_refusals_in_words(world):
    one = flag(world)
    with pytest.raises(Refusal, match="what you will do"):
        choose(world, one, "wait and see")
    with pytest.raises(Refusal, match="few words"):
        choose(world, one, "other")
    with pytest.raises(NotNow, match="Nothing is being tried"):
        look(world, one, "yes")
    choose(world, one, "other", note="Zqother")
    with pytest.raises(Refusal, match="whether it helped"):
        look(world, one, "perhaps")
    assert SupportStep.objects.count() == 1


def test_the_same_form_twice_is_one_step_and_two_at_once_are_told(world):
    one, key = flag(world), uuid.uuid4()
    assert choose(world, one, key=key).pk == choose(world, one, key=key).pk
    from accord.service.care.actions.support import Kind, _add

    with pytest.raises(NotNow, match="same moment"):
        _add(one, Kind.CHOSEN, 1, uuid.uuid4(), world.asker(world.fay), world.now, option="refer-on", note="")
    assert SupportStep.objects.count() == 1


@pytest.mark.parametrize("who", ["ana", "carl", "dora", "gus", "hal", "joy"])
def test_nobody_else_sees_or_chooses(world, who):
    one, asker = flag(world), world.asker(getattr(world, who))
    with pytest.raises(NotAllowed):
        choose(world, one, by=getattr(world, who))
    with pytest.raises(NotAllowed):
        queries.support_page(asker, one.pk, world.now)
    assert queries.flags_of(asker, world.ana.pk, world.now) == []
    with pytest.raises(NotAllowed):
        actions.add_note_about(person_id=world.ana.pk, text="x", key=uuid.uuid4(), by=asker, now=world.now)
    assert queries.notes_of(asker, world.ana.pk) == []


def worse_alert(world):
    return actions.raise_alert(
        person=world.ana, episode=world.episode, assessment_id=None, occasion="worse:1", track="change",
        outcome=tier_of(LADDER, {"deterioration": True}, track="change"), ladder=LADDER, by=SERVICE, now=world.now,
    )  # fmt: skip


def test_choosing_what_to_do_closes_the_alert_that_came_with_the_flag_and_no_other(world):
    alert = worse_alert(world)
    risk = actions.raise_alert_by_hand(
        person_id=world.ana.pk, track="risk", tier="r2", note="x", key=uuid.uuid4(), ladder=LADDER,
        by=world.asker(world.bea), now=world.now,
    )  # fmt: skip
    one = flag(world, alert=alert)
    choose(world, one)
    closed = AlertStep.objects.get(kind="closed")
    assert (closed.alert_id, closed.reason, closed.by) == (alert.pk, "support-chosen", world.bea.pk)
    assert [one.pk for one in Alert.objects.open()] == [risk.pk]


def test_a_note_is_written_once_and_read_by_who_treats_her(world):
    key, bea = uuid.uuid4(), world.asker(world.bea)
    one = flag(world)
    for _ in range(2):
        note = actions.add_note_about(
            person_id=world.ana.pk, text="Zqnote", about=f"flag:{one.pk}", key=key, by=bea, now=world.now
        )
    assert [row.pk for row in queries.notes_of(bea, world.ana.pk)] == [note.pk]
    for text, about in (("", ""), ("a\0b", ""), ("x" * 1_000_000, ""), ("fine", "javascript:1")):
        with pytest.raises(Refusal):
            actions.add_note_about(
                person_id=world.ana.pk, text=text, about=about, key=uuid.uuid4(), by=bea, now=world.now
            )
