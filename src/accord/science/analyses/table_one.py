"""Table 1: who the people are at baseline, by arm. Differences between allocated arms are not tested (CONSORT)."""

from __future__ import annotations

import numpy as np

from accord.science.analyses.models import background
from accord.science.analyses.parts import Part, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import Block, Cell, Table, Text
from accord.science.analyses.study import Mask, Study
from accord.science.analyses.wording import number

_STANDARD = ("age", "gender")
_NOT_BACKGROUND = ("participant", "role", "site", "therapist", "group", "referral_source")
_MOST_LEVELS = 8


def table_one_part(study: Study) -> Part:
    """The section: background variables and every outcome at baseline, with how many values are missing."""
    columns = _columns(study)
    rows: list[tuple[Cell, ...]] = [("People", *(int(rows.sum()) for _, rows in columns), None)]
    for name in _variables(study):
        values = background(study, name)
        if values is not None:
            words = study.words_for(name)
            rows += _described(words[:1].upper() + words[1:], values, columns)
    for outcome in study.plan.outcomes:
        facts = outcome.facts
        label = f"{facts.label} ({facts.minimum:g} to {facts.maximum:g}, {_better(facts.sign)})"
        rows += _described(label, study.values(outcome, outcome.baseline), columns)
    note = (
        f"Population: {study.primary.name.replace('_', ' ')} ({study.primary.rule}). Mean (SD), or n (%). "
        "Missing: how many of them have no value."
    )
    table = Table(
        "table_one", "People at baseline", ("", *(label for label, _ in columns), "Missing"), tuple(rows), note
    )
    blocks: list[Block | None] = [_about_reference(study), table]
    return part("people", "Who the people are", blocks)


def _better(sign: int) -> str:
    return "higher is better" if sign > 0 else "higher is worse"


def _columns(study: Study) -> list[tuple[str, Mask]]:
    members = study.primary.members
    whole = [("All", members)]
    if len(study.arms) < 2:
        return whole
    return [(study.arm_label(arm), members & (study.arm == arm)) for arm in study.arms] + whole


def _variables(study: Study) -> list[str]:
    """Age and gender, then what the protocol names, then further columns of the cohort."""
    named = [*_STANDARD, *study.protocol.population.background]
    extra = [
        ref.removeprefix("participants.") for ref in study.cohort.manifest.columns if ref.startswith("participants.")
    ]
    there = [name for name in (*named, *extra) if name in study.people.frame.columns and name not in _NOT_BACKGROUND]
    return list(dict.fromkeys(there))


def _described(label: str, values: np.ndarray, columns: list[tuple[str, Mask]]) -> list[tuple[Cell, ...]]:
    everybody = columns[-1][1]
    if values.dtype.kind == "f":
        missing = int((~np.isfinite(values[everybody].astype(float))).sum())
        return [(label, *(_mean(values[rows].astype(float)) for _, rows in columns), missing)]
    words = np.array([str(v) if v is not None else "" for v in values.tolist()])
    levels, counts = np.unique(words[everybody & (words != "")], return_counts=True)
    ordered = [str(level) for level in levels[np.argsort(-counts, kind="stable")]]
    missing = int((words[everybody] == "").sum())
    lines: list[tuple[Cell, ...]] = []
    for k, level in enumerate(ordered[:_MOST_LEVELS]):
        shares = (_count(words[rows], level) for _, rows in columns)
        lines.append((f"{label}: {spoken(level)}", *shares, missing if k == 0 else None))
    if len(ordered) > _MOST_LEVELS:
        lines.append((f"{label}: {len(ordered) - _MOST_LEVELS} more", *(None for _ in columns), None))
    return lines


def _mean(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    if len(known) == 0:
        return "–"
    if len(known) == 1:
        return number(float(known[0]), 1)
    return f"{number(float(known.mean()), 1)} ({number(float(known.std(ddof=1)), 1)})"


def _count(words: np.ndarray, level: str) -> str:
    known = int((words != "").sum())
    n = int((words == level).sum())
    return f"{n} ({100 * n / known:.0f} %)" if known else "–"


def _about_reference(study: Study) -> Text | None:
    group = study.protocol.population.reference_group
    if not study.people.reference:
        return None
    label = group.label if group else "people measured and not treated"
    return Text(f"A reference group of {study.people.reference} ({label}) is in the cohort and is not analysed here.")
