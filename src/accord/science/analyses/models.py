"""The primary model of an outcome: adjusted change per arm, and contrasts by the first rung of the protocol's ladder
that can be estimated, with the reason why earlier rungs were left (C24).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.plan import Outcome
from accord.science.analyses.study import Mask, Study
from accord.science.errors import NotEstimable
from accord.science.estimates.ancova import ancova
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.hedges_g import standardised_effect
from accord.science.estimates.interval import critical_value
from accord.science.estimates.mmrm import MMRM, mmrm
from accord.science.estimates.mmrm_clusters import ClusterJackknife
from accord.science.estimates.repeated_design import RepeatedDesign, constrained_baseline_design, visit_design
from accord.science.protocols.model import Contrast as NamedContrast
from accord.science.protocols.model import ModelName

Array = NDArray[np.float64]
EVERYBODY = "everybody"
FEWEST_DF = 4.0  # of a rung of the ladder: below it an interval over clusters is too wide to choose; the next is taken
# Where there is no next rung: over 5 therapists such an interval held the truth in 96 of 100 cohorts, one that takes
# people as independent in 88 (300 simulated cohorts of integro; tests/science/loop).
LEAST_CLUSTERS = 5
FEWEST_OF_A_LEVEL = 10  # people of one answer to a covariate
NAMES: dict[ModelName, str] = {
    "mmrm": "mixed model for repeated measures",
    "constrained-mmrm": "mixed model for repeated measures, one baseline mean for all arms",
    "ancova": "analysis of covariance",
    "ancova-cluster-cr2": "analysis of covariance with cluster-robust errors (CR2)",
    "ancova-fixed": "analysis of covariance without clusters",
    "gee": "generalised estimating equations",
    "gee-gamma-log": "generalised estimating equations, gamma-log",
}


@dataclass(frozen=True)
class Asked:
    """The answer to one question put to a model: value turned so that positive is better, and how it was had."""

    contrast: Contrast
    method: str
    note: str = ""


@dataclass(frozen=True)
class Fitted:
    """One outcome on one set of people. `rows` are those people; `sd` is their SD at baseline, over `sd_n` of them."""

    study: Study
    outcome: Outcome
    rows: Mask
    visits: tuple[str, ...]
    y: Array
    model: MMRM
    clusters: ClusterJackknife | str | None  # None: nobody is in one; words: why they cannot carry an interval
    sd: float
    sd_n: int

    @property
    def arms(self) -> tuple[str, ...]:
        return self.model.design.arms

    def seen(self, at: str) -> int:
        """How many people have a value then."""
        return int(np.isfinite(self.y[:, self.visits.index(at)]).sum()) if at in self.visits else 0

    def ask(self, weights: Array, *, least_df: float = 0.0) -> Asked:
        """Σ weights × adjusted means, turned; over clusters where there are enough of them.

        With `least_df` an interval over too few is refused; without, below LEAST_CLUSTERS, it takes people as
        independent and says so.
        """
        turned = self.outcome.facts.sign * weights
        plain = self.model.contrast(turned)
        level = self.study.protocol.analysis.cluster or "cluster"
        if self.clusters is None:
            return Asked(plain, self.model.method)
        if isinstance(self.clusters, str):
            if least_df:
                raise NotEstimable(self.clusters, cure="Take the next model of the protocol.")
            return Asked(plain, self.model.method, f"Takes people as independent: {self.clusters}.")
        df = self.clusters.df(turned)
        enough = df >= least_df if least_df else self.clusters.clusters >= LEAST_CLUSTERS
        if enough:
            how = f"{self.model.method}; errors over {self.clusters.said(level)} by jackknife"
            wide = f"Rests on few {level}s, so the interval is wide." if df < FEWEST_DF else ""
            return Asked(self.clusters.contrast(turned), how.replace(_df_words(self.model), "Bell–McCaffrey df"), wide)
        few = f"{self.clusters.said(level)} are too few for an interval over them"
        if least_df:
            raise NotEstimable(few, cure="Take the next model of the protocol.")
        return Asked(plain, self.model.method, f"Takes people as independent: {few}.")

    def change(self, at: str, arm: str) -> Asked:
        """Adjusted improvement since baseline."""
        return self.ask(self.model.design.change(arm, at, self.visits[0]))

    def mean(self, at: str, arm: str) -> Contrast:
        """Adjusted mean on the scale as it is."""
        return self.model.mean(arm, at)


def _df_words(model: MMRM) -> str:
    return {"satterthwaite": "Satterthwaite", "kenward-roger": "Kenward–Roger"}[model.df_method] + " df"


def fit(
    study: Study, outcome: Outcome, rows: Mask, *, arms: tuple[str, ...] = (), visits: tuple[str, ...] = (),
    clustered: bool = True,
) -> Fitted:  # fmt: skip
    """The repeated-measures model with the baseline as first occasion and one baseline mean.

    `arms` empty: everybody is one arm. `visits` empty: all of the outcome. Raises NotEstimable.
    """
    chosen = visits or outcome.visits
    arm = study.arm[rows].astype(str) if arms else np.full(int(rows.sum()), EVERYBODY)
    y = study.scores.matrix(outcome.ref, outcome.informant, chosen)[rows]
    design = constrained_baseline_design(
        arm, chosen, arms=arms or (EVERYBODY,), covariates=covariates(study, rows), by_visit=None
    )
    model = mmrm(y, design)
    sd, n = baseline_sd(y[:, 0])
    return Fitted(study, outcome, rows, chosen, y, model, _jackknife(study, rows, model, y, clustered), sd, n)


def in_sds(found: Contrast, sd: float, n: int) -> Contrast:
    """An effect divided by a baseline SD that was itself estimated from `n` people.

    The half-width is √((t(df)·se/SD)² + (t(n−1)·d/√(2(n−1)))²): each part with its own df, so that an effect over few
    clusters does not make the SD look as uncertain as itself. With one df for both this is the delta method.
    """
    g = standardised_effect(found.value, found.se, sd=sd, sd_n=n, df=found.df)
    half = math.hypot(
        critical_value(0.95, found.df) * found.se / sd, critical_value(0.95, n - 1) * g.g / math.sqrt(2 * (n - 1))
    )
    return Contrast(g.g, g.se, found.df, g.g - half, g.g + half, found.p)


def baseline_sd(baseline: Array) -> tuple[float, int]:
    known = baseline[np.isfinite(baseline)]
    if len(known) < 2 or not known.std(ddof=1) > 0:
        raise NotEstimable("The baseline does not vary, so nothing can be standardised by it.", cure="Report points.")
    return float(known.std(ddof=1)), len(known)


def _jackknife(study: Study, rows: Mask, model: MMRM, y: Array, clustered: bool) -> ClusterJackknife | str | None:
    labels = cluster_labels(study, rows)
    if labels is None or not clustered:
        return None
    try:
        return ClusterJackknife(model, y, labels)
    except NotEstimable as error:
        words = error.finding.what.rstrip(".")
        return words[:1].lower() + words[1:]


def cluster_labels(study: Study, rows: Mask) -> NDArray[np.object_] | None:
    """Cluster of each person as the protocol names it; None when it names none or the cohort has none."""
    level = study.protocol.analysis.cluster
    if level is None:
        return None
    labels = study.people.words(level)[rows]
    return labels if any(label is not None for label in labels.tolist()) else None


def covariates(study: Study, rows: Mask) -> dict[str, NDArray[np.generic]]:
    """The covariates of the protocol's models; a missing number is the mean, a missing word a level of its
    own, a rare level joins the commonest.

    In a comparison of allocated arms this keeps everybody in and does not bias the contrast (White & Thompson 2005).
    Without a comparison the change of interest is that of all people, so covariates are left out.
    """
    if not study.plan.comparison or not rows.any():
        return {}
    found: dict[str, NDArray[np.generic]] = {}
    for name in study.protocol.analysis.covariates:
        values = background(study, name)
        if values is None:
            continue
        values = values[rows]
        if values.dtype.kind == "f":
            numbers = values.astype(float)
            numbers = np.where(np.isfinite(numbers), numbers, np.nanmean(numbers))
            if np.ptp(numbers) > 0:
                found[name] = numbers
        else:
            words = with_rare_levels_joined([str(v) if v is not None else "not known" for v in values.tolist()])
            if len(set(words.tolist())) > 1:
                found[name] = words
    return found


def with_rare_levels_joined(words: list[str]) -> NDArray[np.str_]:
    """Levels of fewer than ten people become the commonest one.

    A level of two or three people, all of one therapist or all without the outcome, would otherwise stop every model of
    the ladder; for whom it stands is adjusted for a little less, nobody is left out.
    """
    levels, count = np.unique(words, return_counts=True)
    rare = levels[count < FEWEST_OF_A_LEVEL]
    found = np.array(words)
    found[np.isin(found, rare)] = levels[np.argmax(count)]
    return found


def background(study: Study, name: str) -> NDArray[np.generic] | None:
    """A background variable of people: a column of participants (numbers or words), or a scale's baseline value."""
    if "." in name:
        outcome = study.plan.outcome(name)
        first = outcome.baseline if outcome else study.plan.occasions[0].name
        informants = study.scores.informants(name, first)
        return study.scores.at(name, informants[0], first) if informants else None
    if name not in study.people.frame.columns or study.people.frame[name].null_count() == len(study.people):
        return None
    column = study.people.frame[name]
    return study.people.numbers(name) if column.dtype.is_numeric() else study.people.words(name)


# --- contrasts ----------------------------------------------------------------------------------------------------


def sides(study: Study, named: NamedContrast) -> tuple[dict[str, float], dict[str, float]]:
    """The arms of both sides with their weights: a level of a factor is the plain mean over the arms that carry it."""
    if named.arms:
        return {named.arms[0]: 1.0}, {named.arms[1]: 1.0}
    first, second = (
        [name for name, arm in study.protocol.arms.items() if arm.levels.get(str(named.factor)) == level]
        for level in named.levels or ()
    )
    return {name: 1 / len(first) for name in first}, {name: 1 / len(second) for name in second}


def contrast_weights(study: Study, named: NamedContrast) -> dict[str, float]:
    """Weight of each arm's mean in first minus second. Raises NotEstimable when an arm has no people."""
    first, second = sides(study, named)
    weights = dict(first) | {name: -weight for name, weight in second.items()}
    empty = [name for name in weights if name not in study.arms]
    if empty or not first or not second:
        raise NotEstimable(
            f"nobody in this cohort is in {', '.join(empty) or 'one of its sides'}", cure="Report the other contrasts."
        )
    return weights


def compare(study: Study, outcome: Outcome, fitted: Fitted | NotEstimable, at: str, named: NamedContrast) -> Asked:
    """The contrast by the first rung of the protocol's ladder that can be estimated. Raises NotEstimable with all
    reasons when none can."""
    weights = contrast_weights(study, named)
    left: list[str] = []
    for rung in study.protocol.analysis.models:
        try:
            found = _rung(study, outcome, fitted, at, weights, rung)
        except NotEstimable as error:
            left.append(f"{NAMES[rung].capitalize()} was left: {error.finding.what.rstrip('.')}.")
            continue
        return replace(found, note=" ".join([*left, found.note]).strip())
    raise NotEstimable(" ".join(left) or "The protocol names no model for contrasts.", cure="See the observed means.")


def _rung(
    study: Study,
    outcome: Outcome,
    fitted: Fitted | NotEstimable,
    at: str,
    weights: Mapping[str, float],
    rung: ModelName,
) -> Asked:
    if rung == "constrained-mmrm":
        if isinstance(fitted, NotEstimable):
            raise fitted
        return fitted.ask(_on_means(fitted.model.design, weights, at), least_df=FEWEST_DF)
    rows = fitted.rows if isinstance(fitted, Fitted) else study.analysed(outcome)
    if rung == "mmrm":
        later = _with_baseline_as_covariate(study, outcome, rows)
        return later.ask(_on_means(later.model.design, weights, at), least_df=FEWEST_DF)
    if rung in ("ancova", "ancova-cluster-cr2", "ancova-fixed"):
        return _by_ancova(study, outcome, rows, at, weights, rung)
    raise NotEstimable("it describes observed data and is not used for a contrast", cure="Name a model for contrasts.")


def _on_means(design: RepeatedDesign, weights: Mapping[str, float], at: str) -> Array:
    if at not in design.visits:
        raise NotEstimable(f"there are no values at {at}", cure="Report another time-point.")
    return np.sum([weight * design.mean(arm, at) for arm, weight in weights.items()], axis=0)


def _with_baseline_as_covariate(study: Study, outcome: Outcome, rows: Mask) -> Fitted:
    everything = study.scores.matrix(outcome.ref, outcome.informant, outcome.visits)[rows]
    baseline, y = everything[:, 0], everything[:, 1:]
    given = covariates(study, rows) | {"baseline": baseline}
    arms = tuple(a for a in study.arms if (study.arm[rows] == a).any())
    design = visit_design(
        study.arm[rows].astype(str), outcome.later, arms=arms, covariates=given, by_visit=["baseline"]
    )
    model = mmrm(y, design)
    sd, n = baseline_sd(baseline)
    return Fitted(
        study, outcome, rows, outcome.later, y, model, _jackknife(study, rows, model, y, clustered=True), sd, n
    )


def _by_ancova(
    study: Study, outcome: Outcome, rows: Mask, at: str, weights: Mapping[str, float], rung: ModelName
) -> Asked:  # fmt: skip
    """Two sides of one or more arms at one time-point, adjusted for baseline and covariates."""
    side = np.array([np.sign(weights.get(str(a), 0.0)) for a in study.arm[rows]])
    words = np.where(side > 0, "first", np.where(side < 0, "second", "neither"))
    given = covariates(study, rows) | {"baseline": study.values(outcome, outcome.baseline)[rows]}
    labels = cluster_labels(study, rows)
    if rung == "ancova-cluster-cr2" and labels is None:
        raise NotEstimable("the cohort has no clusters", cure="Take the next model.")
    if rung == "ancova-cluster-cr2" and labels is not None:
        own = np.array([label if label is not None else f"nobody's {k}" for k, label in enumerate(labels.tolist())])
        for name in ("first", "second"):
            if len(set(own[words == name].tolist())) < 2:
                level = study.protocol.analysis.cluster
                raise NotEstimable(f"{level} and arm cannot be told apart: one side has one {level}", cure="Say so.")
        labels = own
    found = ancova(
        study.values(outcome, at)[rows], words, of="first", against="second", covariates=given,
        cluster=labels if rung == "ancova-cluster-cr2" else None,
        errors="classical" if rung == "ancova-fixed" else "robust",
    )  # fmt: skip
    method = f"{found.method}; baseline and covariates adjusted, complete cases"
    return Asked(found.difference.turned(outcome.facts.sign), method)
