"""The journey as flows: from an address to a risk answer that somebody is told of."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accord.science.conditions import Decision
from accord.service.assessments import queries as assessments
from accord.service.assessments.rules.questions import next_open
from accord.service.care.models import Alert
from accord.service.episodes import queries as episodes
from accord.service.episodes.models import Referral
from accord.service.episodes.rules import State
from accord.service.errors import NotAllowed, NotNow, Stale
from accord.service.flows.confirm_referral import confirm_referral
from accord.service.flows.decide_eligibility import decide_eligibility
from accord.service.flows.enrol import enrol
from accord.service.flows.finish_assessment import finish_assessment
from accord.service.flows.give_consent import give_consent
from accord.service.flows.open_screening import open_screening
from accord.service.flows.sign_up import sign_up
from accord.service.flows.submit_answer import submit_answer
from accord.service.library.queries import latest
from accord.service.outbox.models import Work
from accord.service.people import actions as people
from accord.service.people.models import Person
from accord.service.people.queries import asker_for

pytestmark = [pytest.mark.django_db, pytest.mark.both]
PASSWORD = "a-quiet-heron-at-dawn"


def came_in(world):
    """Somebody who signed up, used her link and said how to reach her."""
    sign_up(email="zqnew@example.org", clinic=world.clinic, now=world.now)
    referral = Referral.objects.latest("made_at")
    account = confirm_referral(token=episodes.confirm_token(referral.pk), password=PASSWORD, now=world.now)
    person = Person.objects.get(pk=account.person_id)
    by = asker_for(person.pk, world.now)
    people.change_contact(person=person, name="Zqnew Name", phone="01", country="GB", by=by, now=world.now)
    return person, by, episodes.current_episode(by, person.pk)


def answer_all(assessment, by, now, choose):
    """Answer every question that is shown; `choose` gives the value for (instrument, item)."""
    while True:
        held = assessments.held(assessments.current(assessment))
        slot = next_open(assessments.slots(assessment), held)
        if slot is None:
            return
        known = held.get(slot.key)
        submit_answer(
            assessment_id=assessment.pk, instrument=slot.instrument, item=slot.item, value=choose(*slot.key),
            revision=known.revision if known else 0, key=uuid.uuid4(), by=by, now=now,
        )  # fmt: skip


FITS = {"age": 44, "pain_months": 30, "pain_seen_by_doctor": "yes"}


def screened(world, **changed):
    person, by, episode = came_in(world)
    screening = open_screening(episode_id=episode.pk, by=by, now=world.now)
    values = FITS | changed
    answer_all(screening, by, world.now, lambda instrument, item: values.get(item, 0))
    finish_assessment(assessment_id=screening.pk, by=by, now=world.now)
    return person, by, episode


def test_the_whole_way_in(published):
    person, by, episode = screened(published)
    assert decide_eligibility(episode_id=episode.pk, by=by, now=published.now).decision is Decision.YES
    give_consent(episode_id=episode.pk, seen=latest("text", "consent-care", "en").pk, by=by, now=published.now)
    baseline = enrol(episode_id=episode.pk, by=by, now=published.now)
    assert enrol(episode_id=episode.pk, by=asker_for(person.pk, published.now), now=published.now) == baseline
    assert episodes.state(episode) is State.ENROLLED
    assert baseline.instruments[:2] == ["bpi_interference", "safety_check"]
    assert "enrolment" in episodes.anchors(episode)


def test_who_does_not_fit_reads_the_reason_and_may_be_looked_at_again(published):
    _person, by, episode = screened(published, pain_months=1)
    decided = decide_eligibility(episode_id=episode.pk, by=by, now=published.now)
    assert decided.decision is Decision.NO
    assert decide_eligibility(episode_id=episode.pk, by=by, now=published.now).decision is Decision.NO
    assert episodes.state(episode) is State.NOT_ELIGIBLE
    assert "three months" in episodes.last_reason(episode)


def test_a_question_left_out_shuts_nobody_out(published):
    _person, by, episode = screened(published, age=None)
    decided = decide_eligibility(episode_id=episode.pk, by=by, now=published.now)
    assert (decided.decision, decided.to_ask) == (Decision.UNKNOWN, ("age",))
    assert episodes.state(episode) is State.SCREENING


def test_an_applicants_risk_answer_raises_an_alert_and_does_not_decide_eligibility_c4(published):
    person, by, episode = screened(published, item_1=1, item_4=0, item_2=0, item_3=0)
    alert = Alert.objects.get(person=person, track="risk")
    assert alert.clock == "r2"
    assert Work.objects.filter(kind="alert-raised", to=str(published.eli.pk)).exists()  # the duty clinician
    assert decide_eligibility(episode_id=episode.pk, by=by, now=published.now).decision is Decision.YES


def test_nothing_is_asked_before_we_know_how_to_reach_her_c4(published):
    sign_up(email="zqnew@example.org", clinic=published.clinic, now=published.now)
    token = episodes.confirm_token(Referral.objects.latest("made_at").pk)
    account = confirm_referral(token=token, password=PASSWORD, now=published.now)
    by = asker_for(account.person_id, published.now)
    episode = episodes.current_episode(by, account.person_id)
    with pytest.raises(NotNow):
        open_screening(episode_id=episode.pk, by=by, now=published.now)


def test_a_link_is_used_once_and_grows_old(published):
    now = published.now
    sign_up(email="zqnew@example.org", clinic=published.clinic, now=now)
    token = episodes.confirm_token(Referral.objects.latest("made_at").pk)
    with pytest.raises(NotNow):
        confirm_referral(token=token, password=PASSWORD, now=now + timedelta(days=30))
    confirm_referral(token=token, password=PASSWORD, now=now)
    with pytest.raises(NotNow):
        confirm_referral(token=token, password=PASSWORD, now=now)
    for forged in (token[:-2] + "AA", "", "x" * 5000, "ä"):
        with pytest.raises(NotAllowed):
            confirm_referral(token=forged, password=PASSWORD, now=now)


def test_a_known_address_makes_no_second_person_e22(published):
    before = Person.objects.count()
    sign_up(email=published.ana.email.upper(), clinic=published.clinic, now=published.now)
    assert Person.objects.count() == before
    assert Work.objects.filter(kind="sign-up-known", to=str(published.ana.pk)).exists()


def post(screening, by, now, value, **more):
    given = {"instrument": "safety_check", "item": "item_1", "revision": 0, "key": uuid.uuid4()} | more
    return submit_answer(assessment_id=screening.pk, value=value, by=by, now=now, **given)


@pytest.fixture
def asked(published):
    person, by, episode = came_in(published)
    return person, by, open_screening(episode_id=episode.pk, by=by, now=published.now), published.now


def test_the_same_post_twice_is_one_answer_and_one_alert_p2(asked):
    person, by, screening, now = asked
    key = uuid.uuid4()
    first = post(screening, by, now, 2, key=key)
    again = post(screening, by, now, 2, key=key)
    assert (first.replayed, again.replayed) == (False, True)
    assert "safety-crisis-page" in first.screens
    assert again.screens == first.screens
    assert screening.answers.count() == 1
    assert Alert.objects.filter(person=person).count() == 1


def test_a_stale_page_overwrites_nothing(asked):
    _person, by, screening, now = asked
    post(screening, by, now, 0)
    with pytest.raises(Stale) as stale:
        post(screening, by, now, 3)
    assert stale.value.held.value == 0
    assert assessments.current(screening)["safety_check", "item_1"].value == 0


def test_an_answer_that_is_lowered_leaves_its_alert_open(asked):
    person, by, screening, now = asked
    post(screening, by, now, 3)
    post(screening, by, now, 0, revision=1)
    assert Alert.objects.open().filter(person=person).exists()


def test_left_out_is_asked_again_then_told_c2(asked):
    person, by, screening, now = asked
    post(screening, by, now, None)
    assert not Alert.objects.filter(person=person).exists()
    held = assessments.held(assessments.current(screening))
    slots = assessments.slots(screening)
    number = next(slot.number for slot in slots if slot.key == ("safety_check", "item_1"))
    assert next_open(slots, held, number).number == number
    post(screening, by, now, None, revision=1)
    assert Alert.objects.get(person=person).clock == "r1"


def test_when_the_rules_fail_the_answer_is_kept_and_somebody_is_told_p11(asked, monkeypatch):
    person, by, screening, now = asked
    monkeypatch.setattr("accord.service.assessments.rules.questions.tier_of", lambda *_a, **_k: 1 / 0)
    submitted = post(screening, by, now, 1)
    assert submitted.answer.value == 1
    assert "safety-crisis-page" in submitted.screens
    assert Alert.objects.get(person=person).ladder == "fail-safe"


def test_when_the_alert_cannot_be_kept_neither_is_the_answer(asked, monkeypatch):
    _person, by, screening, now = asked

    def broken(**_given):
        raise RuntimeError("planted")

    monkeypatch.setattr("accord.service.flows.submit_answer.raise_alert", broken)
    with pytest.raises(RuntimeError):
        post(screening, by, now, 3)
    assert screening.answers.count() == 0


def test_nobody_else_answers_for_her(asked, published):
    _person, _by, screening, now = asked
    for other in (published.ana, published.bea, published.eli, None):
        with pytest.raises(NotAllowed):
            post(screening, published.asker(other), now, 0)


def test_follow_ups_left_out_count_as_yes_once_sent_c3(published):
    person, _by, _episode = screened(published, item_1=1, item_2=None, item_3=0, item_4=None)
    assert Alert.objects.filter(person=person, track="risk").order_by("-raised_at", "-id").first().clock == "r3"


def test_a_red_flag_is_told_and_does_not_shut_her_out_c9(published):
    person, by, episode = came_in(published)
    screening = open_screening(episode_id=episode.pk, by=by, now=published.now)
    flags = {("red_flags", "item_3"): 1}
    answer_all(screening, by, published.now, lambda *key: flags.get(key, FITS.get(key[1], 0)))
    finish_assessment(assessment_id=screening.pk, by=by, now=published.now)
    assert Alert.objects.get(person=person).clock == "d2"
    assert decide_eligibility(episode_id=episode.pk, by=by, now=published.now).decision is Decision.YES


def test_a_newer_text_is_shown_before_anybody_consents_to_it(published):
    _person, by, episode = screened(published)
    decide_eligibility(episode_id=episode.pk, by=by, now=published.now)
    with pytest.raises(NotNow):
        give_consent(episode_id=episode.pk, seen=latest("text", "information", "en").pk, by=by, now=published.now)
    with pytest.raises(NotNow):
        enrol(episode_id=episode.pk, by=by, now=published.now)  # nothing was agreed to
    assert episodes.state(episode) is State.ELIGIBLE
