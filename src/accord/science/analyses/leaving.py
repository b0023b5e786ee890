"""Time to drop-out: who was still there when (Kaplan-Meier), and whether arms leave at the same rate (Cox)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Block, Caution, Cell, Estimates, Picture, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, number, p_value, percent
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.time_to_event import Survival, cox, log_rank, survival
from accord.science.figures import Step, SurvivalCurve, SurvivalCurves
from accord.science.protocols.timing import planned_window

LEAVING = ("withdrawal", "lost")
MOST_TOGETHER = 4  # arms in one picture


@dataclass(frozen=True)
class Watched:
    """Of each person analysed: `day` of leaving or the last day known, `left`, arm. NaN where no day is recorded."""

    day: NDArray[np.float64]
    left: NDArray[np.bool_]
    arm: NDArray[np.object_]


def leaving_part(study: Study) -> Part:
    """The section; for protocols that ask for it, in cohorts that record events with their days."""
    if "time-to-drop-out" not in study.protocol.analysis.also or "events" not in study.cohort.names:
        return Part()
    watched = watched_of(study)
    known = np.isfinite(watched.day)
    if not known.any() or not watched.left[known].any():
        return part("leaving", "Who stayed, and how long", [Text("Nobody left on a day that is recorded.")])
    curves = dict(_curves(study, watched))
    stays = list(_stays(study, watched, curves))
    hazards = list(_hazards(study, watched))
    blocks: list[Block | None] = [
        Text(_words(study, watched)), _picture(study, watched),
        Estimates("Still there", tuple(stays), digits=3),
        _hazard_table(study, watched, hazards),
        Caution(
            "Leaving for a reason that has to do with the outcome is not told apart here: the curve counts, it does "
            "not explain. What leaving does to the outcomes stands under what is missing."
        ),
    ]  # fmt: skip
    return part("leaving", "Who stayed, and how long", blocks, (*stays, *hazards))


def watched_of(study: Study) -> Watched:
    """Leaving is a withdrawal or a loss of contact; all others are censored on the last day anything is known of."""
    people = study.people.frame.select("participant", "arm").filter(pl.Series(study.primary.members))
    events = study.cohort.table("events")
    left = events.filter(pl.col("kind").is_in(LEAVING)).group_by("participant").agg(left=pl.col("day").min())
    seen = [events.filter(~pl.col("kind").is_in(LEAVING)).select("participant", "day")]
    for name in ("scores", "sessions", "contacts"):
        if name in study.cohort.names:
            table = study.cohort.scan(name)
            if name == "sessions":
                table = table.filter(pl.col("state") == "attended")
            seen.append(table.group_by("participant").agg(pl.col("day").max()).collect())
    last = pl.concat(seen, how="vertical_relaxed").group_by("participant").agg(last=pl.col("day").max())
    joined = people.join(left, on="participant", how="left", maintain_order="left").join(
        last, on="participant", how="left", maintain_order="left"
    )
    gone = joined["left"].is_not_null().to_numpy()
    day = joined.select(pl.coalesce("left", "last").cast(pl.Float64)).to_series().to_numpy().astype(float)
    return Watched(np.where(day >= 0, day, np.nan), gone, np.array(joined["arm"].to_list(), dtype=object))


def _of(watched: Watched, arm: str | None) -> NDArray[np.bool_]:
    known = np.isfinite(watched.day)
    return known if arm is None else known & (watched.arm == arm)


def _arms(study: Study) -> tuple[str | None, ...]:
    return study.arms if len(study.arms) > 1 else (None,)


def _curves(study: Study, watched: Watched) -> Iterator[tuple[str | None, Survival | None]]:
    """Everybody's and each arm's; None where nobody of an arm left."""
    for arm in dict.fromkeys((None, *_arms(study))):
        rows = _of(watched, arm)
        try:
            yield arm, survival(watched.day[rows], watched.left[rows])
        except NotEstimable:
            yield arm, None


def last_day(study: Study, arm: str | None) -> float | None:
    """The last day of the primary endpoint's window as planned; the latest over arms for everybody."""
    at = study.protocol.endpoints.primary.at
    point = next((o for o in study.plan.occasions if o.name == at), None)
    if point is None:
        return None
    arms = [arm] if arm else list(study.protocol.arms)
    windows = [w for name in arms if (w := planned_window(study.protocol, point, name)) is not None]
    return float(max(w.last for w in windows)) if windows else None


def _stays(study: Study, watched: Watched, curves: dict[str | None, Survival | None]) -> Iterator[Estimate]:
    at = study.protocol.endpoints.primary.at
    for arm, curve in curves.items():
        day, rows = last_day(study, arm), _of(watched, arm)
        if day is None:
            continue
        where = f", {study.arm_label(arm)}" if arm else ""
        missing = int((watched.arm == arm).sum() if arm else len(watched.arm)) - int(rows.sum())
        empty = Estimate(
            id=ids.stay(at, arm), label=f"Still there on day {day:.0f}{where}", value=None, n=int(rows.sum()),
            missing=missing, unit="share", method="Kaplan–Meier, log–log limits, people as independent",
        )  # fmt: skip
        if curve is None:
            yield empty.renamed(value=1.0, note="Nobody left.")
            continue
        k = int(np.searchsorted(curve.time, day, side="right")) - 1
        if k < 0:
            yield empty.renamed(value=1.0, note="Nobody had left by then.")
            continue
        low, high = (float(v[k]) if np.isfinite(v[k]) else None for v in (curve.low, curve.high))
        yield empty.renamed(value=float(curve.stay[k]), ci_low=low, ci_high=high)


def reference_arm(study: Study) -> str | None:
    """The arm others are compared with: a control, else the second side of the first contrast of two
    arms, else the last."""
    controls = [a for a in study.arms if study.protocol.arms[a].role != "treatment"]
    if controls:
        return controls[0]
    for named in study.protocol.endpoints.contrasts.values():
        if named.arms and named.arms[1] in study.arms:
            return named.arms[1]
    return study.arms[-1] if study.arms else None


def _hazards(study: Study, watched: Watched) -> Iterator[Estimate]:
    """exp() of Cox's coefficients, in comparisons."""
    against = reference_arm(study)
    if not study.plan.comparison or against is None or len(study.arms) < 2:
        return
    rows = _of(watched, None) & np.isin(watched.arm.astype(str), study.arms)
    others = [arm for arm in study.arms if arm != against]
    fixed = {arm: (watched.arm[rows] == arm).astype(float) for arm in others}
    empties = {
        arm: Estimate(
            id=ids.leaving_ratio(arm), value=None, n=int(rows.sum()), unit="hazard ratio",
            label=f"Leaving: {study.arm_label(arm)} against {study.arm_label(against)}",
        )
        for arm in others
    }  # fmt: skip
    try:
        model = cox(watched.day[rows], watched.left[rows], fixed)
    except NotEstimable as error:
        yield from (empty.renamed(note=error.finding.what) for empty in empties.values())
        return
    for arm, empty in empties.items():
        c = model.coefficient(arm)
        yield empty.renamed(
            value=float(np.exp(c.value)), ci_low=float(np.exp(c.ci_low)), ci_high=float(np.exp(c.ci_high)), se=c.se,
            p=c.p, missing=int(len(watched.day) - rows.sum()),
            method="Cox regression, ties by Efron, people as independent; se of the logarithm",
        )  # fmt: skip


def _words(study: Study, watched: Watched) -> str:
    known = np.isfinite(watched.day)
    left = int(watched.left[known].sum())
    without = int((~known).sum())
    rest = f" Of {without} people no day is known; they are left out." if without else ""
    return (
        f"{left} of {int(known.sum()):,} people withdrew or could not be reached any more "
        f"({percent(left, int(known.sum()))}). Who did not is counted as long as anything is recorded of her.{rest}"
    )


def _hazard_table(study: Study, watched: Watched, hazards: list[Estimate]) -> Table | None:
    if not hazards:
        return None
    rows: list[tuple[Cell, ...]] = [
        (e.label, interval(e) if e.value is not None else e.note, p_value(e.p), e.n) for e in hazards
    ]
    known = _of(watched, None)
    try:
        test = log_rank(watched.day[known], watched.left[known], watched.arm[known])
        note = f"All arms: log-rank χ² {number(test.chi_square)} on {test.df} df, p {p_value(test.p)}. "
    except NotEstimable:
        note = ""
    note += "Above one: leaves sooner. Hazards are taken as proportional; look at the curves."
    return Table("leaving", "Whether arms leave at the same rate", ("Arm", "Hazard ratio [95 %]", "p", "n"),
                 tuple(rows), note)  # fmt: skip


def _picture(study: Study, watched: Watched) -> Picture:
    """A curve an arm; with many arms the control and all others together, since eight curves cannot be told apart."""
    end = float(np.nanpercentile(watched.day, 95))
    drawn_curves = []
    for label, rows in _drawn_together(study, watched).items():
        try:
            steps = _steps(survival(watched.day[rows], watched.left[rows]), end)
        except NotEstimable:
            steps = []
        drawn_curves.append(SurvivalCurve(label, steps, int(rows.sum()), end, watched.day[rows].tolist()))
    said = ". ".join(
        f"{one.label}: {percent(one.steps[-1].stay if one.steps else 1.0)} still there on day {end:.0f}"
        for one in drawn_curves
    )
    figure = SurvivalCurves(
        "Who stayed, and how long", f"{said}.", drawn_curves, invented=study.cohort.manifest.invented
    )  # fmt: skip
    return drawn("leaving", figure, f"n = {int(np.isfinite(watched.day).sum()):,}. Kaplan–Meier, log–log limits.")


def _drawn_together(study: Study, watched: Watched) -> dict[str, NDArray[np.bool_]]:
    if len(study.arms) < 2:
        return {"Everybody": _of(watched, None)}
    if len(study.arms) <= MOST_TOGETHER:
        return {study.arm_label(arm): _of(watched, arm) for arm in study.arms}
    control = reference_arm(study)
    return {
        "All other arms": _of(watched, None) & (watched.arm != control),
        study.arm_label(str(control)): _of(watched, control),
    }


def _steps(curve: Survival, end: float) -> list[Step]:
    columns = zip(curve.time, curve.stay, curve.low, curve.high, curve.at_risk, strict=True)
    return [
        Step(float(t), float(stay), _or_none(low), _or_none(high), int(n))
        for t, stay, low, high, n in columns
        if t <= end
    ]


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
