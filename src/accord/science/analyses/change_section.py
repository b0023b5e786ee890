"""The section on change: the picture of all outcomes on one axis, the curves over time, and the table behind them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from accord.science.analyses.change import Changes, change_estimates, completers, percentages
from accord.science.analyses.medians import median_estimates, median_table
from accord.science.analyses.models import EVERYBODY, Fitted
from accord.science.analyses.observed_change import other_assumptions
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import endpoints
from accord.science.analyses.result import Block, Caution, Cell, Picture, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import NO_COMPARISON, interval, listed, number, p_value, percent
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.interval import critical_value
from accord.science.figures import Forest, ForestRow, Panel, Reading, TimePoint, Trajectories, Trajectory

_PANELS = 6  # curves are drawn for so many outcomes at most, the primary first


def change_part(study: Study, found: list[Changes]) -> Part:
    """Change from baseline of every outcome: the main result where nothing is compared, a description by arm where
    arms are."""
    estimates = [e for one in found for e in change_estimates(one)]
    absent = list(_not_yet(study, {e.id for e in estimates})) if study.cohort.of_service else []
    if not estimates:
        nothing = "No outcome of the protocol has values both at baseline and later, so there is no change to report."
        return part("change", _heading(study), [Caution(nothing)], absent)
    beside = [e for one in found for e in _beside(one)]
    others = [] if study.plan.comparison else [e for one in found for e in other_assumptions(one)]
    medians = [e for one in found for e in median_estimates(one)] if study.protocol.kind == "single-arm" else []
    everything = [*estimates, *beside, *others, *medians, *absent]
    by_id = {e.id: e for e in everything}
    blocks: list[Block | None] = [
        None if study.plan.comparison else Caution(NO_COMPARISON),
        Text(_how(study)), *_forests(study, found, by_id), _curves(study, found), _table(study, found, by_id),
        _beside_table(study, found, by_id), median_table(study, medians), _others_table(study, others),
        _precision(study, found, by_id),
    ]  # fmt: skip
    lead = [] if study.plan.comparison else _lead(study, found, by_id)
    return part("change", _heading(study), blocks, everything, lead)


def _not_yet(study: Study, there: set[str]) -> Iterator[Estimate]:
    """Outcomes that a service has not measured yet: named, with the reason that there is no number."""
    for _, endpoint in endpoints(study.protocol):
        at = endpoint.at
        for id, unit in ((ids.change(endpoint.scale, at), "points"), (ids.change_g(endpoint.scale, at), "SD")):
            if id not in there:
                label = f"{study.words_for(endpoint.scale)}, {study.when(at)}: change"
                note = f"Not estimable: too few people have a value both before and {study.when(at)}."
                yield Estimate(id=id, label=label, value=None, n=0, scale=endpoint.scale, unit=unit, note=note)


def _heading(study: Study) -> str:
    return "Change in each arm" if study.plan.comparison else "How much changed"


def _beside(one: Changes) -> Iterator[Estimate]:
    for at in one.outcome.at:
        for arm in one.models:
            yield completers(one, at, arm)
            yield from percentages(one, at, arm) or ()


def _how(study: Study) -> str:
    said = (
        "Improvement is to the right, or positive, for every outcome, whichever way its scale runs. Points are those "
        "of the scale; standard deviations are those of all analysed people at baseline."
    )
    who = f"Analysed: {study.primary.name.replace('_', ' ')} ({study.primary.rule}), as far as the time-point came due."
    if study.plan.comparison:
        return f"{said} {who} What the arms differ by stands in the section before; change in an arm is no comparison."
    return f"{said} {who}"


def _lead(study: Study, found: list[Changes], by_id: dict[str, Estimate]) -> list[str]:
    """The primary outcome, and how far all outcomes moved."""
    lead = []
    primary = next((one for one in found if one.outcome.role == "primary"), None)
    if primary is not None:
        at = next(t.at for t in primary.outcome.targets if t.role == "primary")
        points, sds = (by_id.get(name(primary.outcome.ref, at)) for name in (ids.change, ids.change_g))
        if points and sds and points.value is not None:
            n = f"n = {points.n:,}, {percent(points.missing or 0, (points.n or 0) + (points.missing or 0))} missing"
            lead.append(
                f"{primary.outcome.facts.label}, {study.when(at)}: {'better' if points.value >= 0 else 'worse'} by "
                f"{_turned(points)} {primary.outcome.facts.unit}, that is {_turned(sds)} baseline standard deviations "
                f"({n})."
            )
    g = [e.value for one in found for at in one.outcome.at if (e := by_id.get(ids.change_g(one.outcome.ref, at)))
         and e.value is not None]  # fmt: skip
    if len(g) > 1:
        better = sum(value > 0 for value in g)
        word = "All" if better == len(g) else f"{better} of"
        lead.append(
            f"{word} {len(g)} changes reported moved towards better; they run from {number(min(g))} to "
            f"{number(max(g))} baseline standard deviations."
        )
    return lead


def _turned(e: Estimate) -> str:
    """A change for the worse as a positive size, its limits turned along."""
    if e.value is None or e.value >= 0 or e.ci_low is None or e.ci_high is None:
        return interval(e)
    return interval(e.renamed(value=-e.value, ci_low=-e.ci_high, ci_high=-e.ci_low))


# --- pictures -----------------------------------------------------------------------------------------------------


def _forests(study: Study, found: list[Changes], by_id: dict[str, Estimate]) -> Iterator[Picture]:
    """One forest a time-point, outcomes as rows (arms below each other where there are several)."""
    times = [o.name for o in study.plan.occasions if any(o.name in one.outcome.at for one in found)]
    for at in times:
        rows = list(_forest_rows(study, found, by_id, at))
        drawn_rows = [row for row in rows if row.value is not None]
        if not drawn_rows:
            continue
        words = "; ".join(
            f"{row.label} {number(row.value)} ({number(row.low)} to {number(row.high)})" for row in drawn_rows
        )
        figure = Forest(
            f"Change, {study.when(at)}", f"Improvement in baseline standard deviations: {words}.", rows,
            "improvement in baseline SDs", invented=study.cohort.manifest.invented,
        )  # fmt: skip
        yield drawn(f"change_{at}", figure, _forest_note(found, by_id, at))


def _forest_rows(study: Study, found: list[Changes], by_id: dict[str, Estimate], at: str) -> Iterator[ForestRow]:
    for one in found:
        if at not in one.outcome.at:
            continue
        several = len(one.models) > 1
        if several:
            yield ForestRow(one.outcome.facts.label, kind="heading")
        for arm in one.models:
            e = by_id[ids.change_g(one.outcome.ref, at, arm)]
            label = one.outcome.facts.label if not several else study.arm_label(arm) if arm else "Everybody"
            yield ForestRow(label, e.value, e.ci_low, e.ci_high, e.n, note=e.note if e.value is None else "")


def _forest_note(found: list[Changes], by_id: dict[str, Estimate], at: str) -> str:
    shown = [e for one in found for arm in one.models if (e := by_id.get(ids.change_g(one.outcome.ref, at, arm)))]
    methods = list(dict.fromkeys(e.method.partition(", divided")[0] for e in shown if e.method))
    missing = [e.missing or 0 for e in shown]
    due = max((e.n or 0) + (e.missing or 0) for e in shown)
    lost = f"{min(missing):,} to {max(missing):,}" if min(missing) < max(missing) else f"{missing[0]:,}"
    return f"95 % intervals. Missing: {lost} of {due:,}. {_capital('; '.join(methods))}."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _curves(study: Study, found: list[Changes]) -> Picture | None:
    fitted = [one for one in found if isinstance(one.main, Fitted)][:_PANELS]
    if not fitted:
        return None
    visits = [o.name for o in study.plan.occasions if any(o.name in one.outcome.visits for one in fitted)]
    days = median_days(study, visits)
    figure = Trajectories(
        "Over time",
        "Adjusted means with 95 % intervals: " + "; ".join(_curve_words(study, one) for one in fitted) + ".",
        [TimePoint(study.label(visit), day) for visit, day in zip(visits, days, strict=True)],
        [_panel(study, one) for one in fitted], invented=study.cohort.manifest.invented,
    )  # fmt: skip
    note = "Means of the repeated-measures model, on the scale as it is; the arrow says which way is better."
    left_out = len(found) - len(fitted)
    return drawn("curves", figure, note + (f" {left_out} further outcomes stand in the table." if left_out else ""))


def median_days(study: Study, visits: list[str]) -> list[float]:
    """The median day on which each occasion was answered; its place in the order where no day is recorded."""
    import polars as pl

    rows = (
        study.cohort.scan("scores").filter(pl.col("time_point").is_in(visits))
        .group_by("time_point").agg(pl.col("day").median()).collect()
    )  # fmt: skip
    found = dict(rows.iter_rows())
    days = [float(found[visit]) for visit in visits if found.get(visit) is not None]
    if len(days) < len(visits) or any(later <= earlier for earlier, later in pairwise(days)):
        return [float(k) for k in range(len(visits))]
    return days


def _panel(study: Study, one: Changes) -> Panel:
    facts, visits = one.outcome.facts, one.outcome.visits
    lines = []
    for arm, model in one.models.items():
        if not isinstance(model, Fitted) or (arm is None and len(one.models) > 1):
            continue
        name = arm if arm in model.arms else EVERYBODY
        means = [(visit, model.mean(visit, name)) for visit in visits if visit in model.visits]
        rows = one.arm_rows(arm)
        lines.append(Trajectory(
            study.arm_label(arm) if arm else "Everybody",
            [Reading(study.label(v), c.value, c.ci_low, c.ci_high, _n(one, v, rows)) for v, c in means],
        ))  # fmt: skip
    better = "up" if facts.sign > 0 else "down"
    return Panel(facts.label, lines, better, facts.minimum, facts.maximum)


def _n(one: Changes, visit: str, rows: np.ndarray) -> int:
    return int(np.isfinite(one.study.values(one.outcome, visit)[rows]).sum())


def _curve_words(study: Study, one: Changes) -> str:
    model = one.main
    if not isinstance(model, Fitted):
        return one.outcome.facts.label
    said = [f"{model.mean(model.visits[0], arm).value:.1f} to {model.mean(model.visits[-1], arm).value:.1f}"
            + (f" ({study.arm_label(arm)})" if arm != EVERYBODY else "") for arm in model.arms]  # fmt: skip
    return f"{one.outcome.facts.label} from {listed(said)}"


# --- tables -------------------------------------------------------------------------------------------------------


def _several(found: list[Changes]) -> bool:
    """Whether any outcome is told by arm: only then there is a column for it."""
    return any(len(one.models) > 1 for one in found)


def _about(study: Study, one: Changes, at: str, arm: str | None, several: bool) -> tuple[Cell, ...]:
    arms = (study.arm_label(arm) if arm else "everybody",) if several else ()
    return (one.outcome.facts.label, study.label(at), *arms)


def _heads(several: bool, *rest: str) -> tuple[str, ...]:
    return ("Outcome", "At", *(("Arm",) if several else ()), *rest)


def _lines(found: list[Changes]) -> Iterator[tuple[Changes, str, str | None]]:
    return ((one, at, arm) for one in found for at in one.outcome.at for arm in one.models)


def _table(study: Study, found: list[Changes], by_id: dict[str, Estimate]) -> Table:
    truth, several = study.cohort.truth, _several(found)
    rows: list[tuple[Cell, ...]] = []
    for one, at, arm in _lines(found):
        points, sds = by_id[ids.change(one.outcome.ref, at, arm)], by_id[ids.change_g(one.outcome.ref, at, arm)]
        said = interval(points) if points.value is not None else points.note
        numbers = (points.n, points.missing, said, interval(sds), p_value(points.p))
        put_in = (truth.get(points.id),) if truth else ()
        rows.append((*_about(study, one, at, arm, several), *numbers, *put_in))
    columns = _heads(several, "n", "Missing", "Improvement, points [95 %]", "In baseline SDs [95 %]", "p",
                     *(("Put in, points",) if truth else ()))  # fmt: skip
    notes = list(dict.fromkeys(e.note for e in by_id.values() if e.note and e.id.startswith("change.")))
    note = " ".join(["Positive is better. Repeated-measures model, all values there are.", *notes])
    return Table("change", "Change from baseline", columns, tuple(rows), note)


def _beside_table(study: Study, found: list[Changes], by_id: dict[str, Estimate]) -> Table:
    several, gee_too = _several(found), any(name.startswith("percent_gee.") for name in by_id)
    rows: list[tuple[Cell, ...]] = []
    for one, at, arm in _lines(found):
        tail = f"{one.outcome.ref}.{at}" + (f".{arm}" if arm else "")
        kinds = ("g_completers", "percent", "percent_raw", "percent_gee")
        complete, true, raw, observed = (by_id.get(f"{kind}.{tail}") for kind in kinds)
        rows.append((
            *_about(study, one, at, arm, several), complete.n if complete else None,
            interval(complete) if complete else None, interval(true, 1) if true else "no true zero",
            raw.value if raw else None, *((interval(observed, 1) if observed else "–",) if gee_too else ()),
        ))  # fmt: skip
    columns = _heads(several, "n with both", "Completers, g [95 %]", "% from the true zero [95 %]",
                     "% of the raw score", *(("% by GEE [95 %]",) if gee_too else ()))  # fmt: skip
    note = (
        "Completers: people with both values, Hedges g by the baseline SD, variance from their own correlation. Per "
        "cent: ratio of the model's means, from the scale's true zero; of the raw score as some papers print it."
    )
    if gee_too:
        note += " GEE: gamma-log over the observed values, zeros kept; assumes missing completely at random."
    return Table("change_beside", "Completers, and change in per cent", columns, tuple(rows), note, digits=1)


def _others_table(study: Study, estimates: list[Estimate]) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        if e.unit == "%":
            continue
        outcome = study.plan.outcome(e.scale or "")
        assumption = e.label.rpartition(" (")[2].rstrip(")")
        about = (outcome.facts.label if outcome else e.scale, study.label(e.id.rpartition(".")[2]))
        rows.append((*about, assumption, e.n, interval(e), e.method or e.note))
    columns = ("Outcome", "At", "Assumption", "n", "Improvement, points [95 %]", "Method")
    return Table("change_other_assumptions", "What if", columns, tuple(rows)) if rows else None


def _precision(study: Study, found: list[Changes], by_id: dict[str, Estimate]) -> Text | None:
    """How large a change would have to be to be found with a power of 80 % in a study like this one (C17)."""
    primary = next((one for one in found if one.outcome.role == "primary"), None)
    if primary is None or study.plan.comparison:
        return None
    at = next(t.at for t in primary.outcome.targets if t.role == "primary")
    g = by_id.get(ids.change_g(primary.outcome.ref, at))
    if g is None or g.se is None:
        return None
    size = (critical_value(0.95, g.df) + critical_value(0.6, g.df)) * g.se
    return Text(
        f"Precision: with as many people and as much scatter as here, a change of {primary.outcome.facts.label} is "
        f"found with a power of 80 % (two-sided 5 %) when it is at least {number(size)} baseline standard deviations."
    )
