"""One number with its interval: what every estimate function returns and every analysis lists.

The `id` says what the number is (`change.bpi_interference.total.post`), the same in a report, in an export and in
the truth of a simulated cohort, so that two lists of estimates can be laid side by side by id.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number, its 95 % interval, and what it was computed from.

    `n` is the number of people (or clusters, as `label` says) that carry it; `missing` is how many of those who
    should have been there are not. A number that could not be had has `value=None` and the reason in `note`.
    """

    id: str
    label: str
    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None
    se: float | None = None
    df: float | None = None
    p: float | None = None
    n: int | None = None
    missing: int | None = None
    scale: str | None = None
    unit: str = ""
    method: str = ""
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON: NaN and infinities become None."""
        return {
            key: None if isinstance(value, float) and not math.isfinite(value) else value
            for key, value in asdict(self).items()
        }

    def renamed(self, **changes: Any) -> Estimate:
        """The same number under another id, label or note."""
        return replace(self, **changes)


def count_estimate(value: float | None, id: str, label: str, *, n: int | None = None, **context: Any) -> Estimate:
    """A number that is counted and not inferred: it has no interval. `n` is what it is a count among (left out:
    itself); `note` says why when there is no value."""
    among = n if n is not None else int(value or 0)
    return Estimate(id=id, label=label, value=value, n=among, **{"method": "counted", **context})
