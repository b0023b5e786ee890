"""A table of studies into a table of effects: columns found, numbers read, effects computed, oddities flagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from accord.science.errors import BadContent, BadInput, Finding, NotEstimable, NotFound, Place
from accord.science.estimates.effect_sizes.columns import (
    Guess,
    candidates,
    first,
    guess,
    guess_measure,
    lacking,
    roles_of,
)
from accord.science.estimates.effect_sizes.direction import signs
from accord.science.estimates.effect_sizes.effects_of_studies import EffectTable
from accord.science.estimates.effect_sizes.measure import CORRELATION_ROLES, Measure
from accord.science.estimates.effect_sizes.measures import MEASURES, measure_named
from accord.science.estimates.effect_sizes.numbers import cleaned, comma_meaning, parsed
from accord.science.estimates.effect_sizes.pre_post_control import pooled_correlation
from accord.science.estimates.effect_sizes.suspicions import suspicions
from accord.science.estimates.effect_sizes.values import Array, YiVi, impossible, rule

TEXT_ROLES = ("label", "scale", "direction")


def from_table(
    frame: pl.DataFrame, measure: str | None = None, columns: Mapping[str, str] | None = None, **options: Any
) -> pl.DataFrame:
    """yi, vi, n, flags of each row: `effect_table(...).table()`."""
    return effect_table(frame, measure, columns, **options).table()


def effect_table(
    frame: pl.DataFrame,
    measure: str | None = None,
    columns: Mapping[str, str] | None = None,
    *,
    direction: str | None = None,
    correlation: float | None = None,
    lenient: bool = False,
    **options: Any,
) -> EffectTable:
    """Effects from a table of studies.

    `measure` is a name of MEASURES or a family (means, change, 2x2, t …); None takes what the columns allow. `columns`
    gives columns by role ({"m1i": "mean_treat"}); the others are guessed by name. `direction` (higher_worse or
    higher_better; a column of it comes first) turns effects so that positive is a benefit of the first group.
    `correlation` is the assumed pre-post r where no column gives one. Other options go to the measure.

    Raises BadInput for columns that are not there or not to be found, BadContent with every impossible value and its
    row (a negative SD, more events than people, a word for a number, a zero variance), unless `lenient`: then such
    rows have no effect and a flag. NotEstimable when no row has an effect.
    """
    _refuse_one_column(frame)
    given = _existing(frame, columns or {})
    chosen = _measure(frame, measure, given)
    roles, guessed = _roles(frame, chosen, given, correlation is not None)
    values, findings, notes = _values(frame, {role: name for role, name in roles.items() if role not in TEXT_ROLES})
    _complete(values, chosen)
    findings += _impossible(values, roles, chosen)
    _stop_or_blank(findings, values, lenient)
    k = frame.height
    if correlation is not None and chosen.assumes_correlation and not set(CORRELATION_ROLES) & set(roles):
        notes.append(f"A pre-post correlation of {correlation:g} is assumed for every row; vary it.")
    effects = chosen(values, correlation=correlation, **options)
    effects = YiVi(np.broadcast_to(effects.yi, (k,)), np.broadcast_to(effects.vi, (k,)))
    effects, no_variance = _without_zero_variance(effects)
    _stop_or_blank(no_variance, {}, lenient)
    effects, note = _turned(effects, frame, roles, direction, chosen)
    notes += note
    if not np.isfinite(effects.yi).any():
        raise NotEstimable("No row has all the values that an effect needs.", cure="Fill in the missing columns.")
    scales = frame[roles["scale"]].to_list() if "scale" in roles else None
    findings += [*no_variance, *_missing(values, chosen, effects), *suspicions(chosen, values, effects, scales)]
    return EffectTable(
        measure=chosen, yi=effects.yi, vi=effects.vi, n=chosen.size(values, k), labels=_labels(frame, roles),
        columns=roles, guessed=guessed, findings=tuple(findings), notes=tuple(notes), flags=_flags(findings, k),
    )  # fmt: skip


def _refuse_one_column(frame: pl.DataFrame) -> None:
    if frame.width == 1 and any(mark in frame.columns[0] for mark in ";\t"):
        raise BadInput(
            "The table has one column, whose name holds several.",
            cure="It is separated by semicolons or tabs: read it with that separator.",
        )
    if not frame.height:
        raise BadInput("The table has no rows.", cure="Give one row a study.")


def _measure(frame: pl.DataFrame, name: str | None, given: Mapping[str, str]) -> Measure:
    if name is not None and measure_named(name).name != "GEN":
        return measure_named(name)
    # An effect as given comes with a variance, a standard error or an interval: whichever is there.
    measures = MEASURES if name is None else {form: MEASURES[form] for form in ("GEN", "GEN_SE", "GEN_CI")}
    found = guess_measure(frame.columns, measures, given)
    if found is None and name is None:
        raise BadInput(
            f"No effect can be recognised in the columns {', '.join(frame.columns[:12])}"
            f"{' …' if frame.width > 12 else ''}.",
            cure="Name the measure and the columns, such as SMD with m1i, sd1i, n1i, m2i, sd2i, n2i; or yi and vi.",
        )
    return MEASURES[found or "GEN"]


def _existing(frame: pl.DataFrame, columns: Mapping[str, str]) -> dict[str, str]:
    for role, name in columns.items():
        if name not in frame.columns:
            raise NotFound(
                f"There is no column {name!r} (for {role}).", cure=f"There are: {', '.join(frame.columns[:30])}."
            )
    return dict(columns)


def _roles(
    frame: pl.DataFrame, measure: Measure, given: dict[str, str], has_correlation: bool
) -> tuple[dict[str, str], tuple[Guess, ...]]:
    """Column by role, and which of them were guessed. Raises BadInput when one is lacking."""
    unknown = [role for role in given if role not in roles_of(measure)]
    if unknown:
        raise BadInput(
            f"{measure.name} has no column {', '.join(unknown)}.", cure=f"It has {', '.join(roles_of(measure))}."
        )
    found = guess(frame.columns, roles_of(measure), given, first=first(measure))
    missing = lacking(measure, found, correlation=has_correlation)
    if missing:
        raise BadInput(_lack(measure, missing, frame.columns), cure=_cure(missing))
    return found, tuple(Guess(role, name) for role, name in found.items() if role not in given and role != name)


def _lack(measure: Measure, missing: Sequence[str], names: Sequence[str]) -> str:
    several = {role: found for role in missing if (found := candidates(role, names))}
    if several:
        role, found = next(iter(several.items()))
        return f"{measure.name} needs {role}, and several columns look like it: {', '.join(found)}."
    it = "it" if len(missing) == 1 else "them"
    shown = f"{', '.join(names[:30])}{' …' if len(names) > 30 else ''}"
    return f"{measure.name} needs {', '.join(missing)}, and no column looks like {it}. There are: {shown}."


def _cure(missing: Sequence[str]) -> str:
    cure = f"Name the columns: {', '.join(f'{role}=COLUMN' for role in missing)}."
    if set(missing) <= set(CORRELATION_ROLES):
        cure += " Or state an assumed pre-post correlation, and vary it."
    return cure


def _values(frame: pl.DataFrame, roles: Mapping[str, str]) -> tuple[dict[str, Array], list[Finding], list[str]]:
    """The numbers by role, with a finding for each cell that is none, and a note on decimal commas."""
    texts = [text for name in roles.values() if frame[name].dtype == pl.String for text in cleaned(frame[name])]
    commas = comma_meaning(texts)
    values: dict[str, Array] = {}
    findings: list[Finding] = []
    with_commas = []
    for role, name in roles.items():
        read = parsed(frame[name], commas)
        values[role] = read.values
        with_commas += [name] if read.decimal_commas else []
        findings += [
            Finding(f"{text!r} is not a number.", cure=_text_cure(role, text), rule="number",
                    where=Place(row=row + 1, column=name))
            for row, text in read.unreadable.items()
        ]  # fmt: skip
    notes = [f"Commas were read as decimal marks in {', '.join(with_commas)}."] if with_commas else []
    if with_commas and commas == "unclear":
        notes.append("They could be marks of thousands (1,234): check.")
    return values, findings, notes


def _text_cure(role: str, text: str) -> str:
    if role == "pi" and "<" in text:
        return "A limit is no p value: take t, F or means instead, or leave the row out."
    return "Give a number, or leave the cell empty."


def _complete(values: dict[str, Array], measure: Measure) -> None:
    """Group sizes from events and non-events; one correlation for both arms from two, or two from one."""
    if measure.family == "2x2":
        if "n1i" not in values:
            values["n1i"] = values["ai"] + values["bi"]
        if "n2i" not in values:
            values["n2i"] = values["ci"] + values["di"]
    if measure.family == "pre-post-control":
        if "ri" in values:
            values["r1i"], values["r2i"] = values.get("r1i", values["ri"]), values.get("r2i", values["ri"])
        elif "r1i" in values:
            other = values.get("r2i", values["r1i"])
            values["ri"] = pooled_correlation(values["r1i"], values["n1i"], other, values["n2i"])


def _impossible(values: Mapping[str, Array], roles: Mapping[str, str], measure: Measure) -> list[Finding]:
    found = []
    for role in (*measure.needs, *measure.optional):
        if role not in values:
            continue
        allowed = rule(role)
        words = allowed.words if allowed else "a finite number"
        found += [
            Finding(f"{role} is {values[role][row]:g}; it must be {words}.", rule="impossible",
                    cure=_impossible_cure(role), where=Place(row=row + 1, column=roles.get(role)))
            for row in np.flatnonzero(impossible(role, values[role])).tolist()
        ]  # fmt: skip
    for events, people in (("ai", "n1i"), ("ci", "n2i"), ("xi", "ni")):
        if events in measure.needs and people in values:
            found += [
                Finding(f"{values[events][row]:g} events among {values[people][row]:g} people.", rule="impossible",
                        cure="Give the events and all people of the group.",
                        where=Place(row=row + 1, column=roles.get(events)))
                for row in np.flatnonzero(values[events] > values[people]).tolist()
            ]  # fmt: skip
    return found


def _impossible_cure(role: str) -> str:
    if role in ("vi", "sei"):
        return "Give the variance (SE²) or SE itself; a rounded 0 has lost it."
    return "Correct it, or leave the cell empty."


def _stop_or_blank(findings: list[Finding], values: dict[str, Array], lenient: bool) -> None:
    """Stop with everything that is wrong; or, when lenient, empty the whole row of each."""
    wrong = [one for one in findings if not one.warning]
    if wrong and not lenient:
        raise BadContent(f"{len(wrong)} values cannot be used.", wrong)
    rows = [one.where.row - 1 for one in wrong if one.where.row is not None]
    for role in values:
        values[role] = values[role].copy()
        values[role][rows] = np.nan


def _without_zero_variance(effects: YiVi) -> tuple[YiVi, list[Finding]]:
    """A variance that is not above zero would carry the whole pool."""
    wrong = np.isfinite(effects.vi) & (effects.vi <= 0)
    found = [
        Finding(f"The variance of the effect is {effects.vi[row]:g}.", rule="zero variance", where=Place(row=row + 1),
                cure="Look for an SD of 0, or a correlation of 1.")
        for row in np.flatnonzero(wrong).tolist()
    ]  # fmt: skip
    return YiVi(np.where(wrong, np.nan, effects.yi), np.where(wrong, np.nan, effects.vi)), found


def _turned(
    effects: YiVi, frame: pl.DataFrame, roles: Mapping[str, str], direction: str | None, measure: Measure
) -> tuple[YiVi, list[str]]:
    if not measure.turns:
        return effects, []
    if "direction" in roles:
        words = [word or direction for word in frame[roles["direction"]].cast(pl.String).to_list()]
        sign = signs(words, frame.height)
        note = [f"Turned by {roles['direction']}, so that positive is a benefit of the first group."]
    else:
        sign = signs(direction, frame.height)
        note = [
            _unturned(measure)
            if direction is None
            else f"{direction.replace('_', ' ')}: positive is a benefit of the first group (or of the later time)."
        ]
    return YiVi(sign * effects.yi, effects.vi), note


def _unturned(measure: Measure) -> str:
    if measure.family in ("given", "ratio"):
        return "Effects are taken in the direction in which they are given."
    order = "later minus earlier" if measure.family == "within" else "first group minus second"
    return f"Effects are {order}, not turned: no direction was given."


def _missing(values: Mapping[str, Array], measure: Measure, effects: YiVi) -> list[Finding]:
    found = []
    for row in np.flatnonzero(~np.isfinite(effects.yi)).tolist():
        lacking = [role for role in measure.needs if role in values and np.isnan(values[role][row])]
        what = f"No effect: {', '.join(lacking)} missing." if lacking else "No effect can be had from these values."
        cure = "Fill them in, or leave the row out." if lacking else "Too few people, an SD of 0 or a log of 0."
        found.append(Finding(what, cure=cure, where=Place(row=row + 1), warning=True, rule="missing"))
    return found


def _labels(frame: pl.DataFrame, roles: Mapping[str, str]) -> tuple[str, ...]:
    """The study's name; an author's name with the year, where there is a column of it."""
    if "label" not in roles:
        return tuple(f"row {row}" for row in range(1, frame.height + 1))
    names = frame[roles["label"]].cast(pl.String).to_list()
    year = next((name for name in frame.columns if name.lower() == "year"), None)
    if year is not None and roles["label"].lower().startswith("author"):
        years = frame[year].cast(pl.String).to_list()
        names = [f"{name}, {when}" if name and when else name for name, when in zip(names, years, strict=True)]
    return tuple(name or f"row {row}" for row, name in enumerate(names, 1))


def _flags(findings: Sequence[Finding], k: int) -> tuple[str, ...]:
    texts: list[list[str]] = [[] for _ in range(k)]
    for one in findings:
        if one.where.row is not None and one.rule not in texts[one.where.row - 1]:
            texts[one.where.row - 1].append(one.rule)
    return tuple("; ".join(rules) for rules in texts)
