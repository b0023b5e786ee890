"""A protocol resolved on a cohort: what every part of an analysis reads. Computes nothing but who belongs where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.people import TOLD_BY, People, read_people, tables_needed
from accord.science.analyses.plan import ROLES, Outcome, Plan, endpoints, known_scale, make_plan, spoken
from accord.science.analyses.scores import Scores, named_instruments, read_scores
from accord.science.cohort import Cohort
from accord.science.errors import BadInput
from accord.science.protocols import Protocol
from accord.science.protocols.model import Contrast

Mask = NDArray[np.bool_]
_AFTER_START = ("treatment-start", "session:")


@dataclass(frozen=True)
class Population:
    """An analysis set: who is in it, its rule in the protocol, and for how many the rule cannot be told."""

    name: str
    rule: str
    members: Mask
    unknown: int
    note: str = ""


@dataclass(frozen=True)
class Study:
    """What an analysis works on. `populations` are in the protocol's order; the first is the primary one."""

    protocol: Protocol
    cohort: Cohort
    people: People
    scores: Scores
    plan: Plan
    populations: tuple[Population, ...]
    seed: int = 1
    allow_invented: bool = False
    said: Callable[[str], None] = field(default=lambda _: None)

    @property
    def arm(self) -> NDArray[np.object_]:
        return self.people.arm

    @property
    def arms(self) -> tuple[str, ...]:
        """The protocol's arms that have people, in the protocol's order."""
        there = set(self.people.arm.tolist())
        return tuple(name for name in self.protocol.arms if name in there)

    @property
    def primary(self) -> Population:
        return self.populations[0]

    def due(self, time_point: str) -> Mask:
        """For whom this time-point comes due: what hangs on treatment or a session, only for who started."""
        occasion = next((o for o in self.plan.occasions if o.name == time_point), None)
        due = np.ones(len(self.people), dtype=bool)
        if occasion is None:
            return due
        if occasion.anchor.startswith(_AFTER_START):
            due &= self.people.may_have_started
        if set(occasion.arms) != set(self.protocol.arms):
            due &= np.isin(self.arm.astype(str), occasion.arms)
        return due

    def analysed(self, outcome: Outcome, population: Population | None = None) -> Mask:
        """Who belongs to the analysis of an outcome: the population, as far as any of its time-points came due."""
        members = (population or self.primary).members
        return members & np.any([self.due(at) for at in outcome.at or outcome.later], axis=0)

    def values(self, outcome: Outcome, time_point: str) -> NDArray[np.float64]:
        return self.scores.at(outcome.ref, outcome.informant, time_point)

    def label(self, time_point: str) -> str:
        return self.plan.label(time_point)

    def when(self, time_point: str) -> str:
        """The words for a time-point within a sentence: `after the programme`, but `T13, after treatment`."""
        words = self.plan.label(time_point)
        return words if words[1:2].isupper() or words[1:2].isdigit() else words[:1].lower() + words[1:]

    def sides(self, named: Contrast) -> tuple[str, str]:
        """What the two sides of a contrast are called."""
        if named.arms:
            return self.arm_label(named.arms[0]), self.arm_label(named.arms[1])
        factor = self.protocol.factors.get(str(named.factor))
        first, second = named.levels or ("first", "second")
        words = factor.levels if factor else {}
        return words.get(first, spoken(first)), words.get(second, spoken(second))

    def words_for(self, name: str) -> str:
        """The words for a scale or a background variable."""
        facts = known_scale(self.cohort, name) if "." in name else None
        if facts is not None:
            return facts.label
        column = self.cohort.manifest.columns.get(f"participants.{name}")
        return column.meaning if column and len(column.meaning) <= 40 else spoken(name)

    def arm_label(self, arm: str) -> str:
        return self.protocol.arms[arm].label if arm in self.protocol.arms else arm


def make_study(
    protocol: Protocol,
    cohort: Cohort,
    *,
    seed: int = 1,
    allow_invented: bool = False,
    roles: tuple[str, ...] = ROLES,
    said: Callable[[str], None] = lambda _: None,
    scales: set[str] | None = None,
) -> Study:
    """Read and resolve. Raises BadInput for a cohort that is not of this protocol: no people, no scores, other arms,
    none of its outcomes. What a service made (`counted_on`) may have nothing of all this yet: then there is nothing to
    estimate, and the result says so. `scales` limits what is read."""
    if "scores" not in cohort.names and not cohort.of_service:
        raise BadInput("This cohort has no table of scores.", cure="An analysis needs scores.parquet or scores.csv.")
    said("reading people")
    limited = tables_needed(protocol.analysis.populations.values()) if scales is not None else TOLD_BY
    people = read_people(cohort, protocol, tables=limited)
    said("reading scores")
    instruments = named_instruments(protocol) if scales is None else {scale.split(".")[0] for scale in scales}
    scores = read_scores(cohort, people.frame["participant"], instruments=instruments, count_others=scales is None)
    plan = make_plan(protocol, cohort, scores, roles=roles)
    study = Study(protocol, cohort, people, scores, plan, (), seed, allow_invented, said)
    if not cohort.of_service:
        _refuse_other_arms(study)
        if not plan.outcomes:
            _refuse_wrong_cohort(study)
    return replace(study, populations=_populations(study))


def _refuse_other_arms(study: Study) -> None:
    if study.protocol.kind == "randomised" and not study.arms:
        found = sorted(str(arm) for arm in set(study.arm.tolist()) if arm is not None)
        raise BadInput(
            f"Nobody in this cohort is in an arm of the protocol '{study.protocol.slug}'. "
            f"Arms found: {', '.join(found) or 'none (the table allocation is missing or empty)'}.",
            cure=f"Analyse it with its own protocol; this one has the arms {', '.join(study.protocol.arms)}.",
        )


def _refuse_wrong_cohort(study: Study) -> None:
    """No outcome of the protocol has both a baseline and a later value in this cohort."""
    wanted = {endpoint.scale for _, endpoint in endpoints(study.protocol)}
    held = set(study.scores.scales)
    if not wanted & held:
        raise BadInput(
            f"None of the outcomes of the protocol '{study.protocol.slug}' is in this cohort. "
            f"It asks for {_some(wanted)}; the cohort holds {_some(held)}.",
            cure="Is this the right cohort, or the right protocol?",
        )
    first = {o.name for o in study.plan.occasions[:1]}
    if not any(asking.at in first for asking in study.scores.pairs if asking.scale in wanted):
        raise BadInput(
            f"There are no baseline scores: no outcome of the protocol '{study.protocol.slug}' has a value at "
            f"{', '.join(first)}. Time-points found: {_some({asking.at for asking in study.scores.pairs})}.",
            cure="Name the time-points in the mapping as the protocol names them.",
        )


def _some(names: set[str]) -> str:
    ordered = sorted(names)
    return ", ".join(ordered[:8]) + (f" and {len(ordered) - 8} more" if len(ordered) > 8 else "") or "nothing"


def _populations(study: Study) -> tuple[Population, ...]:
    """The protocol's analysis sets; when nobody's membership in the first can be told, everybody stands in for it."""
    in_arm = np.isin(study.arm.astype(str), list(study.protocol.arms)) if study.plan.comparison else True
    found = []
    for name, rule in study.protocol.analysis.populations.items():
        members, unknown = study.people.flag(rule)
        found.append(Population(name, rule, members & in_arm, unknown))
    everybody = np.ones(len(study.people), dtype=bool) & in_arm
    if not found:
        return (Population("everybody", "true", everybody, 0),)
    if len(study.people) and found[0].unknown == len(study.people):
        note = f"The cohort does not say who meets the rule '{found[0].rule}'; everybody is analysed instead."
        found[0] = Population("everybody", found[0].rule, everybody, 0, note)
    return tuple(found)
