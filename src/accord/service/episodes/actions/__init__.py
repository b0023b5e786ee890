"""Writes of this room: keyword-only, `by` and `now` are arguments, atomic, audited. One module for each story."""

from accord.service.episodes.actions.consent import give_consent, narrow_consent, withdraw_consent
from accord.service.episodes.actions.discharge import add_onward_step, discharge, refer_onward
from accord.service.episodes.actions.letters import send_letter, withdraw_letter, write_letter
from accord.service.episodes.actions.referrals import (
    LINK_DAYS,
    acknowledge_referral,
    confirm_referral,
    make_referral,
    renew_link,
)
from accord.service.episodes.actions.steps import add_step, open_episode, set_anchor

__all__ = [
    "LINK_DAYS",
    "acknowledge_referral",
    "add_onward_step",
    "add_step",
    "confirm_referral",
    "discharge",
    "give_consent",
    "make_referral",
    "narrow_consent",
    "open_episode",
    "refer_onward",
    "renew_link",
    "send_letter",
    "set_anchor",
    "withdraw_consent",
    "withdraw_letter",
    "write_letter",
]
