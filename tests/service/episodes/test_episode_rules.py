"""An episode's state from its steps: one state each, and no way around the order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from accord.service.access.table import SERVICE
from accord.service.episodes import actions, queries
from accord.service.episodes.models import Step
from accord.service.episodes.rules import ALLOWED, State, StepKind, diagram, may_follow, state_after
from accord.service.errors import NotAllowed, NotNow
from plugins.standing import out_of_step

USUAL = [StepKind.REFERRED, StepKind.SCREENING, StepKind.ELIGIBLE, StepKind.CONSENTED, StepKind.ENROLLED]


def test_the_usual_way():
    kinds: list[StepKind] = []
    for kind in USUAL:
        assert may_follow(state_after(kinds), kind)
        kinds.append(kind)
    assert state_after(kinds) is State.ENROLLED


@given(st.lists(st.sampled_from(list(StepKind)), max_size=12))
def test_whatever_is_tried_enrolment_follows_consent(tried):
    taken: list[StepKind] = []
    for kind in tried:
        if may_follow(state_after(taken), kind):
            taken.append(kind)
    if StepKind.ENROLLED in taken:
        assert taken.index(StepKind.CONSENTED) < taken.index(StepKind.ENROLLED)
        assert StepKind.ELIGIBLE in taken[: taken.index(StepKind.CONSENTED)]
    if StepKind.WITHDRAWN in taken:
        assert taken[-1] is StepKind.WITHDRAWN


def test_every_step_can_be_taken_somewhere_and_the_diagram_shows_it():
    assert set(ALLOWED) == set(StepKind)
    assert all(ALLOWED.values())
    assert "consented -> enrolled" in diagram()


@pytest.fixture
def episode(world):
    from plugins.world import enrolled

    return enrolled(world.ana, world.now, steps=("referred",))


@pytest.mark.both
def test_a_step_that_does_not_fit_is_refused_and_writes_nothing(world, episode):
    with pytest.raises(NotNow):
        actions.add_step(episode=episode, kind=StepKind.ENROLLED, by=SERVICE, now=world.now)
    assert queries.state(episode) is State.REFERRED


@pytest.mark.both
def test_only_she_or_who_acts_on_her_record_moves_her_on(world, episode):
    for other in (world.carl, world.joy, world.bea, None):
        with pytest.raises(NotAllowed):
            actions.add_step(episode=episode, kind=StepKind.SCREENING, by=world.asker(other), now=world.now)
    actions.add_step(episode=episode, kind=StepKind.SCREENING, by=world.asker(world.ana), now=world.now)
    assert queries.state(episode) is State.SCREENING


@pytest.mark.both
def test_an_episode_is_seen_by_who_may(world, episode):
    seen = {}
    for who, person in world.five().items():
        try:
            seen[who] = queries.episode(world.asker(person), episode.pk) == episode
        except NotAllowed:
            seen[who] = False
    assert seen == {"owner": True, "therapist": True, "colleague": False, "stranger": False, "nobody": False}
    assert [row.episode for row in queries.overview(world.asker(world.dora), State.REFERRED)] == [episode]
    assert queries.overview(world.asker(world.hal)) == []


@pytest.mark.both
def test_nobody_consents_for_her(world, episode):
    for kind in (StepKind.SCREENING, StepKind.ELIGIBLE):
        actions.add_step(episode=episode, kind=kind, by=SERVICE, now=world.now)
    text = episode.snapshot
    for other in (world.bea, world.dora, world.joy):
        with pytest.raises(NotAllowed):
            actions.give_consent(episode=episode, snapshot=text, scopes=[], by=world.asker(other), now=world.now)
    mine = world.asker(world.ana)
    consent = actions.give_consent(episode=episode, snapshot=text, scopes=["care"], by=mine, now=world.now)
    assert actions.give_consent(episode=episode, snapshot=text, scopes=["care"], by=mine, now=world.now) == consent
    actions.withdraw_consent(consent=consent, by=mine, now=world.now)
    assert queries.state(episode) is State.WITHDRAWN
    assert queries.consent_of(mine, episode) is None


@pytest.mark.both
def test_an_episode_repeats_its_newest_step_and_an_older_one_changes_nothing(world, episode):
    at = world.now + timedelta(hours=1)
    Step.objects.create(episode=episode, kind="discharged", at=at)
    episode.refresh_from_db()
    assert (episode.state, episode.state_since) == ("discharged", at)
    assert [row.state for row in queries.overview(SERVICE, person_id=episode.person_id)] == [State.DISCHARGED]
    Step.objects.create(episode=episode, kind="stopped", at=at - timedelta(minutes=5))  # written down later
    episode.refresh_from_db()
    assert (episode.state, queries.state(episode)) == ("discharged", State.DISCHARGED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Step.objects.create(episode=episode, kind="discharged", at=at + timedelta(days=1))
    episode.refresh_from_db()
    assert (episode.state, episode.state_since) == ("discharged", at)
    assert out_of_step() == []
