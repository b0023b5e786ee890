"""Every person's costs over the horizon: minutes and platform of the programme, and what else was used."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.plan import spoken
from accord.science.analyses.study import Study
from accord.science.errors import BadInput
from accord.science.estimates.health_economics import Tariff, costs_of, over_horizon
from accord.science.protocols.model import Costs

Array = NDArray[np.float64]
_MINUTES, _PLATFORM = "therapist_minutes", "platform"


@dataclass(frozen=True)
class Priced:
    """One value per person of the study; NaN where a report is missing. `words` say what is in it."""

    programme: Array
    services: Array
    baseline: Array  # what was used before, at the same prices: a covariate, never a part of the total
    tariff: Tariff
    words: str

    @property
    def total(self) -> Array:
        return self.programme + self.services


def priced(study: Study, tariff: Tariff, clause: Costs) -> Priced:
    """Costs by person. Raises BadInput for negative quantities, NotFound for a resource without a price."""
    rows = study.cohort.table("costs")
    society = "societ" in clause.perspective.lower()
    services, baseline = np.zeros(len(study.people)), np.zeros(len(study.people))
    taken, left = [], []
    for category in rows["category"].unique(maintain_order=True).to_list():
        one = tariff.price(category)
        if one.society_only and not society:
            left.append(category)
            continue
        visits = _reports(study, rows.filter(pl.col("category") == category), category)
        before, after, days = visits
        recall = one.recall_days or float(clause.horizon_days)
        used = over_horizon(after, days, recall_days=recall, horizon_days=clause.horizon_days)
        units = {category: str(rows.filter(pl.col("category") == category)["unit"][0])}
        services += costs_of({category: used}, tariff, units=units).total
        baseline += costs_of({category: before}, tariff, units=units).total
        taken.append(category)
    last = f"from visits up to day {days[-1]:.0f}" if taken else ""
    words = (
        f"Therapist minutes and platform are those of who began; {', '.join(map(spoken, taken))} are spread over "
        f"{clause.horizon_days} days at the rate reported at the end of each stretch ({last})."
        + (f" Left out in this perspective: {', '.join(map(spoken, left))}." if left else "")
    )
    return Priced(_programme(study, tariff), services, baseline, tariff, words)


def _programme(study: Study, tariff: Tariff) -> Array:
    """Minutes of all contacts and one platform fee for who began; nothing for who did not."""
    frame = study.people.frame
    began = frame["started"].fill_null(False).to_numpy().astype(float)
    quantities: dict[str, Array] = {}
    if _MINUTES in tariff.prices and "contacts" in study.cohort.names:
        quantities[_MINUTES] = np.nan_to_num(study.people.numbers("minutes"))
    if _PLATFORM in tariff.prices:
        quantities[_PLATFORM] = began
    if not quantities:
        return np.zeros(len(study.people))
    return np.asarray(costs_of(quantities, tariff).total)


def _reports(study: Study, rows: pl.DataFrame, category: str) -> tuple[Array, Array, list[float]]:
    """The report before treatment (N,), those after it (N, T), and the days they stand for (medians)."""
    if rows.filter(pl.col("quantity") < 0).height:
        raise BadInput(f"The quantity of {category} is negative in the table costs.", cure="Check the sign.")
    first = study.plan.occasions[0].name
    when = {str(at): float(day) for at, day in
            rows.group_by("time_point").agg(pl.col("day").median()).iter_rows() if day is not None}  # fmt: skip
    start = when.pop(first, 0.0)
    order = sorted((at for at in when if when[at] > start), key=when.__getitem__)
    if not order:
        raise BadInput(f"{category} is reported at no time after baseline.", cure="Add a later report of it.")
    place = {name: k for k, name in enumerate(study.people.frame["participant"].to_list())}

    def column(at: str) -> Array:
        full = np.full(len(place), np.nan)
        here = rows.filter(pl.col("time_point") == at).group_by("participant").agg(pl.col("quantity").sum())
        for name, quantity in here.iter_rows():
            if name in place:
                full[place[name]] = quantity
        return full

    return column(first), np.column_stack([column(at) for at in order]), [when[at] - start for at in order]
