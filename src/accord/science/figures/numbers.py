"""Numbers as a reader sees them: a real minus sign, thousands set apart, nothing like `-0.00` or `nan`."""

from __future__ import annotations

import math
from typing import TypeGuard


def known(value: float | None) -> TypeGuard[float]:
    """Neither missing nor NaN nor infinite: it can stand on an axis."""
    return value is not None and math.isfinite(value)


def number(value: float | None, digits: int = 2) -> str:
    """`1,234.50`, `−0.46`; `∞` and `−∞` are themselves, missing is `–`."""
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    rounded = round(value, digits) or 0.0
    return f"{rounded:,.{digits}f}".replace("-", "−")


def count(n: int | None) -> str:
    return "–" if n is None else f"{n:,}"


def percent(share: float | None, digits: int = 0) -> str:
    """A share from 0 to 1 as `63 %`, with a space that does not break."""
    return "–" if not known(share) else f"{number(100 * share, digits)}\N{NO-BREAK SPACE}%"


def interval(low: float | None, high: float | None, digits: int = 2) -> str:
    """`[0.50, 0.66]`, or nothing when there is none."""
    return "" if low is None or high is None else f"[{number(low, digits)}, {number(high, digits)}]"


def with_interval(value: float | None, low: float | None, high: float | None, digits: int = 2) -> str:
    if not known(value):
        return "not estimable"
    return f"{number(value, digits)} {interval(low, high, digits)}".rstrip()
