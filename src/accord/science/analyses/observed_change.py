"""Change without comparison under other assumptions about who is missing: completers, no change for who left, the
other analysis sets, and the model's interval as if nobody shared a therapist or group."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from accord.science.analyses.change import Changes
from accord.science.analyses.filled_in import FILLED_IN, outcomes_filled_in
from accord.science.analyses.models import EVERYBODY, Fitted, fit
from accord.science.errors import AccordError, NotEstimable
from accord.science.estimates.contrast import Contrast, contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.gee import GEE, Family, gee, percentage_change
from accord.science.estimates.mmrm_clusters import ClusterJackknife
from accord.science.estimates.repeated_design import constrained_baseline_design


def other_assumptions(one: Changes) -> Iterator[Estimate]:
    """`sensitivity.<kind>.<scale>.<at>` for what the protocol names, and for its further analysis sets."""
    study = one.study
    for at in one.outcome.at:
        for rule in study.protocol.analysis.missing.sensitivity:
            if rule == "completers":
                yield _mean_change(one, at, "completers", "completers", carried=False)
            elif rule == "baseline-carried":
                yield _mean_change(one, at, "baseline_carried", "no change for who has no value", carried=True)
            elif rule in FILLED_IN:
                yield _filled_in(one, at, rule)
        if "gee" in study.protocol.analysis.models:
            yield _by_gee(one, at)
        if "gee-gamma-log" in study.protocol.analysis.models:
            yield from _percent_by_gee(one, at)
        for population in study.populations[1:]:
            rows = study.analysed(one.outcome, population)
            if not np.array_equal(rows, one.rows):
                yield _refitted(one, at, population.name, rows)
        if isinstance(one.main, Fitted) and isinstance(one.main.clusters, ClusterJackknife):
            yield _independent(one, at)


def _empty(one: Changes, at: str, kind: str, words: str) -> Estimate:
    return Estimate(
        id=f"sensitivity.{kind}.{one.outcome.ref}.{at}", label=f"{one.label(at, None)} ({words})", value=None,
        scale=one.outcome.ref, unit=one.outcome.facts.unit,
    )  # fmt: skip


def _mean_change(one: Changes, at: str, kind: str, words: str, *, carried: bool) -> Estimate:
    study, outcome = one.study, one.outcome
    rows = one.rows & study.due(at)
    before, after = study.values(outcome, outcome.baseline)[rows], study.values(outcome, at)[rows]
    if carried:
        after = np.where(np.isfinite(after), after, before)
    change = outcome.facts.sign * (after - before)
    known = change[np.isfinite(change)]
    empty = _empty(one, at, kind, words)
    if len(known) < 2:
        return empty.renamed(note="Fewer than two people have both values.")
    se = float(known.std(ddof=1)) / math.sqrt(len(known))
    return _filled(empty, contrast(float(known.mean()), se, len(known) - 1)).renamed(
        n=len(known), missing=len(change) - len(known), method="mean change, t interval, people as independent"
    )


def _filled_in(one: Changes, at: str, rule: str) -> Estimate:
    empty = _empty(one, at, rule.replace("-", "_"), FILLED_IN[rule])
    try:
        filled = outcomes_filled_in(one.study, one.outcome, one.rows & one.study.due(at), at, rule)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    return filled.change().estimate(
        empty.id, empty.label, n=filled.n, missing=filled.missing, scale=empty.scale, unit=empty.unit,
        method=f"{filled.method}; mean change, people as independent, Rubin's rules",
    )  # fmt: skip


def _gee(one: Changes, family: Family, zero: float) -> GEE:
    """Estimating equations over the observed values, counted from `zero`. Raises NotEstimable."""
    visits = one.outcome.visits
    y = one.study.scores.matrix(one.outcome.ref, one.outcome.informant, visits)[one.rows] - zero
    design = constrained_baseline_design([EVERYBODY] * len(y), visits, arms=(EVERYBODY,))
    return gee(y, design, family=family)


def _by_gee(one: Changes, at: str) -> Estimate:
    empty = _empty(one, at, "gee", "observed values by GEE")
    try:
        model = _gee(one, "gaussian", 0.0)
    except AccordError as error:
        return empty.renamed(note=error.finding.what)
    c = model.contrast(model.design.change(EVERYBODY, at, one.outcome.baseline)).turned(one.outcome.facts.sign)
    return _filled(empty, c).renamed(n=_seen(one, at), method=model.method)


def _percent_by_gee(one: Changes, at: str) -> Iterator[Estimate]:
    """Improvement in per cent of the mean, gamma-log with zeros kept (C20); none without a true zero."""
    facts = one.outcome.facts
    if facts.zero is None:
        return
    name = f"percent_gee.{facts.ref}.{at}"
    label = f"{one.label(at, None)}, in per cent of the baseline mean (observed values by GEE)"
    try:
        model = _gee(one, "gamma-log", facts.zero)
        change = percentage_change(model, EVERYBODY, at, one.outcome.baseline, zero=facts.zero)
    except AccordError as error:
        yield Estimate(id=name, label=label, value=None, scale=facts.ref, unit="%", note=error.finding.what)
        return
    turned = replace(change, from_true_zero=change.from_true_zero.turned(facts.sign))
    yield turned.estimate(name, label, basis="true zero", scale=facts.ref, n=_seen(one, at))


def _seen(one: Changes, at: str) -> int:
    return int(np.isfinite(one.study.values(one.outcome, at)[one.rows]).sum())


def _refitted(one: Changes, at: str, name: str, rows: np.ndarray) -> Estimate:
    empty = _empty(one, at, name, name.replace("_", " "))
    try:
        model = fit(one.study, one.outcome, rows)
        asked = model.change(at, EVERYBODY)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    n = model.seen(at)
    due = int((rows & one.study.due(at)).sum())
    return _filled(empty, asked.contrast).renamed(n=n, missing=due - n, method=asked.method)


def _independent(one: Changes, at: str) -> Estimate:
    level = one.study.protocol.analysis.cluster
    empty = _empty(one, at, "independent", f"as if nobody shared a {level}")
    model = one.main
    if not isinstance(model, Fitted) or at not in model.visits:
        return empty.renamed(note="The model is not estimable.")
    c = model.model.change(EVERYBODY, at, model.visits[0]).turned(one.outcome.facts.sign)
    return _filled(empty, c).renamed(n=model.seen(at), missing=len(model.y) - model.seen(at), method=model.model.method)


def _filled(empty: Estimate, c: Contrast) -> Estimate:
    return empty.renamed(value=c.value, ci_low=c.ci_low, ci_high=c.ci_high, se=c.se, df=c.df, p=c.p)
