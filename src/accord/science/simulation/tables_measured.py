"""What was measured on bodies: laboratory values, recordings, and the synchrony of two people."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.protocols.model import SimulatedMarker
from accord.science.simulation.columns import days, numbers, words
from accord.science.simulation.course import Course
from accord.science.simulation.design import SYNCHRONY, SYNCHRONY_MEAN, SYNCHRONY_SD, Design
from accord.science.simulation.people import People
from accord.science.simulation.streams import stream

Array = NDArray[Any]
# Constants of the simulator (docs/explanation/simulation.md).
SAMPLE_LOST = 0.04
FASTED = 0.95
BATCH = 40  # people whose samples are assayed together
BATCH_SD = 0.05  # log
RATES = {"heart_rate": 4.0, "ecg": 250.0, "skin_conductance": 32.0, "respiration": 32.0}
LENGTHS = {"session": 3000.0}
OTHER_RATE, OTHER_LENGTH = 32.0, 300.0
USABLE = (14.0, 2.0)  # beta
RECORDING_FAILED = 0.03
WINDOW = 30.0  # seconds
SURROGATES = (0.10, 0.02)
LEAST_QUALITY = 0.5


def marker_change(said: SimulatedMarker, time_point: str, arm: str) -> float:
    """Change in log-SDs at a time-point in an arm."""
    value = said.change.get(time_point, 0.0)
    return value.get(arm, 0.0) if isinstance(value, dict) else value


def measurements_table(
    design: Design, people: People, course: Course, ids: pl.Series, reference: pl.DataFrame | None, seed: int
) -> pl.DataFrame | None:
    """Values of every biomarker at its time-points; below the detection limit the value is empty."""
    markers = design.protocol.endpoints.biomarkers
    if not markers:
        return None
    rng = stream(seed, "laboratory", chunk=people.chunk)
    healthy, group = stream(seed, "healthy"), design.protocol.population.reference_group
    parts = []
    rho = design.simulate.correlation.get("occasions", 0.6)
    for name, clause in markers.items():
        said = design.simulate.biomarkers.get(name)
        if said is None:
            continue
        stays = rng.standard_normal(people.n)
        for point in clause.at:
            o = design.occasion(point)
            if o is None:
                continue
            shift = np.array([marker_change(said, point, arm) for arm in design.arms])[people.arm]
            normal = math.sqrt(rho) * stays + math.sqrt(1 - rho) * rng.standard_normal(people.n) + shift
            there = course.due[:, o] & ~course.gone[:, o] & (rng.random(people.n) > SAMPLE_LOST)
            who = np.flatnonzero(there)
            parts.append(
                _samples(design, name, said, ids.gather(who), normal[who], point, course.day[who, o], who, rng)
            )
        if reference is not None and group is not None and name in group.measured:
            normal, day = healthy.standard_normal(reference.height), np.zeros(reference.height, int)
            ids_there = reference["participant"]
            parts.append(_samples(design, name, said, ids_there, normal, clause.at[0], day, day, healthy))
    return pl.concat(parts) if parts else None


def _samples(
    design: Design,
    name: str,
    said: SimulatedMarker,
    ids: pl.Series,
    normal: Array,
    point: str,
    day: Array,
    who: Array,
    rng: np.random.Generator,
) -> pl.DataFrame:
    clause = design.protocol.endpoints.biomarkers[name]
    batch = who // BATCH
    drift = BATCH_SD * np.sin(1.0 + 2.4 * batch + len(name))  # each batch off by a little, the same for all its samples
    value = said.geometric_mean * np.exp(said.log_sd * normal + drift)
    limit = clause.detection_limit
    below = value < limit if limit else np.zeros(len(value), bool)
    fasting = rng.random(len(value)) < FASTED
    return pl.DataFrame({
        "participant": ids, "measure": pl.Series("", [name]).new_from_index(0, len(value)),
        "unit": pl.Series("", [clause.unit]).new_from_index(0, len(value)),
        "time_point": pl.Series("", [point]).new_from_index(0, len(value)), "day": days(day),
        "value": numbers(np.where(below, np.nan, np.round(value, 4))), "below_limit": pl.Series("", below),
        "limit": pl.Series("", [limit], dtype=pl.Float64).new_from_index(0, len(value)),
        "batch": words([f"b{number + 1}" for number in range(int(batch.max(initial=0)) + 1)], batch).cast(pl.String),
        "fasting": pl.Series("", fasting if clause.fasting else [None] * len(value), dtype=pl.Boolean),
        "hour": numbers(np.round(rng.uniform(7.5, 10.5, size=len(value)), 2)),
    })  # fmt: skip


# --- recordings and synchrony -----------------------------------------------------------------------------------------


def recorded_tables(
    design: Design, people: People, course: Course, ids: pl.Series, therapists: pl.Series, scores: Array, seed: int
) -> dict[str, pl.DataFrame]:
    """Recordings of both bodies at the protocol's sessions, and synchrony where enough of both is usable."""
    clause = design.protocol.recordings
    if clause is None:
        return {}
    rng = stream(seed, "recordings", chunk=people.chunk)
    recordings, synchrony = [], []
    for point in clause.at:
        o = design.occasion(point)
        if o is None:
            continue
        there = np.flatnonzero(course.due[:, o] & ~course.gone[:, o])
        therapist = therapists.gather(people.therapist[there])
        for signal in clause.signals:
            usable = {(who, phase): _usable(len(there), rng) for who in clause.who for phase in clause.phases}
            recordings += [_recording(design, ids, course, there, o, who, signal, phase, share)
                           for (who, phase), share in usable.items()]  # fmt: skip
            phase = "session" if "session" in clause.phases else clause.phases[0]
            quality = np.min([usable[who, phase] for who in clause.who], axis=0)
            synchrony.append(_coupled(design, ids, therapist, course, there, o, signal, quality, scores, rng))
    return {"recordings": pl.concat(recordings), "synchrony": pl.concat(synchrony)}


def _usable(n: int, rng: np.random.Generator) -> Array:
    return np.where(rng.random(n) < RECORDING_FAILED, 0.0, rng.beta(*USABLE, size=n))


def _session_of(design: Design, o: int) -> str:
    anchor = design.occasions[o].anchor
    return f"session_{anchor.removeprefix('session:')}" if anchor.startswith("session:") else design.occasions[o].name


def _recording(
    design: Design,
    ids: pl.Series,
    course: Course,
    there: Array,
    o: int,
    who: str,
    signal: str,
    phase: str,
    usable: Array,
) -> pl.DataFrame:
    fixed: dict[str, Any] = {
        "session": _session_of(design, o), "time_point": design.occasions[o].name, "who": who, "signal": signal,
        "phase": phase, "rate_hz": RATES.get(signal, OTHER_RATE), "seconds": LENGTHS.get(phase, OTHER_LENGTH),
    }  # fmt: skip
    frame = pl.DataFrame({"participant": ids.gather(there), "day": days(course.day[there, o])})
    return frame.with_columns(usable=numbers(np.round(usable, 3)), **_fixed(fixed))


def _fixed(values: dict[str, Any]) -> dict[str, pl.Expr]:
    return {name: pl.lit(value) for name, value in values.items()}


def _coupled(
    design: Design,
    ids: pl.Series,
    therapist: pl.Series,
    course: Course,
    there: Array,
    o: int,
    signal: str,
    quality: Array,
    scores: Array,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Synchrony of a signal: the one that an association names is part of the model, others are on their own."""
    from scipy.special import ndtr

    place = design.construct(f"{SYNCHRONY}:{signal}")
    cell = design.cell(place, o) if place is not None else None
    alone = SYNCHRONY_MEAN + SYNCHRONY_SD * rng.standard_normal(len(there))
    value = np.round(scores[there, cell] if cell is not None else alone, 4)
    clause = design.protocol.recordings
    fixed = {
        "session": _session_of(design, o), "time_point": design.occasions[o].name, "signal": signal,
        "method": (clause.primary_index.partition(":")[2] if clause else "") or "index",
        "surrogate_mean": SURROGATES[0], "surrogate_sd": SURROGATES[1], "leader": "none",
    }  # fmt: skip
    effect = (value - SURROGATES[0]) / SURROGATES[1]
    lag = np.round(rng.normal(0, 2, size=len(there)), 1)
    windows = (quality * LENGTHS["session"] / WINDOW).astype(np.int32)
    frame = pl.DataFrame({
        "participant": ids.gather(there), "therapist": therapist, "day": days(course.day[there, o]),
        "value": numbers(value), "effect_size": numbers(np.round(effect, 3)), "p": numbers(np.round(ndtr(-effect), 4)),
        "peak_lag_s": numbers(lag), "windows": pl.Series("", windows), "quality": numbers(np.round(quality, 3)),
    })  # fmt: skip
    return frame.filter(pl.Series(quality >= LEAST_QUALITY)).with_columns(**_fixed(fixed))
