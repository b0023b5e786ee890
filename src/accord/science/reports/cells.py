"""How a cell of a table is printed: numbers to the right with a real minus sign, what is missing as a dash."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape

from accord.science.estimates.estimate import Estimate
from accord.science.figures.marks import printable
from accord.science.figures.numbers import count, known, number, percent

Cell = str | int | float | None

MISSING = "–"
SOME, LONG = 9, 24  # characters from which a column of words gets some room, and more
_NUMBER_LIKE = re.compile(r"^[−+<>=]?\s?[.\d∞–][\d,.\s%\[\]()−–+/∞<>=]*$")


def plain(words: str) -> str:
    """Text as HTML, without the characters that no document may hold; a sign of per cent stays with its number."""
    return escape(printable(words)).replace(" %", "\N{NO-BREAK SPACE}%")


def shown(cell: Cell, digits: int) -> str:
    """A cell as a reader sees it: 1,367; −0.46; – for missing; numbers of many zeros in four figures."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return number(cell, 0)
    if isinstance(cell, float):
        return decimal(cell, digits)
    return cell if cell else MISSING


def decimal(value: float | None, digits: int) -> str:
    """With `digits` decimals; a number too small for them in two significant figures, so that it is not 0.00."""
    if not known(value):
        return MISSING if value is None or math.isnan(value) else number(value)
    if value and abs(value) < 0.5 * 10.0**-digits:
        return f"{value:.2g}".replace("-", "−")
    return number(value, digits)


def numeric(cells: Sequence[str]) -> bool:
    """A column whose every filled cell reads as a number stands to the right."""
    filled = [cell for cell in cells if cell != MISSING]
    return bool(filled) and all(_NUMBER_LIKE.match(cell) for cell in filled)


def p_value(p: float | None) -> str:
    if not known(p):
        return MISSING
    return "< .001" if p < 0.001 else f"{p:.3f}".removeprefix("0")


def amount(value: float | None, unit: str, digits: int) -> str:
    """A value in its unit; a share is printed in per cent."""
    if unit == "share":
        return percent(value, max(digits - 2, 0)) if known(value) else MISSING
    return decimal(value, digits)


def estimate_words(estimate: Estimate, digits: int) -> str:
    """`0.58 [0.50, 0.66]`."""
    middle = amount(estimate.value, estimate.unit, digits)
    if estimate.value is None or estimate.ci_low is None or estimate.ci_high is None:
        return middle
    low, high = (amount(end, estimate.unit, digits) for end in (estimate.ci_low, estimate.ci_high))
    return f"{middle} [{low}, {high}]"


def fitting_digits(estimate: Estimate) -> int:
    """Decimals that leave two figures of the half width of the interval (three of the value where there is none)."""
    value, low, high = estimate.value, estimate.ci_low, estimate.ci_high
    half = (high - low) / 2 if known(low) and known(high) else 0.0
    size = half or abs(value or 0.0) / 10
    return min(max(1 - math.floor(math.log10(size)), 0), 4) if known(size) and size > 0 else 2


def unit_words(estimate: Estimate) -> str:
    return "" if estimate.unit in ("", "share") else estimate.unit


def people(n: int | None) -> str:
    return count(n)
