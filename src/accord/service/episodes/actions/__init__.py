"""Writes of this room: keyword-only, `by` and `now` are arguments, atomic, audited. One module for each story."""

from accord.service.episodes.actions.consent import give_consent, narrow_consent, withdraw_consent
from accord.service.episodes.actions.referrals import LINK_DAYS, confirm_referral, make_referral
from accord.service.episodes.actions.steps import add_step, open_episode, set_anchor

__all__ = [
    "LINK_DAYS",
    "add_step",
    "confirm_referral",
    "give_consent",
    "make_referral",
    "narrow_consent",
    "open_episode",
    "set_anchor",
    "withdraw_consent",
]
