"""One number as it is read: how many figures, which unit, its interval, what it was a month before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from accord.science.estimates.estimate import Estimate
from accord.science.reports.cells import amount, fitting_digits, unit_words
from accord.service.studies.rules.reviews import Before

_FIELDS = {one.name for one in fields(Estimate)}
# What is counted in whole pieces is said by its label; the unit beside it would only repeat it ("1 therapists").
COUNTED = frozenset(("people", "alerts", "messages", "complaints", "events", "rescues", "therapists"))


@dataclass(frozen=True, slots=True)
class Number:
    """One number as the page prints it: `data` is the whole value, `words` what is read."""

    id: str
    label: str
    data: str
    words: str
    interval: str
    unit: str
    n: int | None
    missing: int | None
    note: str
    before: str = ""


def digits_of(estimate: Estimate) -> int:
    """Whole numbers whole; per cent without decimals unless the interval lies within two of them; else two figures of
    the interval, of hours, days and minutes one decimal at most, of SDs two."""
    ends = [end for end in (estimate.value, estimate.ci_low, estimate.ci_high) if end is not None]
    if estimate.unit == "share":
        return 3 if len(ends) == 3 and 0 < max(ends) - min(ends) < 0.02 else 2
    most = {"SD": 2, "days": 1, "hours": 1, "minutes": 1, "%": 1}.get(estimate.unit, 4)
    return 0 if all(float(end).is_integer() for end in ends) else min(fitting_digits(estimate), most)


def as_estimate(one: Mapping[str, Any]) -> Estimate:
    return Estimate(**{name: value for name, value in one.items() if name in _FIELDS})


def unit_of(read: Estimate, digits: int) -> str:
    """The unit beside a number; none where the label says what is counted."""
    if read.unit == "points" and amount(read.value, read.unit, digits) in ("1", "−1"):
        return _("point")
    return "" if read.unit in COUNTED else unit_words(read)


def in_points(estimate: Estimate) -> Estimate:
    """As it is read: the difference of two shares in points, since it is per cent of nothing."""
    if estimate.unit != "share" or not estimate.id.endswith(".difference"):
        return estimate
    ends = {name: None if (end := getattr(estimate, name)) is None else 100 * end for name in ("ci_low", "ci_high")}
    return estimate.renamed(value=None if estimate.value is None else 100 * estimate.value, unit="points", **ends)


def interval_of(estimate: Estimate, digits: int) -> str:
    if estimate.ci_low is None or estimate.ci_high is None:
        return ""
    low, high = (amount(end, estimate.unit, digits) for end in (estimate.ci_low, estimate.ci_high))
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def compared_with(then: Before, value: str) -> str:
    words = {"same": _("%(value)s, about the same"), "higher": _("%(value)s, higher now"),
             "lower": _("%(value)s, lower now")}[then.word]  # fmt: skip
    return words % {"value": value}
