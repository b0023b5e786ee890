"""Reads about referrals and episodes, always scoped to who asks. One module for each story."""

from accord.service.episodes.queries.consent import consent_of, consents_of
from accord.service.episodes.queries.episodes import (
    EpisodeRow,
    anchors,
    anchors_of,
    asked_now,
    covers_of,
    current_episode,
    episode,
    last_reason,
    overview,
    state,
    steps_of,
)
from accord.service.episodes.queries.referrals import (
    confirm_token,
    open_referrals,
    referral,
    referral_by_token,
    token_hash,
)

__all__ = [
    "EpisodeRow",
    "anchors",
    "anchors_of",
    "asked_now",
    "confirm_token",
    "consent_of",
    "consents_of",
    "covers_of",
    "current_episode",
    "episode",
    "last_reason",
    "open_referrals",
    "overview",
    "referral",
    "referral_by_token",
    "state",
    "steps_of",
    "token_hash",
]
