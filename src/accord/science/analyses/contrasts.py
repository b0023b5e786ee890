"""Trials: the primary, key and secondary contrasts, what the margins say, multiplicity, and what if the missing did
worse. Each contrast is improvement of the first side minus that of the second: positive favours the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from accord.science.analyses.change import Changes
from accord.science.analyses.filled_in import FILLED_IN, outcomes_filled_in
from accord.science.analyses.margins import aimed_p, margin_verdict
from accord.science.analyses.models import Asked, Fitted, background, cluster_labels, compare, contrast_weights, in_sds
from accord.science.analyses.models import covariates as model_covariates
from accord.science.analyses.plan import Target
from accord.science.analyses.study import Mask, Population, Study
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.ancova import ancova
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.imputation import Imputed, Strategy, impute
from accord.science.estimates.imputed_difference import difference_estimate, imputed_difference, tipping_point
from accord.science.protocols.model import Contrast as NamedContrast

_IMPUTATIONS = 50
_STEPS_PER_SD, _MOST_SDS = 20, 3


@dataclass(frozen=True)
class Compared:
    """One contrast of one endpoint: in points, in baseline SDs, its adjusted p, and what its margin says."""

    found: Changes
    target: Target
    name: str
    points: Estimate
    sds: Estimate
    adjusted: float | None = None
    verdict: str = ""

    @property
    def named(self) -> NamedContrast:
        return self.found.study.protocol.endpoints.contrasts[self.name]

    @property
    def p(self) -> float | None:
        """Of the question the contrast was made for: a difference, or its margin."""
        return aimed_p(self.named, self.points, self.sds)

    @property
    def test(self) -> str:
        """The name of its test in the protocol: scale, time-point, contrast."""
        return f"{self.found.outcome.ref}.{self.target.at}.{self.name}"


def comparisons(found: Changes) -> Iterator[Compared]:
    """Every contrast that the endpoints of one outcome name."""
    for target in found.outcome.targets:
        for name in target.contrasts:
            named = found.study.protocol.endpoints.contrasts[name]
            points, sds = _points_and_sds(found, target.at, name, named)
            yield Compared(found, target, name, points, sds, verdict=margin_verdict(named, points, sds))


def _points_and_sds(found: Changes, at: str, name: str, named: NamedContrast) -> tuple[Estimate, Estimate]:
    study, outcome = found.study, found.outcome
    label = f"{outcome.facts.label}, {study.when(at)}: {named.label}"
    rows = in_contrast(study, found.rows, named) & study.due(at)
    n = int(np.isfinite(study.values(outcome, at)[rows]).sum())
    empty = Estimate(
        id=ids.contrast(outcome.ref, at, name), label=label, value=None, n=n, missing=int(rows.sum()) - n,
        scale=outcome.ref, unit=outcome.facts.unit,
    )  # fmt: skip
    in_sds = empty.renamed(id=ids.contrast_g(outcome.ref, at, name), label=f"{label}, in baseline SDs", unit="SD")
    try:
        asked = compare(study, outcome, found.main, at, named)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what), in_sds.renamed(note=error.finding.what)
    return _filled(empty, asked), _filled_in_sds(in_sds, asked, found)


def _filled(empty: Estimate, asked: Asked) -> Estimate:
    c = asked.contrast
    return empty.renamed(
        value=c.value, ci_low=c.ci_low, ci_high=c.ci_high, se=c.se, df=c.df, p=c.p, method=asked.method, note=asked.note
    )


def _filled_in_sds(empty: Estimate, asked: Asked, found: Changes) -> Estimate:
    sd, n = _baseline_sd(found)
    if sd is None:
        return empty.renamed(note="The baseline does not vary, so nothing is divided by it.")
    g = in_sds(asked.contrast, sd, n)
    method = f"{asked.method}, divided by the SD at baseline ({sd:.2f}, n = {n}, all arms)"
    return empty.renamed(
        value=g.value, ci_low=g.ci_low, ci_high=g.ci_high, se=g.se, df=g.df, p=g.p,
        method=method, note=asked.note,
    )  # fmt: skip


def _baseline_sd(found: Changes) -> tuple[float | None, int]:
    if isinstance(found.main, Fitted):
        return found.main.sd, found.main.sd_n
    values = found.study.values(found.outcome, found.outcome.baseline)[found.rows]
    values = values[np.isfinite(values)]
    sd = float(values.std(ddof=1)) if len(values) > 1 else 0.0
    return (sd if sd > 0 else None), len(values)


def in_contrast(study: Study, rows: Mask, named: NamedContrast) -> Mask:
    """Who of these people is in one of the two sides."""
    try:
        arms = list(contrast_weights(study, named))
    except NotEstimable:
        return np.zeros_like(rows)
    return rows & np.isin(study.arm.astype(str), arms)


# --- what if the missing did worse --------------------------------------------------------------------------------


def sensitivity(compared: Compared) -> Iterator[Estimate]:
    """The contrast under the other assumptions that the protocol names, and in its other analysis sets."""
    study = compared.found.study
    for rule in study.protocol.analysis.missing.sensitivity:
        if rule in ("jump-to-reference", "tipping-point"):
            yield _under(compared, rule)
        elif rule == "completers":
            yield _completers(compared)
        elif rule in FILLED_IN:
            yield _filled_in(compared, rule)
    for population in study.populations[1:]:
        yield _in_population(compared, population)
    if cluster_labels(study, compared.found.rows) is not None:
        yield _people_independent(compared)


def _name(kind: str, compared: Compared) -> str:
    return f"sensitivity.{kind}.{compared.found.outcome.ref}.{compared.target.at}.{compared.name}"


def _empty(kind: str, compared: Compared, label: str) -> Estimate:
    return Estimate(
        id=_name(kind, compared), label=f"{compared.points.label} ({label})", value=None,
        scale=compared.points.scale, unit=compared.points.unit,
    )  # fmt: skip


def _sided(compared: Compared, rows: Mask) -> tuple[Mask, np.ndarray]:
    """Rows of both sides, and which of them are on the first."""
    study = compared.found.study
    weights = contrast_weights(study, compared.named)
    both = in_contrast(study, rows, compared.named)
    first = np.array([weights.get(str(a), 0.0) > 0 for a in study.arm[both]])
    return both, first


def _under(compared: Compared, rule: str) -> Estimate:
    """Multiple imputation with the reference of the second side, or how much worse leavers of the first must be."""
    kind = rule.replace("-", "_")
    jumping = rule == "jump-to-reference"
    label = "leavers did as the second side" if jumping else "leavers of the first side did worse"
    empty = _empty(kind, compared, label)
    try:
        imputed = _imputed(compared, "jump-to-reference" if jumping else "missing-at-random")
        if jumping:
            pooled = imputed_difference(imputed, of="first", against="second", visit=compared.target.at)
            return difference_estimate(pooled, imputed, empty.id, empty.label, scale=empty.scale, unit=empty.unit)
        return _tipping(compared, imputed, empty)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)


def _tipping(compared: Compared, imputed: Imputed, empty: Estimate) -> Estimate:
    """The smallest step (of a twentieth of a baseline SD) at which the interval holds zero."""
    sd, _ = _baseline_sd(compared.found)
    steps = tuple(-(sd or 1.0) * k / _STEPS_PER_SD for k in range(_MOST_SDS * _STEPS_PER_SD + 1))
    found = tipping_point(imputed, of="first", against="second", visit=compared.target.at, deltas=steps)
    unit = compared.found.outcome.facts.unit
    if found.tips_at is None:
        words = f"The interval stays on its side even if leavers of the first side did {-steps[-1]:.1f} {unit} worse."
    elif found.tips_at == 0:
        words = "The interval holds zero already when values are missing at random."
    else:
        words = (
            f"Leavers of the first side would have to do {-found.tips_at:.1f} {unit} worse than their data foretell "
            "before the interval holds zero."
        )
    value = -found.tips_at if found.tips_at else None
    method = f"multiple imputation (missing at random), delta added in steps, seed {imputed.seed}"
    return empty.renamed(value=value, n=len(imputed.values[0]), missing=imputed.missing, method=method, note=words)


def _imputed(compared: Compared, strategy: Strategy) -> Imputed:
    """Outcomes turned so that higher is better, arms named first and second."""
    found, study = compared.found, compared.found.study
    outcome, at = found.outcome, compared.target.at
    both, first = _sided(compared, found.rows)
    later = outcome.later[: outcome.later.index(at) + 1]
    y = outcome.facts.sign * study.scores.matrix(outcome.ref, outcome.informant, later)[both]
    kept = [k for k in range(len(later)) if np.isfinite(y[:, k]).sum() > 2]
    if later.index(at) not in kept:
        raise NotEstimable("There are too few values at this time-point.", cure="Report the observed means.")
    if np.isfinite(y[:, -1]).all():
        raise NotEstimable("Nobody's value is missing, so there is nothing to vary.", cure="The contrast stands.")
    given = {**model_covariates(study, both), "baseline": study.values(outcome, outcome.baseline)[both]}
    return impute(
        y[:, kept], np.where(first, "first", "second"), tuple(later[k] for k in kept), covariates=given,
        strategy=strategy, reference="second" if strategy == "jump-to-reference" else None, seed=study.seed,
        imputations=_IMPUTATIONS,
    )  # fmt: skip


def _complete_cases(compared: Compared, rows: Mask, cluster: bool = False) -> tuple[Contrast, int, int, str]:
    """Analysis of covariance of those with baseline and outcome."""
    found, study = compared.found, compared.found.study
    both, first = _sided(compared, rows)
    given: Mapping[str, np.ndarray] = {
        **model_covariates(study, both), "baseline": study.values(found.outcome, found.outcome.baseline)[both]
    }  # fmt: skip
    result = ancova(
        study.values(found.outcome, compared.target.at)[both], np.where(first, "first", "second"),
        of="first", against="second", covariates=given,
    )  # fmt: skip
    used = sum(result.n.values())
    return result.difference.turned(found.outcome.facts.sign), used, int(both.sum()) - used, result.method


def _filled_in(compared: Compared, rule: str) -> Estimate:
    empty = _empty(rule.replace("-", "_"), compared, FILLED_IN[rule])
    found = compared.found
    try:
        both, first = _sided(compared, found.rows)
        filled = outcomes_filled_in(found.study, found.outcome, both, compared.target.at, rule, first=first)
        pooled = filled.difference(first)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    return pooled.estimate(
        empty.id, empty.label, n=filled.n, missing=filled.missing, scale=empty.scale, unit=empty.unit,
        method=f"{filled.method}; analysis of covariance, Rubin's rules",
    )  # fmt: skip


def _completers(compared: Compared) -> Estimate:
    return _by_complete_cases(_empty("completers", compared, "completers"), compared, compared.found.rows)


def _in_population(compared: Compared, population: Population) -> Estimate:
    words = population.name.replace("_", " ")
    empty = _empty(population.name, compared, words)
    rows = compared.found.rows & population.members
    estimate = _by_complete_cases(empty, compared, rows)
    unknown = f" For {population.unknown} people the rule cannot be told." if population.unknown else ""
    return estimate.renamed(note=f"{estimate.note} People who meet the rule: {population.rule}.{unknown}".strip())


def _by_complete_cases(empty: Estimate, compared: Compared, rows: Mask) -> Estimate:
    try:
        c, n, missing, method = _complete_cases(compared, rows)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    return empty.renamed(
        value=c.value, ci_low=c.ci_low, ci_high=c.ci_high, se=c.se, df=c.df, p=c.p, n=n, missing=missing, method=method
    )


def _people_independent(compared: Compared) -> Estimate:
    """The model's own interval, as if nobody shared a therapist or group."""
    level = compared.found.study.protocol.analysis.cluster
    empty = _empty("independent", compared, f"as if nobody shared a {level}")
    model = compared.found.main
    try:
        if isinstance(model, NotEstimable):
            raise model
        weights = contrast_weights(compared.found.study, compared.named)
        design, at = model.model.design, compared.target.at
        cells = np.sum([w * design.mean(arm, at) for arm, w in weights.items()], axis=0)
        c = model.model.contrast(compared.found.outcome.facts.sign * cells)
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    return empty.renamed(
        value=c.value, ci_low=c.ci_low, ci_high=c.ci_high, se=c.se, df=c.df, p=c.p, n=compared.points.n,
        missing=compared.points.missing, method=model.model.method,
    )  # fmt: skip


def moderators(compared: Compared) -> Iterator[Estimate]:
    """Whether the contrast differs with a background value: the interaction per SD, one moderator at a time (C22)."""
    found, study = compared.found, compared.found.study
    try:
        both, first = _sided(compared, found.rows)
    except NotEstimable:
        return
    for name in study.protocol.endpoints.moderators:
        values = background(study, name)
        if values is None or values.dtype.kind != "f":
            continue
        yield _interaction(compared, name, values[both].astype(float), both, first)


def _interaction(compared: Compared, name: str, values: np.ndarray, both: Mask, first: np.ndarray) -> Estimate:
    from accord.science.estimates.cluster_robust import cluster_robust

    found, study = compared.found, compared.found.study
    label = f"{compared.points.label}: difference for one SD more of {study.words_for(name)}"
    empty = Estimate(
        id=f"moderation.{found.outcome.ref}.{compared.target.at}.{compared.name}.{name}", label=label, value=None,
        scale=found.outcome.ref, unit=found.outcome.facts.unit,
    )  # fmt: skip
    y = found.outcome.facts.sign * study.values(found.outcome, compared.target.at)[both]
    baseline = study.values(found.outcome, found.outcome.baseline)[both]
    known = np.isfinite(values)
    spread = float(values[known].std(ddof=1)) if known.sum() > 1 else 0.0
    if not spread > 0:
        return empty.renamed(note="It does not vary.")
    z = (values - values[known].mean()) / spread
    columns = {"side": first.astype(float), "moderator": z, "product": first * z}
    if name != found.outcome.ref:
        columns["baseline"] = baseline
    try:
        fitted = cluster_robust(y, None, fixed=columns)
        c = fitted.coefficient("product")
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    return empty.renamed(
        value=c.value, ci_low=c.ci_low, ci_high=c.ci_high, se=c.se, df=c.df, p=c.p, n=fitted.rows,
        missing=fitted.missing, method=f"interaction, {fitted.method}; complete cases, one moderator at a time",
    )  # fmt: skip
