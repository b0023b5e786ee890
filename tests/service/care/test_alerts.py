"""An alert from raising to closing: who is told, who has it, what must have been done, what never happens by itself."""

import uuid
from datetime import timedelta

import pytest

from accord.science.protocols.ladder import load_ladder, tier_of
from accord.service.access.table import SERVICE
from accord.service.audit.models import Entry
from accord.service.care import actions, queries
from accord.service.care.actions.parts import take
from accord.service.care.models import Alert, AlertStep
from accord.service.care.rules.handling import Stage
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.outbox.models import Work
from accord.service.people import actions as people

LADDER = load_ladder()
pytestmark = pytest.mark.both


def outcome(**facts):
    return tier_of(LADDER, {name.replace("__", "."): value for name, value in facts.items()})


OFTEN = outcome(safety_check__item_1=2, safety_check__item_2=0, safety_check__item_3=0, safety_check__item_4=0)
MOST = outcome(safety_check__item_1=3)
NONE = outcome(safety_check__item_1=0)
LEFT_OUT = outcome(safety_check__item_1=None)


def raise_for(world, said, *, person=None, occasion="assessment:1", now=None, ladder=LADDER):
    person = person or world.ana
    return actions.raise_alert(
        person=person, episode=None, assessment_id=None, occasion=occasion, track="risk", outcome=said, ladder=ladder,
        by=world.asker(person), now=now or world.now,
    )  # fmt: skip


def told(kind="alert-raised"):
    return set(Work.objects.filter(kind=kind).values_list("to", flat=True))


def state(alert, now):
    return queries.standing([alert], now)[0].state


def call(world, alert, by=None, result="reached", now=None):
    return actions.log_contact(
        person_id=alert.person_id, alert_id=alert.pk, mode="phone", outcome=result, minutes=5, key=uuid.uuid4(),
        by=world.asker(by or world.bea), now=now or world.now,
    )  # fmt: skip


def test_u7_a_risk_answer_raises_an_alert_and_tells_her_therapist(world):
    alert = raise_for(world, OFTEN)
    assert (alert.tier, alert.clock) == ("r2", "r2")
    assert told() == {str(world.bea.pk)}
    assert Entry.objects.filter(action="alert.raised", resource_id=str(alert.pk)).count() == 1


def test_an_applicant_s_alert_goes_to_the_duty_clinician(world):
    raise_for(world, OFTEN, person=world.ivo)
    assert told() == {str(world.eli.pk)}


def test_while_the_therapist_is_away_her_cover_is_told(world):
    people.set_absence(
        person=world.bea, since=world.now - timedelta(days=1), until=world.now + timedelta(days=7), cover=world.carl,
        by=world.asker(world.dora), now=world.now - timedelta(days=1),
    )  # fmt: skip
    alert = raise_for(world, OFTEN)
    assert told() == {str(world.carl.pk)}
    assert actions.acknowledge(alert_id=alert.pk, by=world.asker(world.carl), now=world.now).by == world.carl.pk


def test_nothing_is_raised_twice_and_nothing_for_none(world):
    assert raise_for(world, NONE) is None
    assert raise_for(world, OFTEN) is not None
    assert raise_for(world, OFTEN) is None
    assert Alert.objects.count() == Work.objects.count() == 1


def test_a_higher_tier_on_the_same_occasion_is_a_new_row_and_a_lower_one_leaves_it_open(world):
    raise_for(world, OFTEN)
    high = raise_for(world, MOST)
    assert high.tier == "r3"
    assert raise_for(world, OFTEN) is None
    assert raise_for(world, NONE) is None
    shown = queries.open_alerts(world.asker(world.bea), world.now)
    assert [one.alert.pk for one in shown] == [high.pk]
    assert AlertStep.objects.filter(alert=high, kind="note", outcome="later:r2").count() == 1


def test_what_is_answered_after_an_alert_was_closed_is_raised_again(world):
    """Same occasion, same tier, but a plan is new: nobody would read a note on a closed alert."""
    first, bea = raise_for(world, OFTEN), world.asker(world.bea)
    call(world, first)
    actions.close_alert(alert_id=first.pk, reason="reached-and-safe", by=bea, now=world.now)
    assert raise_for(world, OFTEN) is None
    plan = outcome(safety_check__item_1=2, safety_check__item_2=1, safety_check__item_3=0, safety_check__item_4=0)
    again = raise_for(world, plan)
    assert again is not None
    assert raise_for(world, plan) is None
    assert [one.alert.pk for one in queries.open_alerts(bea, world.now)] == [again.pk]


def test_a_later_answer_of_the_same_height_is_seen_on_the_open_alert(world):
    alert = raise_for(world, OFTEN)
    plan = outcome(safety_check__item_1=2, safety_check__item_2=1, safety_check__item_3=0, safety_check__item_4=0)
    assert raise_for(world, plan) is None
    (shown,) = queries.open_alerts(world.asker(world.bea), world.now)
    assert shown.alert.pk == alert.pk
    assert shown.reasons()[0].startswith("There is a plan")


def test_left_out_is_known_as_unknown_and_never_as_none(world):
    alert = raise_for(world, LEFT_OUT)
    assert (alert.tier, alert.clock, alert.unknown) == ("unknown", "r1", True)
    assert queries.last_tier(world.ana.pk) == 0


def test_the_last_known_tier_follows_the_answers(world):
    for hours, (said, known) in enumerate([(NONE, 0), (OFTEN, 2), (LEFT_OUT, 2), (MOST, 3), (NONE, 0)]):
        raise_for(world, said, occasion=f"assessment:{hours}", now=world.now + timedelta(hours=hours))
        assert queries.last_tier(world.ana.pk) == known
        assert queries.last_tiers([world.ana.pk]).get(world.ana.pk, 0) == known


def test_when_the_rules_fail_the_alert_has_the_fail_safe_clock(world):
    from accord.science.protocols.ladder import Outcome

    alert = raise_for(world, Outcome("r2", ("The rules could not be read.",), "r2"), ladder=None)
    assert alert.ladder == "fail-safe"
    assert alert.promise["minutes"] == 60


def test_who_acknowledges_second_is_told_who_was_first(world):
    alert = raise_for(world, OFTEN)
    actions.acknowledge(alert_id=alert.pk, by=world.asker(world.bea), now=world.now)
    actions.acknowledge(alert_id=alert.pk, by=world.asker(world.bea), now=world.now)
    with pytest.raises(NotNow, match=r"Bea .* has acknowledged this alert before you"):
        actions.acknowledge(alert_id=alert.pk, by=world.asker(world.fay), now=world.now)
    assert AlertStep.objects.filter(kind="acknowledged").count() == 1


def test_two_who_acknowledge_in_the_same_instant_are_still_one(world):
    """Both have looked and seen nothing; the unique constraint decides, and the later one is told who it is."""
    alert = raise_for(world, OFTEN)
    take(alert, world.asker(world.bea), world.now)
    with pytest.raises(NotNow, match="before you"):
        take(alert, world.asker(world.fay), world.now)
    take(alert, world.asker(world.bea), world.now)
    assert AlertStep.objects.filter(kind="acknowledged").count() == 1


@pytest.mark.parametrize("who", ["ana", "carl", "dora", "gus", "hal", "joy"])
def test_strangers_and_colleagues_cannot_act(world, who):
    alert = raise_for(world, OFTEN)
    asker = world.asker(getattr(world, who))
    with pytest.raises(NotAllowed):
        actions.acknowledge(alert_id=alert.pk, by=asker, now=world.now)
    with pytest.raises(NotAllowed):
        actions.close_alert(alert_id=alert.pk, reason="other", note="x", by=asker, now=world.now)
    with pytest.raises(NotAllowed):
        actions.raise_alert_by_hand(
            person_id=world.ana.pk, track="risk", tier="r2", note="x", key=uuid.uuid4(), ladder=LADDER, by=asker,
            now=world.now,
        )  # fmt: skip
    assert queries.open_alerts(asker, world.now) == []


def test_closing_needs_what_its_reason_says(world):
    alert, bea = raise_for(world, OFTEN), world.asker(world.bea)
    close = lambda reason, note="": actions.close_alert(  # noqa: E731
        alert_id=alert.pk, reason=reason, note=note, by=bea, now=world.now
    )
    with pytest.raises(NotNow, match="acknowledged"):
        close("reached-and-safe")
    call(world, alert, result="not-reached")
    with pytest.raises(NotNow, match="reached"):
        close("reached-and-safe")
    with pytest.raises(NotNow, match="Too few attempts"):
        close("not-reached-letter", "letter sent")
    with pytest.raises(NotNow, match="hand-over"):
        close("handed-over")
    with pytest.raises(Refusal, match="why"):
        close("other")
    with pytest.raises(Refusal, match="Choose"):
        close("because")
    call(world, alert)
    close("reached-and-safe")
    assert state(alert, world.now).stage is Stage.CLOSED
    with pytest.raises(NotNow, match="closed"):
        actions.add_note(alert_id=alert.pk, text="later", key=uuid.uuid4(), by=bea, now=world.now)


def test_a_hand_over_is_confirmed_by_the_other_side(world):
    alert, bea, carl = raise_for(world, OFTEN), world.asker(world.bea), world.asker(world.carl)
    actions.hand_over_alert(
        alert_id=alert.pk, to=world.carl.pk, note="I am off", key=uuid.uuid4(), by=bea, now=world.now
    )
    assert str(world.carl.pk) in told()
    assert state(alert, world.now).holder == world.bea.pk
    with pytest.raises(NotNow, match="not by you"):
        actions.confirm_receipt(alert_id=alert.pk, key=uuid.uuid4(), by=bea, now=world.now)
    assert [one.alert.pk for one in queries.open_alerts(carl, world.now)] == [alert.pk]
    actions.confirm_receipt(alert_id=alert.pk, key=uuid.uuid4(), by=carl, now=world.now)
    assert state(alert, world.now).holder == world.carl.pk
    actions.close_alert(alert_id=alert.pk, reason="handed-over", by=carl, now=world.now)


def test_a_hand_over_is_never_to_the_other_clinic(world):
    alert = raise_for(world, OFTEN)
    for person in (world.hal, world.dora, world.ana):
        with pytest.raises(NotNow):
            actions.hand_over_alert(
                alert_id=alert.pk, to=person.pk, note="", key=uuid.uuid4(), by=world.asker(world.bea), now=world.now
            )


def test_a_step_that_came_twice_is_one_row(world):
    alert, key, bea = raise_for(world, OFTEN), uuid.uuid4(), world.asker(world.bea)
    for _ in range(2):
        actions.log_contact(
            person_id=world.ana.pk, alert_id=alert.pk, mode="phone", outcome="reached", minutes=3, key=key, by=bea,
            now=world.now,
        )  # fmt: skip
        actions.add_note(alert_id=alert.pk, text="said so", key=uuid.UUID(int=1), by=bea, now=world.now)
    assert sorted(AlertStep.objects.values_list("kind", flat=True)) == ["acknowledged", "contact", "note"]


def test_a_contact_without_an_alert_is_logged_in_two_taps(world):
    actions.log_contact(
        person_id=world.ana.pk, mode="video", outcome="reached", minutes=20, key=uuid.uuid4(),
        by=world.asker(world.bea), now=world.now,
    )  # fmt: skip
    (contact,) = queries.contacts_of(world.asker(world.bea), world.ana.pk)
    assert (contact.mode, contact.minutes) == ("video", 20)
    assert queries.contacts_of(world.asker(world.carl), world.ana.pk) == []


@pytest.mark.parametrize("text", ["a\0b", "x" * 1_000_000])
def test_words_that_cannot_be_stored_are_refused_kindly(world, text):
    alert = raise_for(world, OFTEN)
    with pytest.raises(Refusal):
        actions.add_note(alert_id=alert.pk, text=text, key=uuid.uuid4(), by=world.asker(world.bea), now=world.now)
    assert AlertStep.objects.count() == 0


def test_c15_a_therapist_raises_an_alert_from_anything_she_read(world):
    key = uuid.uuid4()
    for _ in range(2):
        alert = actions.raise_alert_by_hand(
            person_id=world.ana.pk, track="risk", tier="r3", note="She wrote that she has had enough", key=key,
            ladder=LADDER, by=world.asker(world.bea), now=world.now, about="message:1",
        )  # fmt: skip
    assert (alert.tier, alert.by, alert.promise["minutes"]) == ("r3", world.bea.pk, 15)
    assert Alert.objects.count() == 1
    assert queries.last_tier(world.ana.pk) == 3


def by_hand(world, about, *, tier="r2", key=None, note="", by=None):
    return actions.raise_alert_by_hand(
        person_id=world.ana.pk, track="risk", tier=tier, note=note, key=key or uuid.uuid4(), ladder=LADDER,
        by=world.asker(by or world.bea), now=world.now, about=about,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["message", "entry", "answer"])
def test_c15_one_tap_beside_any_text_needs_no_words_and_says_which_text(world, kind):
    about = f"{kind}:{uuid.uuid4()}"
    alert = by_hand(world, about)
    assert alert.occasion.startswith(f"{about}/hand:")
    assert alert.reasons == ["Raised by a clinician from what was written."]
    assert by_hand(world, about).pk == alert.pk, "a second tap, from another page"
    higher = by_hand(world, about, tier="r3")
    assert higher.pk != alert.pk
    assert Alert.objects.count() == 2
    with pytest.raises(Refusal, match="few words"):
        by_hand(world, "")
    with pytest.raises(Refusal, match="cannot be read"):
        by_hand(world, "https://example.org")


def test_c15_a_text_whose_alert_was_closed_can_raise_another(world):
    about, bea = f"message:{uuid.uuid4()}", world.asker(world.bea)
    alert = by_hand(world, about)
    call(world, alert)
    actions.close_alert(alert_id=alert.pk, reason="reached-and-safe", by=bea, now=world.now)
    assert by_hand(world, about).pk != alert.pk
    assert len(queries.open_alerts(bea, world.now)) == 1


def test_c15_safeguarding_is_a_track_of_its_own(world):
    alert = actions.raise_alert_by_hand(
        person_id=world.ana.pk, track="safeguarding", tier="safe", note="A child may be at risk", key=uuid.uuid4(),
        ladder=LADDER, by=world.asker(world.bea), now=world.now,
    )  # fmt: skip
    assert (alert.track, alert.clock) == ("safeguarding", "r2")
    assert queries.last_tier(world.ana.pk) == 0


def test_the_service_itself_may_raise(world):
    said = outcome(help_now=True, safety_check__asked=False)
    alert = actions.raise_alert(
        person=world.ana, episode=None, assessment_id=None, occasion="help-now:1", track="risk", outcome=said,
        ladder=LADDER, by=SERVICE, now=world.now,
    )  # fmt: skip
    assert (alert.tier, alert.by) == ("r3", None)
