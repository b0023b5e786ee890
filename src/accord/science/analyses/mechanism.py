"""Paths from arm over constructs to the outcome (trials), or how the change of constructs goes with that of the outcome
(single arm, C17). Modest: products of two slopes with a Monte Carlo interval, no claim beyond them.

Trials, parallel paths (C24: constructs before the outcome, baselines adjusted), everything turned so that higher is
better and divided by its baseline SD:

    a_k:  construct k at `mediators_at`  on the side, its baseline and the outcome's baseline;
    b_k:  outcome at `outcome_at` on the side, all constructs at `mediators_at`, and all baselines;
    a_k·b_k with limits from normal draws of both (Preacher & Selig 2012), c' the side's slope beside the constructs.

Single arm, both ends (Montoya & Hayes 2017): a_k the mean change of the construct, b_k the slope of the outcome's
change on the construct's change at equal construct means; a_k·b_k is the part of the outcome's change that goes along
with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.contrasts import in_contrast
from accord.science.analyses.models import contrast_weights
from accord.science.analyses.parts import Part, part
from accord.science.analyses.plan import known_scale
from accord.science.analyses.result import Block, Caution, Cell, Picture, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, p_value
from accord.science.errors import BadInput, NotEstimable
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.mean import mean
from accord.science.estimates.mediation.gaps import mediate_with_gaps
from accord.science.estimates.mediation.sensitivity import sensitivity
from accord.science.figures.mechanism_map import Leg, MechanismMap
from accord.science.figures.numbers import number
from accord.science.protocols.model import Mechanism

Array = NDArray[np.float64]
DRAWS = 20_000


@dataclass(frozen=True)
class Measured:
    """A scale in baseline SDs, higher is better: before, and at its time-point."""

    ref: str
    label: str
    before: Array
    at: Array


def measured(study: Study, ref: str, at: str, rows: NDArray[np.bool_]) -> Measured:
    """Raises NotEstimable when the cohort does not hold the scale then and at baseline."""
    facts = known_scale(study.cohort, ref)
    first = study.plan.occasions[0].name
    informants = study.scores.informants(ref, at)
    if facts is None or facts.sign == 0 or not informants:
        raise NotEstimable(f"{ref}, {study.when(at)}, is not in this cohort.", cure="Leave it out of the mechanism.")
    before = facts.sign * study.scores.at(ref, informants[0], first)[rows]
    known = before[np.isfinite(before)]
    sd = float(known.std(ddof=1)) if len(known) > 1 else 0.0
    if not sd > 0:
        raise NotEstimable(f"{facts.label} has no values that vary at baseline.", cure="Leave it out.")
    after = facts.sign * study.scores.at(ref, informants[0], at)[rows]
    centre = float(known.mean())
    return Measured(ref, facts.label, (before - centre) / sd, (after - centre) / sd)


def product(first: Contrast, second: Contrast, seed: int) -> tuple[float, float, float]:
    """a·b and its 95 % limits: percentiles of products of normal draws around both slopes."""
    rng = np.random.default_rng(seed)
    draws = rng.normal(first.value, first.se, DRAWS) * rng.normal(second.value, second.se, DRAWS)
    low, high = np.quantile(draws, [0.025, 0.975])
    return first.value * second.value, float(low), float(high)


def mechanism_part(study: Study) -> Part:
    """The section, for protocols with a mechanism."""
    clause = study.protocol.endpoints.mechanism
    if clause is None:
        return Part()
    heading = "Paths to the outcome" if clause.model == "parallel-paths" else "Constructs that changed along"
    make = _parallel if clause.model == "parallel-paths" else _both_ends
    try:
        estimates = list(make(study, clause))
    except NotEstimable as error:
        return part("mechanism", heading, [Caution(f"Not estimated: {error.finding.what}")])
    about = _about_paths(study, clause) if clause.model == "parallel-paths" else _about_both_ends(study, clause)
    blocks: list[Block | None] = [
        Text(about), _map(study, clause, estimates), _table(estimates), _strength(study, clause, estimates),
        Caution(_careful(clause)),
    ]  # fmt: skip
    return part("mechanism", heading, blocks, estimates)


# --- trials -------------------------------------------------------------------------------------------------------


def _parallel(study: Study, clause: Mechanism) -> Iterator[Estimate]:
    name = clause.contrast
    if name is None:
        raise NotEstimable("the protocol names no contrast for it.", cure="Name one.")
    named = study.protocol.endpoints.contrasts[name]
    weights = contrast_weights(study, named)
    rows = in_contrast(study, study.primary.members, named)
    side = np.array([float(weights.get(str(arm), 0.0) > 0) for arm in study.arm[rows]])
    outcome = measured(study, clause.outcome, clause.outcome_at, rows)
    constructs, absent = _constructs(study, clause, clause.mediators_at, rows)
    before = {f"before_{k}": one.before for k, one in enumerate(constructs)} | {"before_outcome": outcome.before}
    later = {f"construct_{k}": one.at for k, one in enumerate(constructs)}
    yield from absent
    try:
        second = cluster_robust(outcome.at, None, fixed={"side": side, **later, **before})
    except NotEstimable as error:
        yield from _with_gaps(study, side, constructs, outcome, error)
        return
    for k, one in enumerate(constructs):
        own = {"own": one.before} | ({"outcome": outcome.before} if one.ref != outcome.ref else {})
        first = cluster_robust(one.at, None, fixed={"side": side, **own})
        a, b = first.coefficient("side"), second.coefficient(f"construct_{k}")
        yield from _path(study, one, a, b, (first.rows, second.rows), len(side), "side to construct")
    rest = second.coefficient("side")
    yield rest.estimate(
        "mechanism.direct", "Difference at equal constructs", n=second.rows, missing=second.missing, unit="SD",
        method=f"{second.method}; complete cases",
    )  # fmt: skip


def _with_gaps(
    study: Study, side: Array, constructs: list[Measured], outcome: Measured, error: NotEstimable
) -> Iterator[Estimate]:  # fmt: skip
    """The same paths from everybody who has something, where too few have everything."""
    before = {f"before_{k}": one.before for k, one in enumerate(constructs)} | {"before_outcome": outcome.before}
    try:
        found = mediate_with_gaps(
            side, {one.ref: one.at for one in constructs}, outcome.at, covariates=before, seed=study.seed, unit="SD"
        )
    except (BadInput, NotEstimable):
        raise error from None
    note = "Too few people have every value; full information maximum likelihood uses what each one has."
    for one, path in zip(constructs, found.indirect, strict=True):
        yield found.legs[f"treatment -> {one.ref}"].renamed(
            id=f"mechanism.{one.ref}.a", label=f"{one.label}: side to construct", note=note, method=found.method
        )
        yield found.legs[f"{one.ref} -> outcome"].renamed(
            id=f"mechanism.{one.ref}.b", label=f"{one.label}: construct to outcome", note=note, method=found.method
        )
        yield path.renamed(id=f"mechanism.{one.ref}", label=f"{one.label}: product of both", scale=one.ref, note=note)
    yield found.direct.renamed(id="mechanism.direct", label="Difference at equal constructs", note=note)


def _constructs(
    study: Study, clause: Mechanism, at: str, rows: NDArray[np.bool_]
) -> tuple[list[Measured], list[Estimate]]:  # fmt: skip
    there, absent = [], []
    for ref in clause.mediators:
        try:
            there.append(measured(study, ref, at, rows))
        except NotEstimable as error:
            absent.append(
                Estimate(id=f"mechanism.{ref}", label=study.words_for(ref), value=None, note=error.finding.what)
            )
    if not there:
        raise NotEstimable(absent[0].note if absent else "the protocol names no constructs.", cure="Name some.")
    return there, absent


def _path(
    study: Study, one: Measured, a: Contrast, b: Contrast, n: tuple[int, int], people: int, words: str
) -> Iterator[Estimate]:  # fmt: skip
    value, low, high = product(a, b, study.seed)
    context: dict[str, Any] = {"scale": one.ref, "unit": "SD", "missing": people - min(n)}
    yield a.estimate(f"mechanism.{one.ref}.a", f"{one.label}: {words}", n=n[0], method="least squares, HC2", **context)
    yield b.estimate(f"mechanism.{one.ref}.b", f"{one.label}: construct to outcome", n=n[1],
                     method="least squares, HC2", **context)  # fmt: skip
    yield Estimate(
        id=f"mechanism.{one.ref}", label=f"{one.label}: product of both", value=value, ci_low=low, ci_high=high,
        n=min(n), method=f"product of slopes, Monte Carlo limits ({DRAWS:,} draws, seed {study.seed})", **context,
    )  # fmt: skip


def _about_paths(study: Study, clause: Mechanism) -> str:
    return (
        f"Whether the contrast {study.when(clause.outcome_at)} runs along constructs measured before it, "
        f"{study.when(clause.mediators_at)}. In baseline SDs, higher is better; baselines are adjusted for."
    )


# --- single arm ---------------------------------------------------------------------------------------------------


def _both_ends(study: Study, clause: Mechanism) -> Iterator[Estimate]:
    rows = study.primary.members
    outcome = measured(study, clause.outcome, clause.outcome_at, rows)
    constructs, absent = _constructs(study, clause, clause.outcome_at, rows)
    change = outcome.at - outcome.before
    columns: dict[str, Array] = {}
    for k, one in enumerate(constructs):
        middle = (one.at + one.before) / 2
        columns[f"change_{k}"] = one.at - one.before
        columns[f"middle_{k}"] = middle - np.nanmean(middle)
    second = cluster_robust(change, None, fixed=columns)
    yield from absent
    for k, one in enumerate(constructs):
        a, n = mean(one.at - one.before)
        b = second.coefficient(f"change_{k}")
        yield from _path(study, one, a, b, (n, second.rows), len(change), "mean change of the construct")
    rest = second.coefficient("intercept")
    yield rest.estimate(
        "mechanism.direct", "Change of the outcome where no construct changed", n=second.rows, missing=second.missing,
        unit="SD", method=f"{second.method}; complete cases",
    )  # fmt: skip


def _about_both_ends(study: Study, clause: Mechanism) -> str:
    return (
        "How much of the outcome's change goes along with the change of constructs asked at both ends "
        f"({study.when(study.plan.occasions[0].name)} and {study.when(clause.outcome_at)}). In baseline SDs, higher "
        "is better."
    )


def _careful(clause: Mechanism) -> str:
    if clause.model == "parallel-paths":
        return (
            "The arms were allocated, the constructs were not: what changes both a construct and the outcome would "
            "look the same. A product whose interval holds zero is 'not shown'."
        )
    return (
        "Construct and outcome were measured at the same time and nothing was compared: which came first cannot be "
        "told, and both may have changed for another reason."
    )


def _map(study: Study, clause: Mechanism, estimates: list[Estimate]) -> Picture | None:
    """Boxes and arrows: from the side (or from before to after) over each construct to the outcome."""
    by_id = {one.id: one for one in estimates}
    legs = []
    for ref in clause.mediators:
        a, b = by_id.get(f"mechanism.{ref}.a"), by_id.get(f"mechanism.{ref}.b")
        if a is not None and b is not None:
            legs += [Leg("start", ref, a.value, a.ci_low, a.ci_high), Leg(ref, "outcome", b.value, b.ci_low, b.ci_high)]
    if not legs:
        return None
    if (rest := by_id.get("mechanism.direct")) is not None:
        legs.append(Leg("start", "outcome", rest.value, rest.ci_low, rest.ci_high))
    compared = clause.model == "parallel-paths" and clause.contrast is not None
    first = (
        study.protocol.endpoints.contrasts[clause.contrast].label if compared and clause.contrast else "Before to after"
    )
    labels = {"start": first, "outcome": study.words_for(clause.outcome)}
    labels |= {ref: study.words_for(ref) for ref in clause.mediators}
    title = "Paths to the outcome" if compared else "What changed along with the outcome"
    said = "Each arrow is a slope in baseline standard deviations with its 95 % interval; higher is better everywhere."
    picture = MechanismMap(
        title, said, legs, start="start", labels=labels, unit="SD", invented=study.cohort.manifest.invented
    )
    return Picture("mechanism_map", title, said, picture, "The numbers and their n stand in the table below.")


def _strength(study: Study, clause: Mechanism, estimates: list[Estimate]) -> Block | None:
    """Of one construct in a trial: how strong an unmeasured cause would have to be to make its path vanish."""
    if clause.model != "parallel-paths" or clause.contrast is None:
        return None
    named = study.protocol.endpoints.contrasts[clause.contrast]
    weights = contrast_weights(study, named)
    rows = in_contrast(study, study.primary.members, named)
    side = np.array([float(weights.get(str(arm), 0.0) > 0) for arm in study.arm[rows]])
    outcome = measured(study, clause.outcome, clause.outcome_at, rows)
    said = []
    for one in _constructs(study, clause, clause.mediators_at, rows)[0]:
        try:
            found = sensitivity(
                side, one.at, outcome.at, covariates={"own": one.before, "outcome": outcome.before}, draws=200,
                seed=study.seed,
            )  # fmt: skip
        except (BadInput, NotEstimable):
            continue
        said.append(f"{one.label} {number(found.rho_at_zero)}")
    if not said:
        return None
    return Text(
        "How strong something unmeasured would have to be to make a path vanish, each construct taken alone: the "
        f"correlation that it would have to make between what is left unexplained of construct and outcome is "
        f"{', '.join(said)}. Near zero means that little would be enough."
    )


def _table(estimates: list[Estimate]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (e.label, interval(e), p_value(e.p), e.n, e.missing, e.method or e.note) for e in estimates
    ]
    return Table("mechanism", "Paths", ("Path", "SD [95 %]", "p", "n", "Missing", "Method"), tuple(rows))
