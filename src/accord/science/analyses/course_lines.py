"""A weekly series as one line a person: linear mixed model with random intercepts and slopes (`endpoints.courses`)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.change_section import median_days
from accord.science.analyses.leaving import MOST_TOGETHER, reference_arm
from accord.science.analyses.models import cluster_labels, contrast_weights
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import known_scale
from accord.science.analyses.result import Block, Caution, Cell, Picture, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, number, p_value
from accord.science.cohort import ScaleFacts
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.linear_mixed import Factor, LinearMixed, linear_mixed
from accord.science.figures import Panel, Reading, TimePoint, Trajectories, Trajectory
from accord.science.protocols import Occasion
from accord.science.protocols.model import Course

Array = NDArray[np.float64]
_LEAST_CLUSTERS = 5
WEEK = "week"


@dataclass(frozen=True)
class Lines:
    """The fit of one series. `arms`: those with people (none: everybody is one line); `weeks` from its first asking."""

    study: Study
    clause: Course
    facts: ScaleFacts
    points: tuple[Occasion, ...]
    weeks: Array
    arms: tuple[str, ...]
    model: LinearMixed
    people: int
    values: Array
    rows: Array
    note: str

    def weights(self, arm: str | None, week: float | None) -> Array:
        """Of an arm's mean in a week, or (None) of its change a week."""
        names = self.model.names
        w = np.zeros(len(names))
        if week is None:
            w[names.index(WEEK)] = 1.0
        else:
            w[names.index("intercept")], w[names.index(WEEK)] = 1.0, week
        if arm is not None and arm != self.arms[0]:
            w[names.index(f"{WEEK}:{arm}")] = 1.0 if week is None else week
            if week is not None:
                w[names.index(arm)] = 1.0
        return w


def courses_part(study: Study) -> Part:
    """The section, for protocols that ask for it."""
    blocks: list[Block | None] = []
    estimates: list[Estimate] = []
    for clause in study.protocol.endpoints.courses:
        try:
            found = _fitted(study, clause)
        except NotEstimable as error:
            blocks.append(Caution(f"{clause.scale} over {clause.series}: no line was fitted. {error.finding.what}"))
            continue
        if found is None:
            continue
        numbers = [*_slopes(found), *_differences(found)]
        estimates += numbers
        blocks += [Text(_words(found)), _picture(found), _table(found, numbers), _people(found)]
    if not blocks:
        return Part()
    return part("courses", "From week to week", blocks, estimates)


def _fitted(study: Study, clause: Course) -> Lines | None:
    """None when the cohort does not hold the series."""
    facts = known_scale(study.cohort, clause.scale)
    points = [o for o in study.plan.occasions if o.time_point in clause.points]
    points = [o for o in points if study.scores.count(clause.scale, clause.informant, o.name) > 1]
    if facts is None or facts.sign == 0 or len(points) < 3:
        return None
    members = study.primary.members
    y = study.scores.matrix(clause.scale, clause.informant, [o.name for o in points])[members]
    weeks = _weeks(study, clause, points)
    arms = tuple(a for a in study.arms if (members & (study.arm == a)).any()) if study.plan.comparison else ()
    arms = tuple(a for a in arms if np.isfinite(y[study.arm[members] == a]).sum() > len(points))
    keep = np.isfinite(y)
    person, visit = np.nonzero(keep)
    week = weeks[visit]
    fixed: dict[str, Array] = {WEEK: week}
    for arm in arms[1:]:
        inside = (study.arm[members] == arm)[person].astype(float)
        fixed |= {arm: inside, f"{WEEK}:{arm}": inside * week}
    random = {"people": Factor(person, {WEEK: week})}
    model, note = _with_clusters(study, members, person, y[keep], random, fixed, week)
    return Lines(
        study, clause, facts, tuple(points), weeks, arms, model, int(keep.any(axis=1).sum()), y,
        study.arm[members].astype(str), note,
    )  # fmt: skip


def _weeks(study: Study, clause: Course, points: list[Occasion]) -> Array:
    """Since the first asking: as planned within one repeated time-point, else by the median day of answering."""
    if len(clause.points) == 1:
        days = [float(o.window.middle) for o in points]
    else:
        days = median_days(study, [o.name for o in points])
    return (np.array(days) - days[0]) / 7


def _with_clusters(
    study: Study, members: NDArray[np.bool_], person: NDArray[np.int64], y: Array, random: dict[str, Factor],
    fixed: dict[str, Array], week: Array,
) -> tuple[LinearMixed, str]:  # fmt: skip
    """With the protocol's clusters around the people where there are some; else as if they were independent, said."""
    labels, level = cluster_labels(study, members), study.protocol.analysis.cluster
    if labels is None:
        return linear_mixed(y, random, fixed=fixed), ""
    own = np.array([str(label) if label is not None else f" {k}" for k, label in enumerate(labels.tolist())])
    count = len({label for label in labels.tolist() if label is not None})
    if count >= _LEAST_CLUSTERS:
        try:
            outer = {str(level): Factor(own[person], {WEEK: week}, correlated=False)}
            return linear_mixed(y, random | outer, fixed=fixed), ""
        except NotEstimable as error:
            why = error.finding.what
    else:
        why = f"{count} {level}s are too few for a variance between them."
    return linear_mixed(y, random, fixed=fixed), f"Takes people as independent: {why}"


def _slopes(found: Lines) -> list[Estimate]:
    where = [None, *found.arms] if not found.arms else list(found.arms)
    return [
        found.model.contrast(found.facts.sign * found.weights(arm, None)).estimate(
            ids.slope(found.clause.scale, found.clause.series, arm),
            f"{found.facts.label}: improvement a week"
            + (f", {found.study.arm_label(arm)}" if arm else ""),
            n=_of(found, arm), missing=int((found.rows == arm).sum() if arm else len(found.rows)) - _of(found, arm),
            scale=found.clause.scale, unit=f"{found.facts.unit} a week", method=found.model.method, note=found.note,
        )
        for arm in where
    ]  # fmt: skip


def _of(found: Lines, arm: str | None) -> int:
    rows = np.isfinite(found.values).any(axis=1)
    return int(rows.sum() if arm is None else (rows & (found.rows == arm)).sum())


def _differences(found: Lines) -> list[Estimate]:
    study, result = found.study, []
    for name, named in study.protocol.endpoints.contrasts.items() if found.arms else ():
        try:
            weights = contrast_weights(study, named)
        except NotEstimable:
            continue
        if not set(weights) <= set(found.arms):
            continue
        w = np.sum([share * found.weights(arm, None) for arm, share in weights.items()], axis=0)
        result.append(found.model.contrast(found.facts.sign * w).estimate(
            ids.slope_contrast(found.clause.scale, found.clause.series, name),
            f"{found.facts.label}, improvement a week: {named.label}",
            n=sum(_of(found, arm) for arm in weights), missing=None, scale=found.clause.scale,
            unit=f"{found.facts.unit} a week", method=found.model.method, note=found.note,
        ))  # fmt: skip
    return result


def _words(found: Lines) -> str:
    weeks = f"{number(found.weeks[-1], 0)} weeks"
    arms = " Arms may begin at another level and change at another pace." if found.arms else ""
    return (
        f"{found.facts.label} was asked {len(found.points)} times within {weeks}. Each person has a line of her own, "
        f"and the lines differ by chance around the common one (linear mixed model).{arms} Missing weeks are taken "
        "to be "
        "missing at random given the others. A line is a summary: where change comes early and then rests, its slope "
        "is the average pace."
    )


def _table(found: Lines, numbers: list[Estimate]) -> Table:
    truth = found.study.cohort.truth
    rows: list[tuple[Cell, ...]] = [
        (e.label, interval(e, 3), p_value(e.p), e.n, *((truth.get(e.id),) if truth else ())) for e in numbers
    ]
    columns = ("What", f"{found.facts.unit} a week [95 %]", "p", "People", *(("Put in",) if truth else ()))
    id = f"course_{found.clause.scale.replace('.', '_')}_{found.clause.series}"
    note = f"Positive: better. {found.model.method}; {found.model.rows:,} answers. {found.note}".strip()
    return Table(id, f"{found.facts.label} from week to week", columns, tuple(rows), note, digits=3)


def _people(found: Lines) -> Text:
    """How much people's lines differ; single people's lines are not shown (estimates.md says why)."""
    d = found.model.covariances["people"]
    sd = np.sqrt(np.diagonal(d))
    if sd[1] < 1e-6 or any(name.startswith("week of people") for name in found.model.boundary):
        return Text(
            "People's slopes do not differ more than chance makes them: their variance is estimated as zero, and the "
            "fit stands."
        )
    tied = "" if "correlations of people" in found.model.boundary else (
        f"; who begins worse changes {'faster' if d[0, 1] < 0 else 'slower'} "
        f"(correlation of level and slope {number(float(d[0, 1] / (sd[0] * sd[1])))})"
    )  # fmt: skip
    return Text(
        f"People differ: the SD of their slopes is {number(float(sd[1]), 3)} {found.facts.unit} a week, that of their "
        f"levels in the first week {number(float(sd[0]))}{tied}. Single people's lines are not shown."
    )


def _picture(found: Lines) -> Picture:
    """The lines of the model, a mark at each asking; with many arms a small panel each, beside the control."""
    study, facts = found.study, found.facts
    lines = {arm: _line(found, arm) for arm in found.arms or (None,)}
    better = "up" if facts.sign > 0 else "down"
    control = reference_arm(study)
    if len(lines) <= MOST_TOGETHER:
        panels = [Panel(facts.label, list(lines.values()), better, facts.minimum, facts.maximum)]
    else:
        panels = [
            Panel(one.label, [lines[control], replace(one, label="this arm")], better, facts.minimum, facts.maximum)
            for arm, one in lines.items()
            if arm != control
        ]
    said = "; ".join(
        f"{one.label} from {number(one.readings[0].mean)} to {number(one.readings[-1].mean)}"
        for one in lines.values()
        if one.readings
    )
    figure = Trajectories(
        f"{facts.label} from week to week", f"Lines of the model: {said}.",
        [TimePoint(f"{week:.3g}", float(week)) for week in found.weeks], panels,
        time_unit="weeks from the first asking", invented=study.cohort.manifest.invented,
    )  # fmt: skip
    return drawn(f"course_{facts.ref.replace('.', '_')}", figure, f"n = {found.people:,}. {found.model.method}.")


def _line(found: Lines, arm: str | None) -> Trajectory:
    readings = []
    inside = found.rows == arm if arm else np.ones(len(found.rows), bool)
    for k, week in enumerate(found.weeks):
        c = found.model.contrast(found.weights(arm, float(week)))
        n = int(np.isfinite(found.values[inside, k]).sum())
        readings.append(Reading(f"{week:.3g}", c.value, c.ci_low, c.ci_high, n))
    return Trajectory(found.study.arm_label(arm) if arm else "Everybody", readings)
