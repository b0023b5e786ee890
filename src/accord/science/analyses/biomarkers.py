"""Laboratory markers: contrasts on the scale the protocol names, with values below the detection limit as what they
are (C27). A sample of unknown batch is unusable and counted (C28)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from accord.science.analyses.models import contrast_weights
from accord.science.analyses.parts import Part, part
from accord.science.analyses.result import Block, Caution, Estimates, Table, Text
from accord.science.analyses.study import Study
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.censored import censored_regression
from accord.science.estimates.estimate import Estimate
from accord.science.protocols.model import Biomarker
from accord.science.protocols.model import Contrast as NamedContrast


@dataclass(frozen=True)
class Samples:
    """One marker at one time-point, in the order of the people: NaN where no usable sample is."""

    value: np.ndarray  # on the marker's scale; at a value below the limit the limit itself
    below: np.ndarray
    usable: np.ndarray
    unknown_batch: int


def biomarkers_part(study: Study) -> Part:
    """The section, for protocols with biomarkers whose cohort holds measurements."""
    if not study.protocol.endpoints.biomarkers or "measurements" not in study.cohort.names:
        return Part()
    estimates = tuple(_estimates(study))
    counts = _counts(study)
    if not counts.rows:
        return Part()
    blocks: list[Block | None] = [
        Text(
            "A marker on the log scale is compared by ratios: a difference of −0.69 in logarithms is half as much. "
            "Values below the detection limit enter as 'below', nothing is put in their place."
        ),
        Estimates("Contrasts, adjusted for the value before", estimates) if estimates else None,
        counts,
        Caution("Markers are many and samples few; none of these was the promise of the trial."),
    ]
    return part("biomarkers", "Laboratory markers", blocks, estimates)


def samples(study: Study, name: str, marker: Biomarker, at: str) -> Samples:
    """The usable samples of a marker at a time-point."""
    rows = study.cohort.table("measurements").filter((pl.col("measure") == name) & (pl.col("time_point") == at))
    known = rows.filter(pl.col("batch").is_not_null()) if rows["batch"].is_not_null().any() else rows
    order = study.people.frame.select("participant").join(
        known.unique("participant", keep="last", maintain_order=True),
        on="participant",
        how="left",
        maintain_order="left",
    )
    below = order["below_limit"].fill_null(False).to_numpy()
    limits = order["limit"].fill_null(marker.detection_limit).cast(pl.Float64).to_numpy()
    value = np.where(below, limits, order["value"].cast(pl.Float64).to_numpy())
    if marker.scale == "log":
        value = np.log(np.where(value > 0, value, np.nan))
    return Samples(value, below, np.isfinite(value), rows.height - known.height)


def _estimates(study: Study) -> Iterator[Estimate]:
    for name, marker in study.protocol.endpoints.biomarkers.items():
        measured = [at for at in marker.at if samples(study, name, marker, at).usable.any()]
        for at in measured[1:]:
            for contrast_name, named in study.protocol.endpoints.contrasts.items():
                yield _contrast(study, (name, marker), (measured[0], at), (contrast_name, named))


def _contrast(
    study: Study, named_marker: tuple[str, Biomarker], times: tuple[str, str], named: tuple[str, NamedContrast]
) -> Estimate:
    (name, marker), (first, at) = named_marker, times
    unit = "difference of logarithms" if marker.scale == "log" else marker.unit
    empty = Estimate(
        id=ids.marker(name, at, named[0]), label=f"{marker.label} at {study.label(at)}: {named[1].label}", value=None,
        unit=unit,
    )  # fmt: skip
    before, after = samples(study, name, marker, first), samples(study, name, marker, at)
    try:
        weights = contrast_weights(study, named[1])
        sides = np.isin(study.arm.astype(str), list(weights)) & study.primary.members
        rows = sides & before.usable & ~before.below & after.usable
        if not rows.any():
            raise NotEstimable("Nobody has a usable sample both before and then.", cure="Report the samples there are.")
        on_first = np.array([weights.get(str(arm), 0.0) > 0 for arm in study.arm[rows]], dtype=float)
        X = np.column_stack([np.ones(rows.sum()), on_first, before.value[rows] - before.value[rows].mean()])
        fit = censored_regression(after.value[rows], X, after.value[rows], after.below[rows])
    except NotEstimable as error:
        return empty.renamed(note=error.finding.what)
    c = fit.coefficient(1)
    dropped = int((sides & before.below).sum())
    return empty.renamed(
        value=c.value, ci_low=c.ci_low, ci_high=c.ci_high, se=c.se, df=c.df, p=c.p, n=int(rows.sum()),
        missing=int(sides.sum() - rows.sum()),
        method="censored normal regression on the value before, maximum likelihood, complete samples",
        note=f"{fit.below} below the limit at {study.label(at)}."
        + (f" {dropped} people below it before are left out." if dropped else ""),
    )  # fmt: skip


def _counts(study: Study) -> Table:
    """What was measured: by marker, time-point and arm; geometric means where nothing is below the limit."""
    rows = []
    for name, marker in study.protocol.endpoints.biomarkers.items():
        for at in marker.at:
            found = samples(study, name, marker, at)
            for arm in study.arms:
                there = found.usable & (study.arm == arm)
                if there.any():
                    below = int((found.below & there).sum())
                    middle = _middle(found, there, marker)
                    names = (marker.label, study.label(at), study.arm_label(arm))
                    rows.append((*names, int(there.sum()), below, found.unknown_batch, middle))
    columns = ("Marker", "Time-point", "Arm", "n", "Below limit", "Unknown batch", "Median")
    return Table("markers", "Samples", columns, tuple(rows), "The median counts values below the limit as lowest.")


def _middle(found: Samples, there: np.ndarray, marker: Biomarker) -> float:
    values = np.where(found.below, -np.inf, found.value)[there]
    middle = float(np.median(values))
    return float(np.exp(middle)) if marker.scale == "log" else middle
