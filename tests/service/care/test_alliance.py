"""C8: what is said of the working alliance is shown to a therapist only where protocol, consent and time allow it."""

import pytest

from accord.science.protocols import load_protocol
from accord.service.care import queries
from accord.service.care.rules.alliance import therapist_sees_alliance
from accord.service.episodes.models import Consent, Step

ROUTINE, INTEGRO = load_protocol("routine-care"), load_protocol("integro")


def with_clause(protocol, **clause):
    visibility = protocol.visibility.model_copy(
        update={"alliance": protocol.visibility.alliance.model_copy(update=clause)}
    )
    return protocol.model_copy(update={"visibility": visibility})


@pytest.mark.parametrize(
    ("sees", "shared", "ended", "shown"),
    [
        ("never", True, True, False),
        ("with-consent", False, True, False),
        ("with-consent", True, False, True),
        ("after-episode", True, False, False),
        ("after-episode", False, True, True),
    ],
)
def test_the_clause_decides(sees, shared, ended, shown):
    protocol = with_clause(INTEGRO, therapist_sees=sees)
    assert therapist_sees_alliance(protocol, asked=True, shared=shared, ended=ended) is shown
    assert therapist_sees_alliance(protocol, asked=False, shared=shared, ended=ended) is False


def test_without_a_clause_nothing_is_shown():
    bare = INTEGRO.model_copy(update={"visibility": INTEGRO.visibility.model_copy(update={"alliance": None})})
    assert not therapist_sees_alliance(bare, asked=True, shared=True, ended=True)


def consent(world, *scopes):
    from plugins.world import snapshot

    text = snapshot("protocol", "routine-care", world.now)
    Consent.objects.create(
        episode=world.episode, person=world.ana, snapshot=text, scopes=list(scopes), given_at=world.now
    )


def test_routine_care_asks_none_so_nothing_is_shown(world):
    consent(world, "care", "share-alliance")
    assert not queries.alliance_visible(ROUTINE, world.episode)


def test_a_mediator_is_never_shown_and_a_shared_rating_is(world):
    assert not queries.alliance_visible(INTEGRO, world.episode)
    protocol = with_clause(INTEGRO, therapist_sees="with-consent")
    assert not queries.alliance_visible(protocol, world.episode), "she has not agreed"
    consent(world, "care", "share-alliance")
    assert queries.alliance_visible(protocol, world.episode)


def test_after_the_episode_means_after_it(world):
    protocol = with_clause(INTEGRO, therapist_sees="after-episode")
    assert not queries.alliance_visible(protocol, world.episode)
    from datetime import timedelta

    Step.objects.create(episode=world.episode, kind="discharged", at=world.now + timedelta(hours=1))
    assert queries.alliance_visible(protocol, world.episode)
