"""Therapist minutes per started person, by mode of contact and arm. Sums over the table of contacts, nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Estimates, Text
from accord.science.analyses.study import Mask, Study
from accord.science.analyses.wording import interval, number
from accord.science.cohort.tables import MODES
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.mean import mean_estimate
from accord.science.figures import BarRow, Bars

_NAMES = {"asynchronous": "Asynchronous (written)", "synchronous": "Synchronous (live)", "mixed": "Mixed"}


def minutes_part(study: Study) -> Part:
    """The section, for cohorts with contacts. More minutes for sicker people is need, not dose (C22)."""
    if "contacts" not in study.cohort.names:
        return Part()
    estimates = tuple(_means(study))
    if not estimates:
        return Part()
    whole = next(e for e in estimates if e.id == ids.minutes("all"))
    return part(
        "minutes", "Therapist minutes",
        (
            Text(_in_words(study, whole)), drawn("minutes", _figure(study, estimates), "All who started."),
            Estimates("Minutes per started person", estimates, digits=1),
            Text("People who are worse off get more time, so minutes and change cannot be read as dose and response."),
        ),
        estimates,
    )  # fmt: skip


def _started(study: Study) -> Mask:
    return np.asarray(study.people.frame["started"].fill_null(False).to_numpy(), dtype=bool)


def _means(study: Study) -> Iterator[Estimate]:
    """All modes together first, then each mode that anybody had, then all modes by arm."""
    started = _started(study)
    if not started.any():
        return
    every = study.people.numbers("minutes")
    yield mean_estimate(every[started], ids.minutes("all"), "All contacts", unit="minutes")
    for mode in MODES:
        of_mode = study.people.numbers(f"minutes_{mode}")[started]
        if np.nansum(of_mode) > 0:
            yield mean_estimate(of_mode, ids.minutes(mode), _NAMES[mode], unit="minutes")
    if len(study.arms) > 1:
        for arm in study.arms:
            rows = started & (study.arm == arm)
            yield mean_estimate(every[rows], f"{ids.minutes('all')}.{arm}", study.arm_label(arm), unit="minutes")


def _in_words(study: Study, whole: Estimate) -> str:
    minutes = study.people.numbers("minutes")[_started(study)]
    spread = float(np.nanstd(minutes, ddof=1)) if len(minutes) > 1 else None
    return (
        f"A person who started had {interval(whole, 1)} minutes of a therapist's time on average "
        f"(SD {number(spread, 1)}, n = {whole.n:,})."
    )


def _figure(study: Study, estimates: tuple[Estimate, ...]) -> Bars:
    rows = [BarRow(e.label, e.value, e.ci_low, e.ci_high, e.n, group=_group(e)) for e in estimates]
    return Bars(
        title="Therapist minutes per started person", description=_in_words(study, estimates[0]), rows=rows,
        measure="minutes", invented=study.cohort.manifest.invented,
    )  # fmt: skip


def _group(estimate: Estimate) -> str:
    return "By arm" if estimate.id.startswith(f"{ids.minutes('all')}.") else "By mode"
