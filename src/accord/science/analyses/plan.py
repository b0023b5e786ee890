"""Which of the protocol's names this cohort can answer: outcomes with their baseline and occasions, what is absent,
what was also measured (E8). A name that is absent from the data is listed, never an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from accord.science.analyses.scores import Scores
from accord.science.cohort import Cohort, ScaleFacts
from accord.science.errors import AccordError
from accord.science.protocols import Occasion, Protocol, occasions
from accord.science.protocols.model import INFORMANTS, Endpoint

ROLES = ("primary", "key", "secondary")
MOST_OCCASIONS = 8  # in one model: an unstructured covariance of more has too many parameters for a trial
_JOINED = re.compile(r"(?<=[a-z])-(?=[a-z])")
_ANSWERED_BY_FEW = 2  # an occasion with fewer values than this is left out of models


@dataclass(frozen=True, slots=True)
class Target:
    """One endpoint of the protocol at its time-point, with the contrasts asked for."""

    role: str
    at: str
    contrasts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """A scale that endpoints name and the cohort holds.

    `baseline` is where it was asked first, `later` the occasions after it that enter the model, in order; `targets`
    the endpoints on it, one a time-point and role.
    """

    facts: ScaleFacts
    informant: str
    baseline: str
    later: tuple[str, ...]
    targets: tuple[Target, ...]

    @property
    def ref(self) -> str:
        return self.facts.ref

    @property
    def visits(self) -> tuple[str, ...]:
        return (self.baseline, *self.later)

    @property
    def at(self) -> tuple[str, ...]:
        """The time-points of its endpoints, in the order of the schedule."""
        wanted = {target.at for target in self.targets}
        return tuple(visit for visit in self.later if visit in wanted)

    @property
    def role(self) -> str:
        """The highest role it plays."""
        return min((target.role for target in self.targets), key=ROLES.index)


@dataclass(frozen=True, slots=True)
class Absent:
    """Something the protocol names and the cohort does not hold."""

    what: str
    why: str


@dataclass(frozen=True)
class Plan:
    """The protocol resolved on a cohort."""

    protocol: Protocol
    occasions: tuple[Occasion, ...]
    outcomes: tuple[Outcome, ...]
    absent: tuple[Absent, ...] = ()
    also: tuple[str, ...] = ()  # scales measured that no endpoint names
    scales: dict[str, ScaleFacts] = field(default_factory=dict)

    @property
    def comparison(self) -> bool:
        """Whether the protocol compares: everything else is change without comparison (C17, C19)."""
        return self.protocol.analysis.words == "comparison"

    @property
    def primary(self) -> Outcome | None:
        return next((outcome for outcome in self.outcomes if outcome.role == "primary"), None)

    def outcome(self, ref: str) -> Outcome | None:
        return next((outcome for outcome in self.outcomes if outcome.ref == ref), None)

    def label(self, time_point: str) -> str:
        """The words for a time-point."""
        return next((o.label for o in self.occasions if o.name == time_point and o.label), spoken(time_point))

    def asked(self, scale: str, time_point: str) -> str | None:
        """Who is asked this scale then, by the protocol."""
        return next((o_informant for o_informant in self._informants(scale, time_point)), None)

    def _informants(self, scale: str, time_point: str) -> Iterator[str]:
        return informants_asked(self.occasions, scale.split(".")[0], time_point)


def spoken(name: str) -> str:
    """A code as words: `urgent-help-came` as urgent help came; `30-39` and `en-GB` stay as they are."""
    return _JOINED.sub(" ", name.replace("_", " "))


def informants_asked(asked: tuple[Occasion, ...], instrument: str, time_point: str) -> Iterator[str]:
    for occasion in asked:
        if occasion.name == time_point:
            yield from (who for who in INFORMANTS if instrument in occasion.asked.get(who, ()))


def endpoints(protocol: Protocol) -> list[tuple[str, Endpoint]]:
    """All endpoints with their role, the primary first."""
    ends = protocol.endpoints
    return [
        ("primary", ends.primary),
        *(("key", endpoint) for endpoint in ends.key),
        *(("secondary", endpoint) for endpoint in ends.secondary),
    ]


def make_plan(protocol: Protocol, cohort: Cohort, scores: Scores, *, roles: tuple[str, ...] = ROLES) -> Plan:
    """Resolve the protocol. `roles` limits the outcomes to those endpoints."""
    asked = tuple(occasions(protocol))
    targets: dict[str, list[Target]] = {}
    for role, endpoint in endpoints(protocol):
        if role in roles:
            targets.setdefault(endpoint.scale, []).append(Target(role, endpoint.at, tuple(endpoint.contrasts)))
    outcomes: list[Outcome] = []
    absent: list[Absent] = []
    for ref, wanted in targets.items():
        found = _outcome(ref, wanted, cohort, scores, asked)
        if isinstance(found, Absent):
            absent.append(found)
            continue
        outcomes.append(found)
        absent += [
            Absent(f"{found.facts.label} at {spoken(target.at)}", "no values in this cohort")
            for target in wanted
            if target.at not in found.later
        ]
    named = {outcome.ref for outcome in outcomes}
    return Plan(
        protocol=protocol, occasions=asked, outcomes=tuple(outcomes), absent=tuple(absent),
        also=tuple(scale for scale in scores.scales if scale not in named),
        scales={outcome.ref: outcome.facts for outcome in outcomes},
    )  # fmt: skip


def _outcome(
    ref: str, wanted: list[Target], cohort: Cohort, scores: Scores, asked: tuple[Occasion, ...]
) -> Outcome | Absent:
    facts = known_scale(cohort, ref)
    if facts is None:
        return Absent(ref, "neither the cohort nor the instruments describe this scale")
    if facts.sign == 0:
        return Absent(facts.label, "the scale has no direction, so nothing says which change is better")
    informant = _informant(ref, wanted[0].at, scores, asked)
    if informant is None:
        return Absent(facts.label, "not in this cohort")
    visits = asking_order(ref, informant, scores, asked)
    there = [visits.index(target.at) for target in wanted if target.at in visits]
    if not there:
        return Absent(facts.label, "no values at the time-points of its endpoints")
    if min(there) == 0:
        return Absent(facts.label, "no values before the endpoint, so no change can be had")
    later = _few_enough(visits[1:], {target.at for target in wanted}, asked)
    return Outcome(facts, informant, visits[0], later, tuple(t for t in wanted if t.at in later))


def known_scale(cohort: Cohort, ref: str) -> ScaleFacts | None:
    """The facts of a scale, or None when nothing describes it."""
    try:
        return cohort.scale(ref)
    except AccordError:
        return None


def _informant(ref: str, at: str, scores: Scores, asked: tuple[Occasion, ...]) -> str | None:
    """Who answers: the informant the protocol asks at that time-point, else whoever answered most in the data."""
    for who in informants_asked(asked, ref.split(".")[0], at):
        if scores.count(ref, who, at):
            return who
    there = {asking.informant for asking in scores.pairs if asking.scale == ref}
    ranked = scores.informants(ref, at) + sorted(there)
    return ranked[0] if ranked else None


def asking_order(ref: str, informant: str, scores: Scores, asked: tuple[Occasion, ...]) -> tuple[str, ...]:
    """The occasions with values of this scale, in the order of the protocol's schedule."""
    return tuple(occasion.name for occasion in asked if scores.count(ref, informant, occasion.name) >= _ANSWERED_BY_FEW)


def _few_enough(later: tuple[str, ...], wanted: set[str], asked: tuple[Occasion, ...]) -> tuple[str, ...]:
    """At most as many occasions as a model takes: endpoints always, then assessments, then monitoring."""
    if len(later) < MOST_OCCASIONS:
        return later
    monitoring = {occasion.name for occasion in asked if occasion.monitoring}
    kept = [visit for visit in later if visit in wanted or visit not in monitoring]
    if len(kept) >= MOST_OCCASIONS:
        kept = [visit for visit in kept if visit in wanted]
    return tuple(kept)
