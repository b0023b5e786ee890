"""Which scale a column is: one of the instruments when name and values fit, else a scale declared inline."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from accord.science.cohort.draft.columns import Column
from accord.science.cohort.draft.times import slug
from accord.science.errors import AccordError
from accord.science.instruments import Instrument, instrument_ids, load_instrument

ENDINGS = ("total", "sum", "score", "tot", "mean", "avg", "ttl", "sumscore")
ALIASES = {
    "nrs": "nrspain", "painnrs": "nrspain", "painavg": "nrspain", "avgpain": "nrspain", "averagepain": "nrspain",
    "bpiintensity": "bpiseverity", "bpisev": "bpiseverity", "bpiint": "bpiinterference",
}  # fmt: skip
BETTER = (
    "quality", "qol", "efficacy", "satisf", "accept", "wellbeing", "function", "mindful", "activit", "vitality",
    "alliance", "wai", "positive", "resilien", "compassion", "hope", "cope", "coping", "eq5d", "vas_health", "support",
)  # fmt: skip
WORSE = (
    "pain", "dep", "anx", "disab", "interf", "sever", "stress", "insomn", "fatig", "catastroph", "distress", "fear",
    "anger", "symptom", "ham", "phq", "gad", "bdi", "pcs", "odi", "negative", "worry", "sleep_dist", "impair",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScaleGuess:
    """A scale reference, why, and for a scale nobody knows the lines of its inline declaration."""

    ref: str
    why: str
    name: str
    minimum: float
    maximum: float
    direction: str
    inline: bool
    zero: float | None = None
    sure: bool = True


class Known:
    """The instruments at hand, found by the spelling of a column's name."""

    def __init__(self, site: Path | None) -> None:
        self.site = site

    @cached_property
    def _ids(self) -> dict[str, str]:
        return {_plain(name): name for name in instrument_ids(site=self.site)}

    def names(self, name: str) -> bool:
        """Whether an instrument has this name: a scale that is not it must be called otherwise."""
        return _plain(name) in self._ids

    def _load(self, name: str) -> Instrument | None:
        try:
            return load_instrument(name, site=self.site)
        except AccordError:
            return None

    def scale(self, stem: str, column: Column) -> ScaleGuess | None:
        """A scale whose name the column carries and whose range holds its values."""
        plain = ALIASES.get(_plain(stem), _plain(stem))
        for spelled, name in sorted(self._ids.items(), key=lambda item: -len(item[0])):
            if not plain.startswith(spelled):
                continue
            instrument, rest = self._load(name), plain.removeprefix(spelled)
            if instrument is None or instrument.codings:  # which way the file runs is not for a name to say
                continue
            for scale in instrument.scales.values():
                main = scale is instrument.main and rest in ("", *ENDINGS)
                fits = scale.minimum <= column.low and column.high <= scale.maximum
                if (main or rest == _plain(scale.id)) and fits and scale.direction != "none":
                    why = (
                        f"the name reads like {scale.name} and all values lie in {scale.minimum:g} to {scale.maximum:g}"
                    )
                    return ScaleGuess(
                        scale.ref, why, scale.name, scale.minimum, scale.maximum, scale.direction, False, scale.zero
                    )
        return None

    def instrument(self, stem: str, items: int) -> Instrument | None:
        """A questionnaire with this name and this number of items."""
        plain = re.sub(r"(item|items|q)$", "", _plain(stem))
        name = self._ids.get(plain)
        found = self._load(name) if name else None
        count = sum(item.kind != "text" for item in found.items) if found else 0
        return found if found and count == items and found.scales else None


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


def inline_scale(stem: str, columns: list[Column], known: Known, taken: set[str]) -> ScaleGuess:
    """A scale as wide as what was observed; direction from its name, else higher = worse, which is said."""
    low, high = min(column.low for column in columns), max(column.high for column in columns)
    minimum = 0.0 if low >= 0 else math.floor(low)
    maximum = float(math.ceil(high)) if high > minimum else minimum + 1
    name = slug(stem, fallback="scale")
    while f"{name}.total" in taken or known.names(name):
        name += "_file"
    direction, why = _direction(stem)
    why = f"numbers from {low:g} to {high:g}; range as observed, {why}"
    return ScaleGuess(f"{name}.total", why, columns[0].meaning or stem, minimum, maximum, direction, True, None, False)


def _direction(stem: str) -> tuple[str, str]:
    lower = stem.lower()
    if any(word in lower for word in BETTER):
        return "higher_better", "direction from the name"
    if any(word in lower for word in WORSE):
        return "higher_worse", "direction from the name"
    return "higher_worse", "direction not known: higher is taken as worse"
