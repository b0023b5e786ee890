"""What one unit of each resource costs: a tariff is data, named wherever a cost is printed.

A tariff is a file `tariffs/<name>.yaml` of the site (or of the package), or a mapping of the same shape. An amount is
quantity x price. A question about the last three months gives a rate; `over_horizon` turns rates at visits into what
was used over the whole time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ConfigDict, Field

from accord.science.definitions import find_content, read_document
from accord.science.errors import BadInput, NotFound

Array = NDArray[Any]
KIND, PATTERN = "tariffs", "*.yaml"


class Price(BaseModel):
    """`price` of one `unit`. `recall_days`: the quantity asked for covers so many days (7: in an ordinary week)."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    price: float = Field(ge=0)
    unit: str
    recall_days: float | None = Field(default=None, gt=0)
    society_only: bool = False  # lost work, help of the family: no cost of a health service


class Tariff(BaseModel):
    """Prices by resource. `invented`: for demonstration, and said wherever an amount is printed."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    tariff: str
    title: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    year: int = Field(ge=1990, le=2200)
    source: str
    invented: bool = False
    prices: dict[str, Price] = Field(min_length=1)

    def price(self, resource: str, unit: str = "") -> Price:
        """The price of a resource; with `unit`, only when it is the unit that is priced."""
        if resource not in self.prices:
            raise NotFound(
                f"The tariff '{self.tariff}' has no price for {resource}.",
                cure=f"Add it to the tariff; it prices {', '.join(self.prices)}.",
            )
        found = self.prices[resource]
        if unit and unit != found.unit:
            raise BadInput(
                f"{resource} is counted in {unit}, but the tariff '{self.tariff}' prices one of {found.unit}.",
                cure="Give the quantity in the unit of the tariff.",
            )
        return found

    @property
    def words(self) -> str:
        made = ", invented for demonstration" if self.invented else ""
        return f"{self.title} ({self.currency} of {self.year}{made}; {self.source})"


def load_tariff(name: str, *, site: Path | None = None) -> Tariff:
    """A tariff by name. Raises NotFound with the nearest names, BadContent with file and line for another shape."""
    return read_document(find_content(KIND, PATTERN, name, site=site)).validated(Tariff)


@dataclass(frozen=True, slots=True)
class Costs:
    """`total` (N,), NaN where a resource is not known; `by_resource` the same one by one."""

    total: Array
    by_resource: dict[str, Array]
    currency: str
    tariff: str


def costs_of(quantities: Mapping[str, ArrayLike], tariff: Tariff, *, units: Mapping[str, str] | None = None) -> Costs:
    """Σ quantity x price per person; quantities are for the whole time (see `over_horizon`). None is never 0.

    Raises BadInput for a negative quantity or another unit, NotFound for a resource without a price.
    """
    if not quantities:
        raise BadInput("There is nothing to price.", cure="Give at least one resource.")
    parts: dict[str, Array] = {}
    for name, given in quantities.items():
        amount = np.asarray(given, float)
        refuse_negative(amount, f"The quantity of {name}")
        parts[name] = amount * tariff.price(name, (units or {}).get(name, "")).price
    return Costs(np.sum(list(parts.values()), axis=0), parts, tariff.currency, tariff.tariff)


def over_horizon(reported: ArrayLike, days: ArrayLike, *, recall_days: float, horizon_days: float) -> Array:
    """What was used from day 0 to the horizon, from reports (N, T) at `days` (T,), each about `recall_days`.

    The time since the visit before is filled at the rate reported at its end; what lies beyond the last visit goes on
    at its rate. Somebody with a report missing has NaN.
    """
    values, when = np.atleast_2d(np.asarray(reported, float)), np.asarray(days, float)
    if values.shape[1] != len(when) or len(when) == 0 or (np.diff(when) <= 0).any() or when[0] <= 0:
        raise BadInput("Reports need one column per visit after day 0, in order of the days.",
                       cure="Sort the visits; leave out the report before day 0.")  # fmt: skip
    refuse_negative(values, "A quantity")
    ends = np.minimum(np.append(when[:-1], max(when[-1], horizon_days)), horizon_days)
    spans = np.diff(np.concatenate([[0.0], ends]))
    used: Array = (values * np.maximum(spans, 0.0)).sum(axis=1) / recall_days
    return used


def refuse_negative(values: Array, what: str) -> None:
    bad = np.flatnonzero(values.ravel() < 0)
    if len(bad):
        raise BadInput(
            f"{what} is negative: {values.ravel()[bad[0]]:g} ({len(bad)} of {values.size} values).",
            cure="Check the sign; money saved shows in the difference between arms, not as a cost below 0.",
        )
