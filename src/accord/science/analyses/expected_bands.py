"""What course to expect of people who start alike: percentile bands from this cohort, for the primary outcome."""

from __future__ import annotations

import numpy as np

from accord.science.analyses.change_section import median_days
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import number
from accord.science.errors import NotEstimable
from accord.science.estimates.expected_course import ExpectedCourse, expected_course
from accord.science.figures import Panel, Reading, TimePoint, Trajectories, Trajectory

_STARTS = (25, 50, 75)  # percentiles of the baseline for which bands are drawn


def expected_part(study: Study) -> Part:
    """The section; for protocols that ask for it, from 200 people with both values on."""
    outcome = study.plan.primary
    if "expected-course" not in study.protocol.analysis.also or outcome is None:
        return Part()
    used = study.analysed(outcome)
    points = [o for o in study.plan.occasions if o.name in outcome.later]
    days = median_days(study, [outcome.baseline, *(o.name for o in points)])
    weeks = {o.name: (day - days[0]) / 7 for o, day in zip(points, days[1:], strict=True)}
    facts = outcome.facts
    try:
        found = expected_course(
            study.values(outcome, outcome.baseline)[used],
            {week: study.values(outcome, name)[used] for name, week in weeks.items()},
            limits=(facts.minimum, facts.maximum),
        )  # fmt: skip
    except NotEstimable as error:
        text = f"No bands of what to expect: {error.finding.what}"
        return part("expected", "What to expect of people who start alike", [Text(text)])
    names = {week: name for name, week in weeks.items()}
    starts = sorted({float(v) for v in np.percentile(found.baseline, _STARTS, method="nearest")})
    rows = tuple(_rows(study, found, names, starts))
    columns = ("Began at", "At", "10th", "25th", "Middle", "75th", "90th percentile")
    gone = "; ".join(f"{study.label(names[w])}: {n} people" for w, n in found.left_out.items())
    blocks: list[Block | None] = [
        Text(
            f"Of people who began at a score of {facts.label}, half lie between the 25th and the 75th percentile later "
            "on, and eight of ten between the 10th and the 90th. The bands are read off the fifth of this cohort that "
            "began nearest; nothing is assumed about their shape."
        ),
        drawn("expected", _figure(study, found, names, starts), f"n = {len(found.baseline):,} with a baseline."),
        Table("expected", "Bands of what to expect", columns, rows, "Scores as they are.", digits=1),
        Text(f"Not shown, since fewer than 200 people answered: {gone}.") if gone else None,
        Caution(
            "The bands are of those who still answered; who left is not in them. They say how people differ, not what "
            "the programme did."
        ),
    ]
    return part("expected", "What to expect of people who start alike", blocks)


def _rows(
    study: Study, found: ExpectedCourse, names: dict[float, str], starts: list[float]
) -> list[tuple[Cell, ...]]:  # fmt: skip
    return [
        (number(start, 1), study.label(names[week]), *(round(v, 2) for v in band.values()))
        for start in starts
        for week, band in found.band(start).items()
    ]


def _figure(study: Study, found: ExpectedCourse, names: dict[float, str], starts: list[float]) -> Trajectories:
    outcome = study.plan.primary
    assert outcome is not None
    facts, first = outcome.facts, study.label(outcome.baseline)
    lines = []
    for start in starts:
        bands = found.band(start)
        readings = [Reading(first, start)]
        readings += [Reading(study.label(names[w]), b[50.0], b[10.0], b[90.0]) for w, b in bands.items()]
        lines.append(Trajectory(f"began at {number(start, 1)}", readings))
    points = [TimePoint(first, 0.0), *(TimePoint(study.label(names[w]), w) for w in found.weeks)]
    panel = Panel(facts.label, lines, "up" if facts.sign > 0 else "down", facts.minimum, facts.maximum)
    said = "; ".join(f"{one.label}, in the middle {number(one.readings[-1].mean, 1)} at the end" for one in lines)
    return Trajectories(
        "What to expect of people who start alike", f"{said}.", points, [panel], time_unit="weeks from the first "
        "answer",
        invented=study.cohort.manifest.invented, words=("Middle", "10th percentile", "90th percentile"),
        band="The band runs from the 10th to the 90th percentile of people.",
    )  # fmt: skip
