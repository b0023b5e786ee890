"""Small cohorts made up for tests of the analyses: straight from numpy, without the simulator, so that a fault in one
does not hide a fault in the other."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from accord.science.cohort import Cohort, Manifest
from accord.science.protocols import Protocol, load_protocol, occasions
from accord.science.protocols.model import INFORMANTS

SCALES = {
    "routine-care": ["bpi_interference.total", "phq_9.total", "gad_7.total", "bpi_severity.total", "pseq.total",
                     "pcs.total"],
    "integro": ["fiqr.total", "bpi_severity.total", "pseq.total", "ders.total", "nrs_pain.total", "wai_sr.total",
                "wai_s_t.total"],
    "mair": ["fiq.total", "hads.anxiety", "hads.depression", "pcs.total", "ffmq.total", "aaq_2.total"],
    "guided-icbt": ["bpi_interference.total", "pseq.total", "phq_9.total", "gad_7.total"],
    "therapist-factors": ["bpi_interference.total", "phq_9.total", "pseq.total", "nrs_pain.total", "wai_sr.total",
                          "wai_s_t.total", "gcs.total", "fidelity.total"],
}  # fmt: skip


def made_up(
    slug: str, n: int = 120, seed: int = 1, *, effect: float = 0.5, missing: float = 0.2, **manifest: Any
) -> Cohort:
    """People of one protocol. Every scale starts at the middle of its range (SD a sixth of it) and improves by `effect`
    SDs by its last occasion, in the first arm (and half as much in the others); `missing` of later values are gone."""
    rng = np.random.default_rng(seed)
    protocol = load_protocol(slug)
    arms = list(protocol.arms)
    arm = np.array([arms[k % len(arms)] for k in range(n)])
    names = np.array([f"p{k:05d}" for k in range(n)])
    cohort = Cohort(Manifest(origin="simulated", title=f"made up: {slug}", protocol=slug, n=n, **manifest), {})
    tables = {
        "participants": pl.DataFrame({
            "participant": names, "role": "patient", "age": rng.normal(45, 12, n).clip(18, 80).round(),
            "gender": rng.choice(["woman", "man"], n), "therapist": [f"t{k % max(n // 12, 2):02d}" for k in range(n)],
            "group": [f"g{a}{k // len(arms) // 8}" if protocol.arms[a].format == "group" else None
                      for k, a in enumerate(arm)],
            "pain_months": rng.gamma(3, 20, n).round(),
        }),
        "events": pl.DataFrame({
            "participant": np.repeat(names, 3), "kind": ["screening", "enrolment", "start"] * n,
            "day": np.tile([-7, 0, 3], n), "reason": pl.Series([None] * 3 * n, dtype=pl.String),
        }),
        "lessons": _lessons(names, rng), "sessions": _sessions(names), "contacts": _contacts(names, rng),
        "scores": _scores(protocol, cohort, SCALES[slug], names, arm, rng, effect, missing),
        "groups": pl.DataFrame({"group": sorted({f"g{a}{k // len(arms) // 8}" for k, a in enumerate(arm)
                                                 if protocol.arms[a].format == "group"})}, schema={"group": pl.String}),
    }  # fmt: skip
    if protocol.allocation:
        tables["allocation"] = pl.DataFrame(
            {"participant": names, "day": 1, "arm": arm, "sequence": np.arange(1, n + 1), "method": "permuted-blocks"}
        )
    return Cohort(cohort.manifest, tables)


def _scores(
    protocol: Protocol, cohort: Cohort, scales: list[str], names: np.ndarray, arm: np.ndarray, rng: np.random.Generator,
    effect: float, missing: float,
) -> pl.DataFrame:  # fmt: skip
    asked = occasions(protocol)
    common = rng.normal(size=len(names))
    frames = []
    for ref in scales:
        facts, instrument = cohort.scale(ref), ref.split(".")[0]
        points = [o for o in asked if any(instrument in names_ for names_ in o.asked.values())]
        middle, sd = (facts.minimum + facts.maximum) / 2, (facts.maximum - facts.minimum) / 6
        person = 0.6 * common + 0.5 * rng.normal(size=len(names))
        for k, occasion in enumerate(points):
            who = next(w for w in INFORMANTS if instrument in occasion.asked.get(w, ()))
            share = k / max(len(points) - 1, 1)
            size = effect * share * np.where(arm == next(iter(protocol.arms)), 1.0, 0.5)
            value = middle + sd * (person + 0.6 * rng.normal(size=len(names)) + (facts.sign or 1) * size)
            value = value.clip(facts.minimum, facts.maximum).round(2)
            gone = (rng.random(len(names)) < missing) & (k > 0)
            frames.append(pl.DataFrame({
                "participant": names, "informant": who, "instrument": instrument, "scale": ref.split(".")[1],
                "time_point": occasion.name, "day": k * 30, "value": value, "wording": "invented",
            }).filter(~pl.Series(gone)))  # fmt: skip
    return pl.concat(frames)


def _lessons(names: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    done = rng.integers(1, 6, len(names))
    rows = [(p, f"lesson_{k + 1}", k + 1, 7 * k, 7 * k + 5 if k < d else None) for p, d in zip(names, done, strict=True)
            for k in range(min(d + 1, 5))]  # fmt: skip
    return pl.DataFrame(rows, schema=["participant", "lesson", "number", "opened_day", "completed_day"], orient="row")


def _sessions(names: np.ndarray) -> pl.DataFrame:
    rows = [(p, f"session_{k}", k, 7 * k, "attended") for p in names for k in range(1, 9)]
    return pl.DataFrame(rows, schema=["participant", "session", "number", "day", "state"], orient="row")


def _contacts(names: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    minutes = rng.gamma(4, 3, len(names) * 2).round(1)
    return pl.DataFrame({
        "participant": np.repeat(names, 2), "day": np.tile([7, 14], len(names)),
        "mode": ["asynchronous", "synchronous"] * len(names), "channel": ["message", "phone"] * len(names),
        "minutes": minutes,
    })  # fmt: skip
