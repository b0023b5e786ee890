"""Equity: do people of every age, gender and language begin, finish and get better alike (C42).

Differences tell a service whom it reaches well and whom not yet; they are nothing that people lack.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.predictors import completed, improvement, started
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.service.codes import code
from accord.science.analyses.service.small_cells import FEWEST, what_may_be_shown
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, percent
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.proportions import share_estimate
from accord.science.figures import BarRow, Bars

Array = NDArray[np.float64]
Row = tuple[str, Estimate]  # the group in words, and its share
ALWAYS = ("age", "gender", "language")
BANDS: dict[str, tuple[tuple[float, str], ...]] = {  # upper end (not included) and words
    "age": ((18, "under 18"), (30, "18 to 29"), (45, "30 to 44"), (60, "45 to 59"), (75, "60 to 74"),
            (np.inf, "75 and older")),
    "distance": ((10, "under 10 km"), (50, "10 to 49 km"), (np.inf, "50 km and more")),
}  # fmt: skip
_CLINICAL = ("pain_months", "pain_sites", "pain_seen_by_doctor", "fibromyalgia_diagnosed_by")
_MOST_LEVELS = 15
UNTOLD, TOGETHER = "not recorded", "smaller groups together"
_HEADINGS = {"start": "Began", "completion": "Completed", "improvement": "Improved"}


@dataclass(frozen=True)
class Outcome:
    """1, 0 or NaN (not asked of her) for each person, and what it means."""

    name: str
    values: Array
    words: str


def equity_part(study: Study) -> Part:
    """The section, for cohorts that know anything of people's background."""
    outcomes = list(_outcomes(study))
    variables = {name: levels for name in variables_of(study) if (levels := levels_of(study, name)) is not None}
    if not outcomes or not variables:
        return Part()
    blocks: list[Block | None] = [Text(_words(outcomes))]
    estimates: list[Estimate] = []
    for name, levels in variables.items():
        found = {outcome.name: list(equity_estimates(study, outcome, name, levels)) for outcome in outcomes}
        estimates += [e for one in found.values() for _, e in one]
        blocks += [_picture(study, name, found), _table(study, name, found)]
    lacking = [spoken(name) for name in wanted(study) if name not in variables]
    blocks += [
        Text(f"Not recorded in this cohort: {', '.join(lacking)}.") if lacking else None,
        Caution(
            "A difference between groups says whom the service reaches well and whom not yet. It is no property of the "
            "people, several differences are looked at together, and nothing is tested."
        ),
    ]  # fmt: skip
    return part("equity", "Who begins, who finishes, who gets better: by group", blocks, estimates)


def _outcomes(study: Study) -> Iterator[Outcome]:
    for name, how in (("start", started), ("completion", completed), ("improvement", improvement)):
        found = how(study)
        if found is not None:
            yield Outcome(name, *found)


def wanted(study: Study) -> list[str]:
    """Age, gender and language always; further background that the protocol asks for and that is nothing clinical."""
    asked = [name for name in study.protocol.population.background if name not in _CLINICAL]
    return list(dict.fromkeys([*ALWAYS, *asked]))


def variables_of(study: Study) -> list[str]:
    """Which of these the cohort knows."""
    frame = study.people.frame
    return [name for name in wanted(study) if name in frame.columns and frame[name].is_not_null().any()]


def levels_of(study: Study, name: str) -> NDArray[np.object_] | None:
    """Each person's group in words; None for numbers that nobody has said how to group."""
    column = study.people.frame[name]
    if name in BANDS and column.dtype.is_numeric():
        return np.array([_band(name, value) for value in column.to_list()], dtype=object)
    if column.dtype.is_float() or column.drop_nulls().n_unique() > _MOST_LEVELS:
        return None
    words = column.cast(pl.String).fill_null(UNTOLD).to_list()
    return np.array([spoken(word) for word in words], dtype=object)


def _band(name: str, value: float | None) -> str:
    if value is None:
        return UNTOLD
    return next(words for end, words in BANDS[name] if value < end)


def equity_estimates(study: Study, outcome: Outcome, name: str, levels: NDArray[np.object_]) -> Iterator[Row]:
    """The share in each group that may be shown. Counts are not given beside them."""
    rows = np.isfinite(outcome.values)
    sizes = {level: int((levels[rows] == level).sum()) for level in _ordered(name, levels)}
    shown = what_may_be_shown(sizes)
    label = f"{_capital(study.words_for(name))}, {{}}: {outcome.words}"
    note = f"Groups of fewer than {FEWEST} are pooled with another." if shown.pooled else ""
    for level in shown.alone:
        id = ids.equity(outcome.name, name, code(level))
        yield level, _share(outcome, rows & (levels == level), id, label.format(level), note)
    if shown.alone and not shown.pooled:
        return
    id = ids.equity(outcome.name, name, code(TOGETHER))
    if shown.pooled:
        pool = rows & np.isin(levels.astype(str), shown.pooled)
        yield TOGETHER, _share(outcome, pool, id, label.format(TOGETHER), note)
    else:
        few = f"Not estimable: fewer than {FEWEST} people."
        yield TOGETHER, Estimate(id=id, label=label.format(TOGETHER), value=None, unit="share", note=few)


def _share(outcome: Outcome, members: NDArray[np.bool_], id: str, label: str, note: str) -> Estimate:
    return share_estimate(int(outcome.values[members].sum()), int(members.sum()), id, label, note=note)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _ordered(name: str, levels: NDArray[np.object_]) -> list[str]:
    there = set(levels.tolist())
    if name in BANDS:
        return [words for _, words in BANDS[name] if words in there] + ([UNTOLD] if UNTOLD in there else [])
    return sorted(there - {UNTOLD}) + ([UNTOLD] if UNTOLD in there else [])


def _words(outcomes: list[Outcome]) -> str:
    said = "; ".join(f"{_HEADINGS[o.name].lower()}: {o.words}" for o in outcomes)
    return (
        f"Shares with 95 % intervals of who {said}. A group is shown from {FEWEST} people on; smaller ones are pooled "
        "so that they cannot be had by subtraction either."
    )


def _picture(study: Study, name: str, found: dict[str, list[Row]]) -> Block | None:
    rows = [BarRow(level, e.value, e.ci_low, e.ci_high, e.n, group=_HEADINGS[outcome])
            for outcome, estimates in found.items() for level, e in estimates if e.value is not None]  # fmt: skip
    if len({row.label for row in rows}) < 2:
        return None
    words = study.words_for(name)
    said = "; ".join(f"{row.group.lower()}, {row.label} {percent(row.value or 0)}" for row in rows)
    figure = Bars(f"Began, completed, improved: by {words}", f"{said}.", rows, "share", percent=True, maximum=1.0,
                  invented=study.cohort.manifest.invented)  # fmt: skip
    return drawn(f"equity_{code(name)}", figure, "Share and 95 % interval (Wilson); n of each group.")


def _table(study: Study, name: str, found: dict[str, list[Row]]) -> Table | None:
    rows: list[tuple[Cell, ...]] = [
        (_HEADINGS[outcome], level, interval(_in_percent(e), 0) if e.value is not None else e.note, e.n)
        for outcome, estimates in found.items() for level, e in estimates
    ]  # fmt: skip
    title = f"By {study.words_for(name)}"
    return Table(f"equity_{code(name)}", title, ("Outcome", "Group", "%, [95 %]", "People"), tuple(rows))


def _in_percent(e: Estimate) -> Estimate:
    times = {key: None if (v := getattr(e, key)) is None else 100 * v for key in ("value", "ci_low", "ci_high")}
    return e.renamed(**times)
