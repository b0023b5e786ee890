"""Which columns are scores: in a long file numbers that change, in a wide file one measure at several times."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import polars as pl

from accord.science.cohort.draft.columns import Column
from accord.science.cohort.draft.known import Known, ScaleGuess, inline_scale
from accord.science.cohort.draft.layout import Layout, wide_groups
from accord.science.cohort.draft.times import Moment, joined_moment, named_in_order, tokens_of

CHANGE = {"change", "chg", "delta", "diff", "difference", "improvement", "zscore", "residual"}
BASE = ("bas", "base", "bl", "baseline", "pre", "basval", "baseval")
DAYLIKE = {"days", "day", "reldays", "studyday", "ady", "daysfrombaseline"}


@dataclass(frozen=True)
class ScoreGuess:
    """One entry of the mapping's scores: `column` (long) or `columns` (time-point -> column, or columns of items)."""

    scale: ScaleGuess | None
    column: str | None = None
    columns: dict[str, str | list[str]] = field(default_factory=dict)
    instrument: str | None = None
    items: list[str] = field(default_factory=list)
    missing: tuple[str, ...] = ()
    at: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class Scored:
    """The scores of a file, the columns they use, the time-points they add, and columns passed over with the reason."""

    scores: list[ScoreGuess]
    used: set[str]
    points: dict[str, int | None]
    dates: dict[str, Column] = field(default_factory=dict)
    passed: dict[str, str] = field(default_factory=dict)


def is_score(column: Column) -> bool:
    """Numbers with at least three different values."""
    return column.numbers is not None and column.numbers.n_unique() - (column.numbers.null_count() > 0) >= 3


def is_change(column: Column) -> bool:
    return bool(CHANGE & set(tokens_of(column.name)))


# --- long ---------------------------------------------------------------------------------------------------------


def long_scores(columns: list[Column], layout: Layout, time: pl.Series | None, known: Known, taken: set[str]) -> Scored:
    """Numbers that differ between the rows of a person, or that were first answered after the baseline."""
    scores: list[ScoreGuess] = []
    passed: dict[str, str] = {}
    items, used = _item_blocks(columns, known)
    for instrument, names in items.items():
        codes = _codes([column for column in columns if column.name in names])
        why = f"{len(names)} numbered columns, as many as the questionnaire has items"
        at = tuple(layout.points)
        scores.append(ScoreGuess(None, instrument=instrument, items=names, missing=codes, at=at, why=why))
    for column in columns:
        if column.name in used or not is_score(column) or (column.constant and not _only_later(column, layout, time)):
            continue
        if is_change(column):
            passed[column.name] = "it reads like a change; changes are computed"
            used.add(column.name)
            continue
        scale = known.scale(column.name, column) or inline_scale(column.name, [column], known, taken)
        taken.add(scale.ref)
        used.add(column.name)
        at = _answered_at(column, layout, time)
        scores.append(ScoreGuess(scale, column=column.name, missing=column.missing, at=at, why=scale.why))
    return Scored(scores, used, {}, passed=passed)


def _only_later(column: Column, layout: Layout, time: pl.Series | None) -> bool:
    """A rating asked once, after the baseline, is an answer and no background."""
    return time is not None and next(iter(layout.points)) not in _answered_at(column, layout, time)


def _answered_at(column: Column, layout: Layout, time: pl.Series | None) -> tuple[str, ...]:
    if time is None or column.numbers is None:
        return tuple(layout.points)
    there = set(time.filter(column.numbers.is_not_null()).drop_nulls().to_list())
    return tuple(point for point in layout.points if point in there)


def baseline_of(columns: list[Column], scores: list[ScoreGuess]) -> tuple[Column, ScoreGuess, str] | None:
    """A column that holds the baseline on every row, and the score that it is the baseline of."""
    by_name = {column.name: column for column in columns}
    bases = [c for c in columns if c.constant and is_score(c) and _base_name(c.name)]
    later = [(score, by_name[score.column]) for score in scores if score.column in by_name]
    for base in bases:
        for score, column in later:
            for change in (c for c in columns if is_change(c) and c.numeric):
                if _is_difference(column, base, change):
                    why = f"{change.name} is {column.name} - {base.name} in every row"
                    return base, score, why
        if len(later) == 1:
            return base, later[0][0], f"{base.name} is the same in all rows of a person and is named like a baseline"
    return None


def _base_name(name: str) -> bool:
    tokens = tokens_of(name)
    return bool(tokens) and (tokens[0] in BASE or tokens[-1] in BASE or tokens[0].startswith(("bas", "base")))


def _is_difference(column: Column, base: Column, change: Column) -> bool:
    if column.numbers is None or base.numbers is None or change.numbers is None:
        return False
    rest = (column.numbers - base.numbers - change.numbers).drop_nulls()
    return len(rest) > 2 and bool((rest.abs() < 1e-6).all())


# --- wide ---------------------------------------------------------------------------------------------------------


def wide_scores(columns: list[Column], known: Known, taken: set[str]) -> Scored:
    """One measure at several times; single columns that are an instrument's score count as baseline."""
    groups = wide_groups(columns)
    moments = [moment for group in groups.values() for moment in group]
    names = named_in_order(moments)
    points = {name: moment.day for moment, name in sorted(names.items(), key=lambda pair: pair[0])}
    scores: list[ScoreGuess] = []
    used: set[str] = set()
    dates: dict[str, Column] = {}
    for stem, group in _without_items(groups, names, known, scores, used).items():
        there = {names[moment]: column for moment, column in sorted(group.items())}
        if all(column.date for column in there.values()):
            dates.update(there)
            used |= {column.name for column in there.values()}
        elif all(column.numeric for column in there.values()) and any(is_score(column) for column in there.values()):
            scores.append(_wide_score(stem, there, known, taken))
            used |= {column.name for column in there.values()}
    single, blocks = _single(columns, used, known, taken)
    baseline = next(iter(points), "baseline")
    scores += [replace(score, columns={baseline: score.column or score.items}, column=None, items=[], at=(baseline,))
               for score in [*blocks, *single]]  # fmt: skip
    used |= {name for score in [*blocks, *single] for name in [score.column, *score.items] if name}
    return Scored(scores, used, points or {baseline: None}, dates)


def _wide_score(stem: str, there: dict[str, Column], known: Known, taken: set[str]) -> ScoreGuess:
    widest = max(there.values(), key=lambda column: column.high)
    lowest = min(there.values(), key=lambda column: column.low)
    both = replace(widest, numbers=pl.Series([lowest.low, widest.high]))
    scale = known.scale(stem, both) or inline_scale(stem, list(there.values()), known, taken)
    taken.add(scale.ref)
    missing = tuple(dict.fromkeys(code for column in there.values() for code in column.missing))
    columns: dict[str, str | list[str]] = {point: column.name for point, column in there.items()}
    return ScoreGuess(scale, columns=columns, missing=missing, at=tuple(there), why=scale.why)


def _without_items(
    groups: dict[str, dict[Moment, Column]],
    names: dict[Moment, str],
    known: Known,
    scores: list[ScoreGuess],
    used: set[str],
) -> dict[str, dict[Moment, Column]]:
    """Takes out the groups that are items of a questionnaire (phq9_1 … phq9_9 at each time) and scores them."""
    families: dict[str, list[str]] = {}
    for stem in groups:
        head, _, number = stem.rpartition("_")
        if number.isdigit() and head:
            families.setdefault(head, []).append(stem)
    rest = dict(groups)
    for head, stems in families.items():
        instrument = known.instrument(head, len(stems))
        if instrument is None:
            continue
        stems = sorted(stems, key=lambda stem: int(stem.rpartition("_")[2]))
        shared = [moment for moment in groups[stems[0]] if all(moment in groups[stem] for stem in stems)]
        columns: dict[str, str | list[str]] = {
            names[moment]: [groups[stem][moment].name for stem in stems] for moment in sorted(shared)
        }
        members = [column for stem in stems for column in groups[stem].values()]
        why = f"{len(stems)} numbered columns at each time"
        guess = ScoreGuess(None, columns=columns, instrument=instrument.id, at=tuple(columns), why=why)
        scores.append(replace(guess, missing=_codes(members)))
        used |= {column.name for column in members}
        rest = {stem: group for stem, group in rest.items() if stem not in stems}
    return rest


def _codes(columns: list[Column]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for column in columns for code in column.missing))


def _single(
    columns: list[Column], used: set[str], known: Known, taken: set[str]
) -> tuple[list[ScoreGuess], list[ScoreGuess]]:
    """Columns without a time: a known score, or all items of a questionnaire."""
    blocks, of_items = _item_blocks([column for column in columns if column.name not in used], known)
    by_name = {column.name: column for column in columns}
    items = [
        ScoreGuess(None, instrument=instrument, items=names, missing=_codes([by_name[name] for name in names]),
                   why=f"{len(names)} numbered columns without a time: taken as baseline")
        for instrument, names in blocks.items()
    ]  # fmt: skip
    single = []
    for column in columns:
        if column.name in used | of_items or not is_score(column) or joined_moment(tokens_of(column.name)):
            continue
        if (scale := known.scale(column.name, column)) and scale.ref not in taken:
            taken.add(scale.ref)
            why = f"{scale.why}; no time in its name: taken as baseline"
            single.append(ScoreGuess(scale, column=column.name, missing=column.missing, why=why))
    return single, items


def _item_blocks(columns: list[Column], known: Known) -> tuple[dict[str, list[str]], set[str]]:
    """Questionnaires whose items are numbered columns: phq9_1 … phq9_9."""
    families: dict[str, dict[int, str]] = {}
    for column in columns:
        tokens = tokens_of(column.name)
        if len(tokens) > 1 and tokens[-1].isdigit() and column.numeric:
            families.setdefault("_".join(tokens[:-1]), {}).setdefault(int(tokens[-1]), column.name)
    blocks: dict[str, list[str]] = {}
    for head, numbered in families.items():
        instrument = known.instrument(head, len(numbered))
        if instrument is not None and sorted(numbered) == list(range(1, len(numbered) + 1)):
            blocks[instrument.id] = [numbered[number] for number in sorted(numbered)]
    return blocks, {name for names in blocks.values() for name in names}
