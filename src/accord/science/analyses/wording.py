"""How numbers are said in sentences, and the words that a report without comparison may not use (C17)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator

from accord.science.analyses.result import AnalysisResult
from accord.science.errors import BadInput
from accord.science.estimates.estimate import Estimate

NO_COMPARISON = "No comparison group: part of this would have happened anyway."
INVENTED = "Invented data: these figures return what was put in."
REFUSED = re.compile(
    r"\bmediat(?:e|es|ed|ing|ion|or|ors)\b|\beffects? of\b|(?<!self-)(?<!self )\befficacy\b|\bcaused by\b",
    re.IGNORECASE,
)


def number(value: float | None, digits: int = 2) -> str:
    """A number in a sentence; minus as a minus sign, nothing as a dash."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}".replace("-", "−")


def interval(estimate: Estimate, digits: int = 2) -> str:
    """`0.58 [0.50, 0.66]`."""
    if estimate.value is None:
        return "–"
    if estimate.ci_low is None or estimate.ci_high is None:
        return number(estimate.value, digits)
    return f"{number(estimate.value, digits)} [{number(estimate.ci_low, digits)}, {number(estimate.ci_high, digits)}]"


def percent(part: float, whole: float | None = None, digits: int = 0) -> str:
    """`63 %` of a share, or of part and whole."""
    if whole is not None:
        if whole == 0:
            return "–"
        part = part / whole
    return f"{number(100 * part, digits)} %"


def p_value(p: float | None) -> str:
    if p is None or not math.isfinite(p):
        return "–"
    return "<.001" if p < 0.001 else f"{p:.3f}".lstrip("0")


def listed(words: Iterable[str]) -> str:
    """`a, b and c`."""
    items = list(words)
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + f" and {items[-1]}" if items else ""


def counted(n: int, one: str, many: str | None = None) -> str:
    """`1 person`, `12 people`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def refuse_claims(result: AnalysisResult, quoted: Iterable[str] = ()) -> None:
    """Without a comparison nothing 'mediates', is an 'effect of' or has 'efficacy'. Titles of sources and the names of
    scales (`quoted`) may use the words.

    Raises BadInput with the sentence; where it came from the protocol, that is where to mend it.
    """
    names = sorted((name for name in quoted if REFUSED.search(name)), key=len, reverse=True)
    for text in _texts(result):
        for name in names:
            text = text.replace(name, "")
        if found := REFUSED.search(text):
            raise BadInput(
                f"A report without a comparison may not say '{found.group()}': \"{text:.160}\"",
                cure="Mend the label in the protocol: say 'change without comparison' or 'goes together with'.",
            )


def _texts(result: AnalysisResult) -> Iterator[str]:
    yield from (result.title, result.eyebrow, *result.lead, *result.notes)
    for section in result.sections:
        yield section.heading
        if section.id != "sources":
            yield from (text for block in section.blocks for text in block.texts())
    for estimate in result.estimates:
        yield from (estimate.label, estimate.method, estimate.note)
