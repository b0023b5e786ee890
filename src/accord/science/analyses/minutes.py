"""Therapist minutes per person who began, by mode of contact (C31). What more minutes go with is not asked here: sicker
people get more of them (C22)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Block, Cell, Table, Text
from accord.science.analyses.study import Mask, Study
from accord.science.cohort.tables import MODES
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.mean import mean_estimate
from accord.science.figures import BarRow, Bars

_WORDS = {"asynchronous": "messages (asynchronous)", "synchronous": "calls and meetings (synchronous)",
          "mixed": "mixed", "all": "all contacts"}  # fmt: skip


def minutes_part(study: Study) -> Part:
    """The section, when the cohort has contacts."""
    if "contacts" not in study.cohort.names:
        return Part()
    began = _began(study)
    if not began.any():
        return Part()
    estimates = list(minutes_estimates(study))
    arms = [(study.arm_label(a), began & (study.arm == a)) for a in study.arms] if len(study.arms) > 1 else []
    groups = [*arms, ("All", began)]
    figure = Bars(
        "Therapist minutes per person", _words(estimates, int(began.sum())),
        [BarRow(_WORDS[e.id.split(".")[1]], e.value, e.ci_low, e.ci_high, e.n) for e in estimates],
        "minutes per person who began", invented=study.cohort.manifest.invented,
    )  # fmt: skip
    blocks: list[Block | None] = [
        Text(
            f"{_words(estimates, int(began.sum()))} Sums over the contacts recorded; who has no contact counts as 0. "
            "People in greater need get more minutes, so these figures say nothing on what minutes do."
        ),
        drawn("minutes", figure, f"Mean and 95 % interval (t), n = {int(began.sum()):,} people who began."),
        _table(study, groups),
    ]  # fmt: skip
    return part("minutes", "Therapist minutes, by mode of contact", blocks, estimates)


def _began(study: Study) -> Mask:
    """Everybody who began; where that is not recorded, everybody of the primary population."""
    frame = study.people.frame
    if frame["started"].null_count() == len(frame):
        return study.primary.members
    return study.primary.members & frame["started"].fill_null(False).to_numpy()


def minutes_estimates(study: Study) -> Iterator[Estimate]:
    """Mean minutes per person who began: one a mode, and all."""
    began = _began(study)
    for mode in _modes(study, began):
        values = study.people.numbers("minutes" if mode == "all" else f"minutes_{mode}")[began]
        label = f"Therapist minutes per person who began: {_WORDS[mode]}"
        yield mean_estimate(values, ids.minutes(mode), label, unit="minutes")


def _words(estimates: list[Estimate], n: int) -> str:
    said = [f"{e.value:.0f} minutes by {_WORDS[e.id.split('.')[1]]}" for e in estimates[:-1] if e.value is not None]
    total = estimates[-1].value if estimates else None
    return (
        f"Each of {n:,} people who began had {total:.0f} minutes on average: {', '.join(said)}."
        if total is not None
        else ""
    )


def _table(study: Study, groups: list[tuple[str, Mask]]) -> Table:
    several = len(groups) > 1
    rows: list[tuple[Cell, ...]] = []
    for label, members in groups:
        for mode in _modes(study, members):
            values = study.people.numbers("minutes" if mode == "all" else f"minutes_{mode}")[members]
            q = [float(x) for x in np.quantile(values, [0.25, 0.5, 0.75])]
            sd = float(values.std(ddof=1)) if len(values) > 1 else None
            about = (label, _WORDS[mode]) if several else (_WORDS[mode],)
            rows.append((*about, len(values), float(values.mean()), sd, q[1], q[0], q[2]))
    columns = (*(("Arm",) if several else ()), "Mode", "n", "Mean", "SD", "Median", "Quarter below", "Quarter above")
    return Table("minutes", "Minutes by mode", columns, tuple(rows), digits=1)


def _modes(study: Study, members: Mask) -> list[str]:
    """The modes that occurred among these people, and all of them together."""
    if not members.any():
        return []
    return [*(mode for mode in MODES if study.people.numbers(f"minutes_{mode}")[members].any()), "all"]
