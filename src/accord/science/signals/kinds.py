"""The kinds of signal that are known: how files name them, in which unit, how fast they must be sampled at least."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of signal. `lowest` and `highest` bound what a body can show in `unit`; `rate_hz` is the least rate."""

    name: str
    unit: str
    words: tuple[str, ...]
    rate_hz: float = 0.0
    lowest: float | None = None
    highest: float | None = None


OTHER = Kind("other", "", ())

# Range of skin conductance as in Kleckner et al. 2018 (.05 to 60 microsiemens); heart rates outside 25 to 240 a minute
# and breaths outside 2 to 60 a minute are not those of an adult who sits.
KINDS = {
    kind.name: kind
    for kind in (
        Kind("ecg", "mV", ("ecg", "ekg", "electrocardiogram"), rate_hz=50.0),
        Kind("pulse", "", ("pulse", "ppg", "bvp", "pleth", "plethysmogram"), rate_hz=15.0),
        Kind("rr", "ms", ("rr", "rri", "ibi", "nn", "nni", "rrinterval", "rrintervals"), lowest=250.0, highest=2400.0),
        Kind("heart-rate", "1/min", ("heartrate", "hr", "bpm"), lowest=25.0, highest=240.0),
        Kind("skin-conductance", "uS", ("skinconductance", "eda", "gsr", "scl", "sc"), 0.9, 0.05, 60.0),
        Kind("respiration", "", ("respiration", "resp", "rsp", "breath", "breathing"), rate_hz=2.0),
        Kind("breath-rate", "1/min", ("breathrate", "respirationrate", "rr/min"), lowest=2.0, highest=60.0),
        Kind("movement", "", ("movement", "motion", "mea", "acc", "acceleration")),
        Kind("temperature", "Cel", ("temperature", "temp"), lowest=15.0, highest=45.0),
    )
}


def kind_of(name: str) -> Kind:
    """The kind that a signal's, a column's or a channel's name speaks of: `EDA_left (uS)` -> skin-conductance."""
    if name in KINDS:
        return KINDS[name]
    words = re.findall(r"[a-z]+", re.sub(r"[\[(].*?[\])]", " ", name.lower()))
    together = {"".join(words), *words, *(first + second for first, second in itertools.pairwise(words))}
    for kind in sorted(KINDS.values(), key=lambda kind: kind.name not in ("heart-rate", "breath-rate")):
        if together & set(kind.words):
            return kind
    return OTHER


def matching(names: Iterable[str], wanted: str) -> list[str]:
    """Those `names` that `wanted` can mean: the same text, the same letters, else all of the same kind."""
    listed = list(names)
    for same in (str.strip, _plain):
        found = [name for name in listed if same(name) == same(wanted)]
        if found:
            return found[:1] if same is str.strip else found
    kind = kind_of(wanted)
    return [name for name in listed if kind is not OTHER and kind_of(name) is kind]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
