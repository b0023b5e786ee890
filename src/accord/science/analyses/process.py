"""How a process measure (alliance, cohesion, attunement, quality) goes together with later change (C17).

For each occasion j: x is the process measure at `predictor_at[j]`, y the outcome at `outcome_at[j]`, turned so that
higher is better, y₀ the outcome at `predictor_at[j]` if asked then, else at baseline ("change so far"). A person's x is
split into her mean x̄ and the deviation x − x̄.

* several outcomes: y − y₀ on y₀, an intercept per occasion, x − x̄ and x̄, occasions stacked;
* one outcome:      y on y₀ and x̄.

Slopes are SDs of the outcome (at its first occasion) per SD of the process measure (at its first). The reverse path
exchanges the roles. Least squares with CR2 errors over therapists where there are enough of them, else over people.
These are associations, whatever one would like them to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.models import cluster_labels
from accord.science.analyses.plan import known_scale, spoken
from accord.science.analyses.study import Study
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.contrast import Contrast
from accord.science.estimates.estimate import Estimate
from accord.science.protocols.model import Association

Array = NDArray[np.float64]
FEWEST_CLUSTERS = 10
_SYNCHRONY = "synchrony:"


@dataclass(frozen=True)
class Stacked:
    """One association in long form: rows are people by occasion. `x`, `y`, `y0`; NaN where missing."""

    name: str
    clause: Association
    people: NDArray[np.int64]
    occasion: NDArray[np.int64]
    x: Array
    y: Array
    y0: Array
    x_later: Array
    y_then: Array  # the outcome at predictor_at[j] itself, for the reverse path
    sd_x: float
    sd_y: float
    sd_x_later: float
    sd_y_then: float

    @property
    def repeated(self) -> bool:
        return len(self.clause.outcome_at) > 1


def stacked(study: Study, name: str, clause: Association) -> Stacked:
    """Raises NotEstimable when the cohort holds neither predictor nor outcome then."""
    facts = known_scale(study.cohort, clause.outcome)
    if facts is None or facts.sign == 0:
        raise NotEstimable(f"{clause.outcome} has no direction in this cohort.", cure="Name another outcome.")
    single = len(clause.outcome_at) == 1
    outcomes = clause.outcome_at * len(clause.predictor_at) if single else clause.outcome_at
    columns: dict[str, list[Array]] = {key: [] for key in ("x", "y", "y0", "x_later", "y_then")}
    for then, later in zip(clause.predictor_at, outcomes, strict=True):
        at_then = facts.sign * _outcome(study, clause.outcome, then)
        columns["x"].append(_predictor(study, clause, then))
        columns["x_later"].append(_predictor(study, clause, later))
        columns["y"].append(facts.sign * _outcome(study, clause.outcome, later))
        columns["y_then"].append(at_then)
        asked = np.isfinite(at_then).any()
        baseline = facts.sign * _outcome(study, clause.outcome, study.plan.occasions[0].name)
        columns["y0"].append(at_then if asked else baseline)
    long = {key: np.concatenate(values) for key, values in columns.items()}
    n, times = len(study.people), len(clause.predictor_at)
    first = {key: _sd(values[0], key, clause) for key, values in columns.items() if key in ("x", "y")}
    loose = {key: _sd_or_nan(columns[key][0]) for key in ("x_later", "y_then")}
    member = np.tile(study.primary.members, times)
    long = {key: np.where(member, values, np.nan) for key, values in long.items()}
    return Stacked(
        name, clause, np.tile(np.arange(n), times), np.repeat(np.arange(times), n), **long, sd_x=first["x"],
        sd_y=first["y"], sd_x_later=loose["x_later"], sd_y_then=loose["y_then"],
    )  # fmt: skip


def _predictor(study: Study, clause: Association, at: str) -> Array:
    if not clause.predictor.startswith(_SYNCHRONY):
        return study.scores.at(clause.predictor, clause.informant, at)
    return synchrony_at(study, clause.predictor.removeprefix(_SYNCHRONY), at)


def synchrony_at(study: Study, signal: str, at: str) -> Array:
    """Synchrony of a signal at a session, one value a person: by the protocol's primary index where the cohort has it,
    else the mean over the indices it has."""
    rows = study.cohort.scan("synchrony").filter(
        (pl.col("signal") == signal) & (pl.coalesce("time_point", "session") == at)
    )
    named = study.protocol.recordings.primary_index.partition(":") if study.protocol.recordings else ("", "", "")
    table = rows.select("participant", "method", "value").collect()
    if named[0] == signal and (table["method"] == named[2]).any():
        table = table.filter(pl.col("method") == named[2])
    one = table.group_by("participant").agg(pl.col("value").mean())
    return study.people.frame.select("participant").join(one, on="participant", how="left", maintain_order="left")[
        "value"
    ].cast(pl.Float64).to_numpy().astype(float)  # fmt: skip


def _outcome(study: Study, scale: str, at: str) -> Array:
    informants = study.scores.informants(scale, at)
    return study.scores.at(scale, informants[0] if informants else "patient", at)


def _sd(values: Array, which: str, clause: Association) -> float:
    sd = _sd_or_nan(values)
    if not sd > 0:
        what = clause.predictor if which == "x" else clause.outcome
        raise NotEstimable(f"{what} has no values that vary at its first occasion.", cure="Leave this association out.")
    return sd


def _sd_or_nan(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(known.std(ddof=1)) if len(known) > 1 else float("nan")


# --- the regressions ----------------------------------------------------------------------------------------------


def split(x: Array, people: NDArray[np.int64], known: NDArray[np.bool_]) -> tuple[Array, Array]:
    """A person's mean over the rows in `known`, and the deviation from it."""
    size = int(people.max()) + 1
    count = np.bincount(people[known], minlength=size)
    with np.errstate(invalid="ignore"):
        means = np.bincount(people[known], x[known], minlength=size) / count
    return x - means[people], means[people]


@dataclass(frozen=True)
class Slopes:
    parts: dict[str, Contrast]
    people: int
    rows: int
    method: str


def slopes(study: Study, data: Stacked, others: tuple[Stacked, ...] = (), *, reverse: bool = False) -> Slopes:
    """Standardised slopes of the within and the between part; `others` stand in the same regression (both raters)."""
    pairs = [(d.y_then, d.x_later, d.x, d.sd_y_then, d.sd_x_later) if reverse else (d.x, d.y, d.y0, d.sd_x, d.sd_y)
             for d in (data, *others)]  # fmt: skip
    x, y, y0, sd_x, sd_y = pairs[0]
    predictors = [x, *(pair[0] for pair in pairs[1:])]
    if not data.repeated:
        return _of_one_outcome(study, data, predictors, [p[3] for p in pairs])
    known = np.isfinite(y) & np.isfinite(y0) & np.all([np.isfinite(p) for p in predictors], axis=0)
    _enough(known)
    columns: dict[str, NDArray[np.generic]] = {}
    for k, values in enumerate(predictors):
        deviation, mean = split(values, data.people, known)
        columns[f"within{k}"], columns[f"between{k}"] = deviation[known], mean[known]
    columns["before"] = y0[known]
    columns["occasion"] = data.occasion[known].astype(str)
    return _fitted(study, (y - y0)[known], columns, data.people[known], sd_x / sd_y, ("within", "between"))


def _of_one_outcome(study: Study, data: Stacked, predictors: list[Array], sds: list[float]) -> Slopes:
    """The outcome on its baseline and each predictor's mean over the occasions, one row a person."""
    n, times = len(study.people), len(data.clause.predictor_at)
    y, y0 = data.y.reshape(times, n)[0], data.y0.reshape(times, n)[0]
    columns: dict[str, NDArray[np.generic]] = {}
    for k, values in enumerate(predictors):
        _, mean = split(values, data.people, np.isfinite(values))
        columns[f"between{k}"] = mean[:n]
    known = np.isfinite(y) & np.isfinite(y0) & np.all([np.isfinite(c.astype(float)) for c in columns.values()], axis=0)
    _enough(known)
    columns = {key: values[known] for key, values in columns.items()} | {"before": y0[known]}
    return _fitted(study, y[known], columns, np.flatnonzero(known), sds[0] / data.sd_y, ("between",))


def _enough(known: NDArray[np.bool_]) -> None:
    if known.sum() < 8:
        raise NotEstimable(f"Only {int(known.sum())} rows have all values.", cure="Report the values themselves.")


def _fitted(
    study: Study, y: Array, columns: dict[str, NDArray[np.generic]], people: NDArray[np.int64], unit: float,
    asked: tuple[str, ...],
) -> Slopes:  # fmt: skip
    labels, over = _errors_over(study, people)
    fit = cluster_robust(y, labels, fixed=columns)
    found = {}
    for key in columns:
        if key.rstrip("0123456789") in asked:
            c = fit.coefficient(key)
            found[key] = Contrast(c.value * unit, c.se * unit, c.df, c.ci_low * unit, c.ci_high * unit, c.p)
    return Slopes(found, len(np.unique(people)), fit.rows, f"least squares, CR2 errors over {over}; complete rows")


def _errors_over(study: Study, people: NDArray[np.int64]) -> tuple[NDArray[np.generic], str]:
    """Therapists (or whatever the protocol names) where there are ten or more; a person without one is her own."""
    labels = cluster_labels(study, np.ones(len(study.people), dtype=bool))
    if labels is not None:
        own = np.array([str(v) if v is not None else f" {k}" for k, v in enumerate(labels.tolist())])[people]
        if (count := len(set(own.tolist()))) >= FEWEST_CLUSTERS:
            return own, f"{count} {study.protocol.analysis.cluster}s"
    return people, "people"


# --- the estimates -----------------------------------------------------------------------------------------------


def describe(study: Study, clause: Association) -> str:
    """`WAI-SR total, by the patient`, without any claim."""
    if clause.predictor.startswith(_SYNCHRONY):
        return f"Attunement ({spoken(clause.predictor.removeprefix(_SYNCHRONY))})"
    return rated_by(study, clause.predictor, clause.informant)


def rated_by(study: Study, scale: str, informant: str) -> str:
    """`WAI-SR total, by the patient`."""
    who = {"patient": "by the patient", "therapist": "by the therapist", "member": "by the members",
           "leader": "by the leader", "observer": "by the observer", "assessor": "by the assessor"}  # fmt: skip
    return f"{study.words_for(scale)}, {who.get(informant, informant)}"


def association_estimates(study: Study, name: str, clause: Association) -> Iterator[Estimate]:
    """Within, between and the reverse paths; who is refused says why."""
    label = f"{describe(study, clause)} → {study.words_for(clause.outcome)}"
    wanted = [(part_, False) for part_ in clause.parts]
    if clause.reverse and len(clause.outcome_at) > 1:
        wanted += [(part_, True) for part_ in clause.parts]
    try:
        data = stacked(study, name, clause)
    except NotEstimable as error:
        yield from (_empty(name, p, r, label, error.finding.what) for p, r in wanted)
        return
    for reverse in sorted({r for _, r in wanted}):
        try:
            found = slopes(study, data, reverse=reverse)
        except NotEstimable as error:
            yield from (_empty(name, p, r, label, error.finding.what) for p, r in wanted if r is reverse)
            continue
        for part_, _ in (pair for pair in wanted if pair[1] is reverse):
            if f"{part_}0" in found.parts:
                yield _filled(_empty(name, part_, reverse, label), found, f"{part_}0", _asked(study, clause))


def _empty(name: str, part_: str, reverse: bool, label: str, note: str = "") -> Estimate:
    which = f"reverse_{part_}" if reverse else part_
    words = f"{label}: {part_} people" + (", reverse path" if reverse else "")
    return Estimate(id=ids.association(name, which), label=words, value=None, unit="SD per SD", note=note)


def _asked(study: Study, clause: Association) -> int:
    """How many people of the primary population were to be asked: members rate groups, so only who is in one."""
    members = study.primary.members & np.any([study.due(at) for at in clause.predictor_at], axis=0)
    if clause.informant in ("member", "leader"):
        grouped = [name for name, arm in study.protocol.arms.items() if arm.format == "group"]
        members &= np.isin(study.arm.astype(str), grouped)
    return int(members.sum())


def _filled(empty: Estimate, found: Slopes, key: str, asked: int) -> Estimate:
    c = found.parts[key]
    return empty.renamed(
        value=c.value, ci_low=c.ci_low, ci_high=c.ci_high, se=c.se, df=c.df, p=c.p, n=found.people,
        missing=asked - found.people, method=f"{found.method}, {found.rows} rows",
    )  # fmt: skip


def both_raters(study: Study) -> Iterator[Estimate]:
    """Patient's and therapist's rating of the same construct in one regression (actor-partner form)."""
    clauses = study.protocol.endpoints.associations
    for name, clause in clauses.items():
        for other, second in clauses.items():
            same = (clause.outcome, clause.outcome_at, clause.predictor_at) == (
                second.outcome, second.outcome_at, second.predictor_at
            )  # fmt: skip
            rated = not clause.predictor.startswith(_SYNCHRONY)
            if rated and clause.informant == "patient" and second.informant == "therapist" and same:
                yield from _jointly(study, (name, clause), (other, second))


def _jointly(study: Study, first: tuple[str, Association], second: tuple[str, Association]) -> Iterator[Estimate]:
    pairs = (first, second)
    try:
        data = [stacked(study, name, clause) for name, clause in pairs]
        if len({(d.occasion.shape, d.repeated) for d in data}) > 1:
            return
        found = slopes(study, data[0], (data[1],))
    except NotEstimable:
        return
    for k, ((name, clause), other) in enumerate(zip(pairs, (second[0], first[0]), strict=True)):
        for part_ in clause.parts:
            if f"{part_}{k}" not in found.parts:
                continue
            unit = data[k].sd_x / data[0].sd_x  # the shared fit is in SDs of the first predictor
            label = f"{describe(study, clause)} → {study.words_for(clause.outcome)}: {part_} people, at equal "
            label += describe(study, pairs[1 - k][1])
            c = found.parts[f"{part_}{k}"]
            scaled = Contrast(c.value * unit, c.se * unit, c.df, c.ci_low * unit, c.ci_high * unit, c.p)
            yield scaled.estimate(
                ids.association(name, f"{part_}_beside_{other}"), label, n=found.people, unit="SD per SD",
                method=f"both raters in one regression, {found.method}, {found.rows} rows",
            )  # fmt: skip
