"""Whether ratings of the working alliance may be shown to a therapist at all (C8)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accord.science.errors import AccordError
from accord.science.protocols import Protocol, occasions
from accord.service.access.table import SERVICE
from accord.service.assessments.queries import instrument
from accord.service.care.rules.alliance import SCOPE, therapist_sees_alliance
from accord.service.episodes.queries import consent_of, state
from accord.service.episodes.rules import State

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode


def alliance_visible(protocol: Protocol, episode: Episode) -> bool:
    """Whether what she said of the alliance may stand on her therapist's page. Ask it before any such figure."""
    consent = consent_of(SERVICE, episode)
    ended = state(episode) in (State.DISCHARGED, State.WITHDRAWN)
    shared = consent is not None and SCOPE in consent.scopes
    return therapist_sees_alliance(protocol, asked=_asks(protocol), shared=shared, ended=ended)


def _asks(protocol: Protocol) -> bool:
    names = {name for one in occasions(protocol) for name in one.asked.get("patient", ())}
    return any(_construct(name) == "alliance" for name in names)


def _construct(name: str) -> str:
    try:
        return instrument(name).construct
    except AccordError:
        return ""
