"""C16: how often a stable patient would be called worse, and what stands behind each threshold."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from accord.science.errors import Finding
from accord.science.instruments import Scale
from accord.science.protocols.check.context import Context
from accord.science.protocols.deterioration import flagged, limit_of, spread_of

LIMIT = 0.05
PEOPLE = 50_000  # standard error of a rate of 5 %: 0.1 %
SEED = 16
SCALES_CORRELATED = 0.5  # of the chance errors of two scales on one occasion (C16)
RELIABILITY = 0.8  # where no retest is published; said wherever it is used


@dataclass(frozen=True, slots=True)
class Nominated:
    """A deterioration scale: threshold in points, whose it is, and the chance error (SEM) around a true score."""

    ref: str
    threshold: float
    origin: str
    sem: float
    error: str
    large_step: float | None
    asked_at: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Expected share of stable patients flagged at least once over all assessments of the protocol."""

    rate: float
    consecutive: int
    scales: tuple[Nominated, ...]
    people: int = PEOPLE

    def to_dict(self) -> dict[str, object]:
        return {
            "rate": round(self.rate, 4), "limit": LIMIT, "consecutive_occasions": self.consecutive,
            "simulated_people": self.people,
            "scales": [
                {"scale": s.ref, "threshold": round(s.threshold, 3), "origin": s.origin, "error_sd": round(s.sem, 3),
                 "error_from": s.error, "asked_at": list(s.asked_at)}
                for s in self.scales
            ],
        }  # fmt: skip


@lru_cache(maxsize=256)
def flag_rate(
    thresholds: tuple[float, ...],
    large: tuple[float | None, ...],
    asked: tuple[tuple[bool, ...], ...],
    *,
    consecutive: int,
    people: int = PEOPLE,
) -> float:
    """Share of stable people flagged at least once.

    Everyone's true score stays; on each occasion every scale has a normal error of SD 1 (its SEM), correlated
    SCALES_CORRELATED between scales, independent between occasions. `thresholds` and `large` are in SEMs, `asked`
    is one row a scale over the later occasions (False where it is not asked then). Worse = later error − first error
    above the threshold on `consecutive` occasions in a row of that scale, or above the large step once.

    Checked against the figures of rule C16 (1.96 SDs of the difference, 8 later occasions): 6 scales 39 %, 2 scales
    21 %, 2 scales twice running 4 %; and against the integral of two in a row.
    """
    rng = np.random.default_rng(SEED)
    later = len(asked[0])
    common = rng.standard_normal((people, later + 1))
    found = np.zeros(people, dtype=bool)
    for threshold, step, times in zip(thresholds, large, asked, strict=True):
        own = rng.standard_normal((people, later + 1))
        error = math.sqrt(SCALES_CORRELATED) * common + math.sqrt(1 - SCALES_CORRELATED) * own
        worse = (error[:, 1:] - error[:, :1])[:, np.array(times, dtype=bool)]
        found |= flagged(worse, threshold, occasions=consecutive, large=step)
    return float(found.mean())


def false_alarms(context: Context) -> FalseAlarms | None:
    """The expected rate for this protocol; None without deterioration scales or when a threshold is missing."""
    clause = context.protocol.safety.deterioration
    if clause is None or not clause.scales:
        return None
    scales = [_nominated(context, ref) for ref in dict.fromkeys(clause.scales)]
    if any(scale is None for scale in scales):
        return None
    known = [scale for scale in scales if scale is not None]
    later = list(dict.fromkeys(name for scale in known for name in scale.asked_at[1:]))
    rate = flag_rate(
        tuple(scale.threshold / scale.sem for scale in known),
        tuple(None if scale.large_step is None else scale.large_step / scale.sem for scale in known),
        tuple(tuple(name in scale.asked_at[1:] for name in later) for scale in known),
        consecutive=clause.occasions,
    )
    return FalseAlarms(rate, clause.occasions, tuple(known))


def _nominated(context: Context, ref: str) -> Nominated | None:
    scale, clause = context.scale(ref), context.protocol.safety.deterioration
    limit = limit_of(context.protocol, ref, scale) if scale else None
    if scale is None or clause is None or limit is None:
        return None
    sem, error = _error(scale, spread_of(context.protocol, ref, scale))
    asked = tuple(occasion.name for occasion in context.asked_when(scale.instrument))
    return Nominated(ref, limit.points, limit.origin, sem, error, limit.large, asked)


def _error(scale: Scale, sd: float) -> tuple[float, str]:
    retest = scale.change.retest
    if retest and retest.sd:
        return retest.sd * math.sqrt(1 - retest.r), f"{retest.type} r {retest.r:g} and SD {retest.sd:g} of one study"
    if retest:
        return sd * math.sqrt(1 - retest.r), f"{retest.type} r {retest.r:g} with this protocol's SD {sd:g}"
    return sd * math.sqrt(1 - RELIABILITY), f"no published retest; r {RELIABILITY:g} assumed, this protocol's SD {sd:g}"


def check_deterioration(context: Context) -> Iterator[Finding]:
    clause, here = context.protocol.safety.deterioration, ("safety", "deterioration")
    if clause is None:
        cure = "Nominate at most two scales, usually interference and mood."
        yield context.finding("Nobody is told when a patient gets worse.", "safety", cure=cure, rule="C16")
        return
    for ref in clause.scales:
        yield from _is_founded(context, ref)
    for ref in sorted({*clause.threshold, *clause.convention} - set(clause.scales)):
        yield context.finding(f"{ref} has a threshold, but is not nominated.", *here, cure="Remove it.", rule="C16")
    if clause.occasions < 2 and clause.large_step is None:
        what = "One occasion is enough to call somebody worse."
        yield context.finding(what, *here, "occasions", cure="Take occasions: 2.", rule="C16", warning=True)
    alarms = false_alarms(context)
    if alarms and alarms.rate >= LIMIT:
        what = f"{alarms.rate:.1%} of stable patients would be called worse at least once; at most {LIMIT:.0%} may."
        cure = "Ask for two occasions running, nominate fewer scales, or take a larger threshold."
        yield context.finding(what, *here, cure=cure, rule="C16")


def _is_founded(context: Context, ref: str) -> Iterator[Finding]:
    clause, here = context.protocol.safety.deterioration, ("safety", "deterioration", "scales")
    scale = context.scale(ref)
    if clause is None or scale is None:
        return
    if scale.sign == 0:
        yield context.finding(f"{ref} has no direction, so nothing says what worse is.", *here,
                              cure="Nominate another scale.", rule="C16")  # fmt: skip
    if limit_of(context.protocol, ref, scale) is None:
        what = f"{ref} has no published retest coefficient with interval, type and SD, so no reliable change."
        cure = "Nominate another scale, or give threshold: in points and convention: whose it is."
        yield context.finding(what, *here, cure=cure, rule="C16")
    elif ref in clause.threshold and ref not in clause.convention:
        cure = f"Add convention: {{{ref}: whose}}."
        yield context.finding(f"The threshold of {ref} does not say whose it is.", *here[:-1], "threshold", cure=cure,
                              rule="C16")  # fmt: skip
    asked = context.asked_when(scale.instrument)
    if len(asked) < 1 + clause.occasions:
        what = f"{ref} is asked {len(asked)} times; {clause.occasions} worse ones in a row after the first cannot come."
        yield context.finding(what, *here, cure=f"Ask {scale.instrument} more often.", rule="C16")
