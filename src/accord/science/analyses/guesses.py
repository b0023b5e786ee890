"""Whether people (and assessors) knew the arm: Bang's index per arm and James's over all (C27, C28)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accord.science.analyses.parts import Part, part
from accord.science.analyses.result import Block, Cell, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, number
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.blinding_index import UNKNOWN, BlindingIndex, blinding_index
from accord.science.estimates.estimate import Estimate

GUESS = "arm_guess.guess"


def guesses_part(study: Study) -> Part:
    """The section; for protocols that ask for it, in cohorts with guesses of two arms."""
    if "blinding" not in study.protocol.analysis.also:
        return Part()
    estimates: list[Estimate] = []
    blocks: list[Block | None] = []
    for informant, at in [(a.informant, a.at) for a in study.scores.pairs if a.scale == GUESS]:
        who = f"{informant}s, {study.when(at)}"
        try:
            found = _index(study, informant, at)
        except NotEstimable as error:
            blocks.append(Text(f"Guesses of {who}: no index. {error.finding.what}"))
            continue
        estimates += _estimates(study, found, informant, at)
        blocks.append(_table(study, found, informant, at))
    if not blocks:
        return Part()
    words = (
        "Each was asked which arm it had been. Bang's index of an arm is the share of right guesses less that of wrong "
        "ones: 0 as by chance, 1 all right, −1 all think the other. James's index over both arms is 1 when all do not "
        "know, .5 as by chance, 0 when all are right. A right guess can come from having got better: the index says "
        "what people thought, not how they came to know."
    )
    return part("blinding", "Whether the arm was known", [Text(words), *blocks], estimates)


def _index(study: Study, informant: str, at: str) -> BlindingIndex:
    """Guesses as words: the place of an arm in the protocol's list, 0 for not knowing. Raises NotEstimable."""
    values = study.scores.at(GUESS, informant, at)
    known = study.primary.members & np.isfinite(values) & np.isin(study.arm.astype(str), study.arms)
    listed = list(study.protocol.arms)
    places = values[known].astype(int)
    words = [UNKNOWN if k == 0 else listed[k - 1] if k <= len(listed) else "" for k in places.tolist()]
    return blinding_index(study.arm[known].astype(str).tolist(), words)


def _estimates(study: Study, found: BlindingIndex, informant: str, at: str) -> Iterator[Estimate]:
    total = sum(sum(row.values()) for row in found.table.values())
    for arm, c in found.bang.items():
        n = sum(found.table[arm].values())
        due = int((study.primary.members & (study.arm == arm)).sum())
        yield c.estimate(
            ids.blinding(informant, at, arm), f"Bang's index of {informant}s, {study.when(at)}, {study.arm_label(arm)}",
            n=n, missing=due - n, unit="index", method="right less wrong guesses, normal limits",
        )  # fmt: skip
    yield Estimate(
        id=ids.blinding(informant, at), label=f"James's index of {informant}s, {study.when(at)}", value=found.james,
        n=total, missing=int(study.primary.members.sum()) - total, unit="index", method="weights 0 and .5",
    )  # fmt: skip


def _table(study: Study, found: BlindingIndex, informant: str, at: str) -> Table:
    guesses = [*found.table, UNKNOWN]
    rows: list[tuple[Cell, ...]] = []
    for arm, counts in found.table.items():
        bang = found.bang[arm].estimate("", "")
        verdict = "as by chance" if found.bang[arm].ci_low <= 0 <= found.bang[arm].ci_high else (
            "more right than by chance" if found.bang[arm].value > 0 else "more wrong than by chance"
        )  # fmt: skip
        rows.append((study.arm_label(arm), *(counts[g] for g in guesses), interval(bang), verdict))
    heads = [f"Guessed {study.arm_label(g)}" if g != UNKNOWN else "Did not know" for g in guesses]
    columns = ("Had", *heads, "Bang's index [95 %]", "What the interval says")
    title = f"Guesses of {informant}s, {study.when(at)}"
    note = f"James's index over both arms {number(found.james)}."
    return Table(f"guesses_{informant}_{at}", title, columns, tuple(rows), note)
