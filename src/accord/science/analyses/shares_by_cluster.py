"""The responder rule in a logistic mixed model: a random intercept of each therapist, group or site (C18)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from accord.science.analyses.models import cluster_labels
from accord.science.analyses.parts import Part, part
from accord.science.analyses.responders import percent_of
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, number, p_value, percent
from accord.science.errors import NotEstimable
from accord.science.estimates.clusters import enough_clusters
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.logistic_mixed import LogisticMixed, logistic_mixed
from accord.science.estimates.responders import percent_improved


def clustered_shares_part(study: Study) -> Part:
    """The section; for protocols that ask for it and name a responder and a cluster."""
    rule, level = study.protocol.endpoints.responder, study.protocol.analysis.cluster
    if "logistic-mixed" not in study.protocol.analysis.also or rule is None or level is None:
        return Part()
    outcome = study.plan.outcome(rule.scale)
    if outcome is None or rule.at not in outcome.later or outcome.facts.zero is None:
        return Part()
    rows = study.analysed(outcome) & study.due(rule.at)
    labels = cluster_labels(study, rows)
    if labels is None:
        return Part()
    before, after = study.values(outcome, outcome.baseline)[rows], study.values(outcome, rule.at)[rows]
    better = percent_improved(before, after, zero=outcome.facts.zero, sign=outcome.facts.sign)
    flags = np.where(np.isfinite(better), better >= percent_of(study, outcome) - 1e-9, np.nan)
    own = np.array([str(v) if v is not None else f" {k}" for k, v in enumerate(labels.tolist())])
    enough = enough_clusters(own, flags, word=f"{level}s")
    arm = study.arm[rows].astype(str)
    arms = [a for a in study.arms if (arm == a).any()] if study.plan.comparison else []
    spread = float(np.nanstd(before, ddof=1))
    fixed = {"baseline": (before - np.nanmean(before)) / spread if spread > 0 else before * 0}
    fixed |= {a: (arm == a).astype(float) for a in arms[:-1]}
    heading = f"People who improved, by {level}"
    what = f"at least {percent_of(study, outcome):g} % better on {outcome.facts.label}, {study.when(rule.at)}"
    try:
        model = logistic_mixed(flags, own, fixed=fixed)
    except NotEstimable as error:
        return part("clustered_shares", heading, [Text(f"{what}: no model. {error.finding.what}")])
    context: dict[str, Any] = {"n": model.rows, "missing": model.missing, "scale": outcome.ref, "method": model.method}
    estimates = [
        _odds(model, name, f"{words}: {what}", f"odds_ratio.responders.{outcome.ref}.{rule.at}.{name}", context)
        for name, words in {
            "baseline": "one SD more at baseline",
            **{a: f"{study.arm_label(a)} against {study.arm_label(arms[-1])}" for a in arms[:-1]},
        }.items()
    ]
    share = Estimate(
        id=f"icc_latent.{level}.{outcome.ref}.{rule.at}", label=f"Between {level}s, of what is latent: {what}",
        value=model.share if enough.enough else None, unit="share", note="" if enough.enough else enough.reason,
        **context,
    )  # fmt: skip
    named = len({label for label in labels.tolist() if label is not None})
    blocks: list[Block | None] = [
        Text(_words(model, what, level, named)),
        _table(estimates, model),
        _spread(model, share, level),
    ]
    return part("clustered_shares", heading, blocks, (*estimates, share))


def _odds(model: LogisticMixed, name: str, label: str, id: str, context: dict[str, Any]) -> Estimate:
    c = model.coefficient(name)
    return Estimate(
        id=id, label=label, value=math.exp(c.value), ci_low=math.exp(c.ci_low), ci_high=math.exp(c.ci_high), se=c.se,
        p=c.p, unit="odds ratio", **context,
    )  # fmt: skip


def _words(model: LogisticMixed, what: str, level: str, named: int) -> str:
    return (
        f"Being {what}, in {model.rows:,} people of {named} {level}s. Each {level} has an intercept of its "
        f"own, so an odds ratio compares people of the same {level}; it lies further from one than the ratio over "
        "everybody."
    )


def _table(estimates: list[Estimate], model: LogisticMixed) -> Table:
    rows: list[tuple[Cell, ...]] = [(e.label.partition(":")[0], interval(e), p_value(e.p)) for e in estimates]
    return Table("clustered_shares", "Odds of being improved", ("What", "Odds ratio [95 %]", "p"), tuple(rows),
                 f"{model.method}.")  # fmt: skip


def _spread(model: LogisticMixed, share: Estimate, level: str) -> Block:
    if share.value is None:
        return Caution(f"Between {level}s: not reported. {share.note}")
    if model.boundary:
        return Text(f"The variance between {level}s is estimated as zero; the fit stands.")
    return Text(
        f"SD between {level}s {number(math.sqrt(model.variance))} on the logit scale, that is "
        f"{percent(model.share, 1.0, 1)} of the latent outcome. No interval is given for it; the share of variance "
        "of the score itself has one."
    )
