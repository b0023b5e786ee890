"""How much of the outcome lies between therapists, groups or sites: shares of variance under the rules of C18.

Below 20 clusters with 5 outcomes each there is no share and no picture; the result under assumed shares stands instead.
Rates of single therapists are not produced at all, single effects only shrunken and without names.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import Outcome
from accord.science.analyses.responders import percent_of
from accord.science.analyses.result import Block, Caution, Cell, Estimates, Table, Text
from accord.science.analyses.study import Mask, Study
from accord.science.analyses.wording import interval, percent
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.assumed_shares import under_assumed_shares
from accord.science.estimates.cluster_effects import cluster_effects
from accord.science.estimates.clusters import EnoughClusters, enough_clusters, refuse_arm_is_cluster
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.extreme_groups import extreme_groups
from accord.science.estimates.mixed_model import MixedModel, mixed_model
from accord.science.estimates.responders import percent_improved
from accord.science.estimates.variance_share import variance_share
from accord.science.figures import Caterpillar, Effect
from accord.science.protocols.model import VarianceShare

NOT_ASSIGNED = "People were not assigned to therapists or groups at random."
_DRAWS = 1000
_MOST_SHOWN = 120


@dataclass(frozen=True)
class Clustered:
    """One clause of the protocol on this cohort: who enters, their outcome (turned), and the clusters by level."""

    clause: VarianceShare
    outcome: Outcome
    rows: Mask
    y: NDArray[np.float64]
    fixed: dict[str, NDArray[np.generic]]
    levels: dict[str, NDArray[np.object_]]
    enough: dict[str, EnoughClusters]


def clustered(study: Study, clause: VarianceShare) -> Clustered | None:
    """None when the cohort lacks the outcome or all of its levels."""
    outcome = study.plan.outcome(clause.scale)
    if outcome is None or clause.at not in outcome.later:
        return None
    rows = study.analysed(outcome) & study.due(clause.at)
    if clause.arm:
        rows &= study.arm == clause.arm
    given: dict[str, NDArray[np.object_]] = {level: study.people.words(level) for level in clause.levels}
    for labels in given.values():
        rows &= np.array([label is not None for label in labels.tolist()], dtype=bool)
    if not rows.any():
        return None
    y = outcome.facts.sign * study.values(outcome, clause.at)[rows]
    fixed: dict[str, NDArray[np.generic]] = {"baseline": study.values(outcome, outcome.baseline)[rows]}
    arms = study.arm[rows].astype(str)
    if len(set(arms.tolist())) > 1:
        fixed["arm"] = arms
    known = np.isfinite(y) & np.isfinite(fixed["baseline"].astype(float))
    levels = {level: labels[rows] for level, labels in given.items()}
    enough = {
        level: enough_clusters(labels, np.where(known, y, np.nan), word=f"{level}s") for level, labels in levels.items()
    }
    return Clustered(clause, outcome, rows, y, fixed, levels, enough)


def share_estimates(study: Study) -> Iterator[Estimate]:
    """One estimate a clause and level; a refused one has no value and the reason."""
    for clause in study.protocol.endpoints.variance:
        found = clustered(study, clause)
        if found is not None:
            yield from _shares(study, found)[0]


def _shares(study: Study, found: Clustered) -> tuple[list[Estimate], MixedModel | None]:
    clause, facts = found.clause, found.outcome.facts
    known = np.isfinite(found.y)
    empty = {
        level: Estimate(
            id=ids.share(level, clause.scale, clause.at, clause.arm),
            label=f"Share of the variance of {facts.label}, {study.when(clause.at)}, between {level}s"
            + (f" ({study.arm_label(clause.arm)})" if clause.arm else ""),
            value=None, n=found.enough[level].clusters, missing=int((~known).sum()), scale=clause.scale, unit="share",
        )
        for level in clause.levels
    }  # fmt: skip
    refused = [found.enough[level].reason for level in clause.levels if not found.enough[level].enough]
    if refused:
        return [e.renamed(note=" ".join(refused)) for e in empty.values()], None
    try:
        if "arm" in found.fixed and not _crossed(found):
            refuse_arm_is_cluster(found.fixed["arm"], next(iter(found.levels.values())), word=clause.levels[0])
        model = mixed_model(found.y, found.levels, fixed=found.fixed)
        done = [_filled(model, level, e, found) for level, e in empty.items()]
    except NotEstimable as error:
        return [e.renamed(note=error.finding.what) for e in empty.values()], None
    return done, model


def _crossed(found: Clustered) -> bool:
    """Whether clusters treat in more than one arm."""
    labels = next(iter(found.levels.values())).tolist()
    return len(set(zip(labels, found.fixed["arm"].tolist(), strict=True))) > len(set(labels))


def _filled(model: MixedModel, level: str, empty: Estimate, found: Clustered) -> Estimate:
    share = variance_share(model, level)
    filled = share.estimate(empty.id, empty.label, scale=empty.scale, unit="share", missing=empty.missing)
    adjusted = "baseline and arm" if "arm" in found.fixed else "baseline"
    return filled.renamed(
        method=f"{share.method}; outcome adjusted for {adjusted}",
        note=f"{model.rows} outcomes in {share.clusters} {level}s. {filled.note}".strip(),
    )


# --- the section --------------------------------------------------------------------------------------------------


def variance_part(study: Study) -> Part:
    """Shares, the spread of shrunken effects, and the best and worst tenth beside what chance alone makes of them."""
    estimates: list[Estimate] = []
    blocks: list[Block | None] = []
    ten_times = False
    for clause in study.protocol.endpoints.variance:
        found = clustered(study, clause)
        if found is None:
            continue
        shares, model = _shares(study, found)
        estimates += shares
        blocks += _refusals(study, found, shares)
        if model is not None and len(clause.levels) == 1 and clause.arm is None:
            blocks.append(_caterpillar(study, found, model) if not model.boundary else _no_spread(found))
            if clause.levels[0] == "therapist" and not ten_times:
                blocks.append(_best_and_worst(study, found))
                ten_times = True
    if not estimates:
        return Part()
    table = Estimates("Shares of variance", tuple(e for e in estimates if e.value is not None), digits=3)
    first: list[Block | None] = [
        Text(
            "How much of what is left of the outcome, once baseline (and arm) are allowed for, lies between "
            f"therapists, groups or sites. {NOT_ASSIGNED} A share is not how good anybody is: who treats whom differs "
            "too."
        ),
        _one_therapist(study), table if table.estimates else None,
    ]  # fmt: skip
    lead = [f"{e.label}: {interval(_hundred(e), 1)} %." for e in table.estimates[:1] if not study.plan.comparison]
    return part("variance", "Differences between therapists, groups and sites", [*first, *blocks], estimates, lead)


def _hundred(e: Estimate) -> Estimate:
    return e.renamed(value=100 * (e.value or 0), ci_low=100 * (e.ci_low or 0), ci_high=100 * (e.ci_high or 0))


def _one_therapist(study: Study) -> Block | None:
    """Arms (or groups) whose people all have the same therapist."""
    therapist, arm = study.people.words("therapist"), study.arm
    if not any(t is not None for t in therapist.tolist()) or len(study.arms) < 2:
        return None
    for name in study.arms:
        there = {t for t, a in zip(therapist.tolist(), arm.tolist(), strict=True) if a == name and t is not None}
        if len(there) == 1:
            return Caution(f"Therapist and arm cannot be told apart: {study.arm_label(name)} has one therapist.")
    return None


def _refusals(study: Study, found: Clustered, shares: list[Estimate]) -> list[Block | None]:
    """Why there is no share, and the mean outcome under assumed shares instead."""
    if all(e.value is not None for e in shares):
        return []
    level = found.clause.levels[0]
    said = Caution(f"{shares[0].label}: not estimated. {shares[0].note}")
    return [said, _under_assumed(study, found, level)]


def _under_assumed(study: Study, found: Clustered, level: str) -> Table | None:
    """The mean improvement with its interval if that share of the variance lay between the clusters."""
    baseline = found.fixed["baseline"].astype(float)
    change = found.y - found.outcome.facts.sign * baseline
    try:
        under = under_assumed_shares(change, found.levels[level], fixed={}, effect="intercept")
    except NotEstimable:
        return None
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (percent(share), c.value, c.ci_low, c.ci_high) for share, c in under.items()
    )
    facts, clause = found.outcome.facts, found.clause
    title = f"Mean improvement of {facts.label}, {study.when(clause.at)}, under assumed shares between {level}s"
    note = f"People with both values, n = {int(np.isfinite(change).sum())}. The shares are assumed, not estimated."
    name = f"assumed_shares_{level}_{clause.scale.replace('.', '_')}_{clause.at}" + (
        f"_{clause.arm}" if clause.arm else ""
    )
    return Table(name, title, ("Assumed share", "Mean improvement", "95 % from", "95 % to"), rows, note)


def _caterpillar(study: Study, found: Clustered, model: MixedModel) -> Block | None:
    """Shrunken effects in order, without names; only clusters with at least five outcomes."""
    level, facts = found.clause.levels[0], found.outcome.facts
    effects = cluster_effects(model, level)
    shown = [
        Effect("", float(u), float(u - 1.96 * se), float(u + 1.96 * se), int(n))
        for u, se, n in zip(effects.effects, effects.se, effects.sizes, strict=True)
        if n >= 5
    ]
    shown.sort(key=lambda one: one.value)
    if len(shown) > _MOST_SHOWN:
        shown = [shown[round(k)] for k in np.linspace(0, len(shown) - 1, _MOST_SHOWN)]
    numbered = [Effect(f"{k + 1}", e.value, e.low, e.high) for k, e in enumerate(shown)]  # n would tell who it is
    apart = sum(e.low > 0 or e.high < 0 for e in numbered)
    title = f"Shrunken differences between {level}s: {facts.label}"
    words = (
        f"{len(numbered)} {level}s in order, without names. Points run from {numbered[0].value:.2f} to "
        f"{numbered[-1].value:.2f} {facts.unit} around the average; the intervals of {apart} leave the average out."
    )
    figure = Caterpillar(
        title, words, numbered, f"{facts.unit} of {facts.label}, {study.when(found.clause.at)}",
        left="worse than average", right="better than average",
        caution=f"Shrunken towards the average. {NOT_ASSIGNED}", invented=study.cohort.manifest.invented,
    )  # fmt: skip
    return drawn(f"caterpillar_{level}_{found.clause.scale.replace('.', '_')}", figure, model.method)


def _no_spread(found: Clustered) -> Text:
    level = found.clause.levels[0]
    return Text(f"The variance between {level}s of {found.outcome.facts.label} is estimated as zero: no picture.")


def _best_and_worst(study: Study, found: Clustered) -> Block | None:
    """The claim of 'ten times' beside what the best and worst tenth show when therapists do not differ at all."""
    outcome, clause = found.outcome, found.clause
    if outcome.facts.zero is None:
        return None
    better = percent_improved(
        study.values(outcome, outcome.baseline)[found.rows], study.values(outcome, clause.at)[found.rows],
        zero=outcome.facts.zero, sign=outcome.facts.sign,
    )  # fmt: skip
    known = np.isfinite(better)
    names, sizes = np.unique(found.levels["therapist"][known].astype(str), return_counts=True)
    share = float((better[known] >= percent_of(study, outcome) - 1e-9).mean()) if known.any() else 0.0
    sizes = sizes[sizes >= 5]
    if len(sizes) < 20 or not 0 < share < 1:
        return None
    chance = extreme_groups([int(n) for n in sizes], share, replicates=_DRAWS, seed=study.seed)
    ratio = f"{chance.ratio:.1f} times" if np.isfinite(chance.ratio) else "many times"
    return Text(
        "It is written that exceptional therapists have up to ten times better response rates (Day 2025). Extreme "
        f"groups do much of that by chance: if the {len(sizes)} therapists of this study (of {len(names)}) did not "
        f"differ at all and {percent(share)} of everybody's people improved, the best tenth of them would still show "
        f"{percent(chance.best)} and the worst tenth {percent(chance.worst)}, {ratio} as many. Simulated for these "
        f"numbers of people per therapist ({_DRAWS:,} draws, seed {study.seed}); rates of single therapists are not "
        "produced."
    )
