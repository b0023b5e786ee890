"""The signal files behind an invented cohort: two bodies a session, coupled as strongly as the cohort says.

In the phase `session` a share c of the variance of both courses is one common course, which the follower shows `lag_s`
later; the rest, and everything in the other phases, is each person's own. c follows the synchrony that the cohort
invented for that session: c = .35 + .20 (value - mean) / SD, kept in 0 to .9. What must not count as coupling is there
too: both settle after arrival (a common falling trend), and both talk by turns, which moves heart and breath. What was
put in stands in `put_in.csv`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.cohort import Cohort
from accord.science.errors import BadInput
from accord.science.simulation.design import SYNCHRONY_MEAN, SYNCHRONY_SD

Array = NDArray[np.float64]
FOLDER = "signals"
RATE = 4.0
BEFORE_AFTER = 120.0  # seconds of every phase but the session
COUPLING = (0.35, 0.20, 0.0, 0.9)  # mean, SD, least, most
LAGS = (1.5, 0.5, 3.0)  # mean and SD between dyads; at most
MOST_PEOPLE = 5_000
_COLUMNS = (
    "participant",
    "session",
    "time_point",
    "day",
    "who",
    "signal",
    "file",
    "column",
    "time",
    "clock_error_s",
    "phases",
)


@dataclass(frozen=True, slots=True)
class Body:
    """How a signal looks: level, spread of the slow course, how far it settles, how talking moves it, its rounding."""

    unit: str
    level: float
    between: float
    sd: float
    settles: float
    talking: float
    digits: int


BODIES = {
    "heart_rate": Body("1/min", 72.0, 7.0, 3.0, 4.0, 1.0, 2),
    "skin_conductance": Body("uS", 6.0, 1.5, 0.5, 0.8, 0.05, 4),
    "respiration": Body("a.u.", 0.0, 0.0, 1.0, 0.0, 0.3, 3),
}
OTHER = Body("a.u.", 0.0, 0.0, 1.0, 1.0, 0.3, 3)


def write_signals(cohort: Cohort, folder: Path, *, seed: int, minutes: float = 10.0) -> int:
    """Write one Parquet file for each body and session, `index.csv` and `put_in.csv`; returns how many sessions.

    `cohort` is a simulated one with the tables `recordings` and `synchrony`; `folder` is made. The same cohort and
    seed give the same bytes. A signal whose recording failed in the cohort is a flat line; of one that is usable in
    part the rest is missing. Raises BadInput for a cohort without recordings or a session of no length.
    """
    sessions = _sessions(cohort, minutes)
    folder.mkdir(parents=True, exist_ok=True)
    index: list[dict[str, Any]] = []
    put_in: list[dict[str, Any]] = []
    for one in sessions:
        for who, frame in _recorded(one, seed, put_in):
            name = f"{one.participant}_{one.session}_{who}-invented.parquet"
            frame.write_parquet(folder / name, compression="zstd")
            index += [one.row(who, signal, name) for signal in one.signals]
    (folder / "index.csv").write_bytes(_csv(index, _COLUMNS))
    columns = ("participant", "session", "signal", "value", "coupling", "lag_s")
    (folder / "put_in.csv").write_bytes(_csv(put_in, columns))
    return len(sessions)


@dataclass(frozen=True, slots=True)
class _Session:
    participant: str
    session: str
    time_point: str | None
    day: int | None
    signals: tuple[str, ...]
    phases: tuple[tuple[str, float, float], ...]
    usable: Mapping[tuple[str, str], float]  # (who, signal) in the main phase
    values: Mapping[str, float]  # signal -> synchrony of the cohort

    def row(self, who: str, signal: str, file: str) -> dict[str, Any]:
        phases = "|".join(f"{name} {start:g}-{end:g}" for name, start, end in self.phases)
        return {
            "participant": self.participant, "session": self.session, "time_point": self.time_point, "day": self.day,
            "who": who, "signal": signal, "file": file, "column": signal, "time": "time_s",
            "clock_error_s": 0, "phases": phases,  # one invented clock for both
        }  # fmt: skip

    @property
    def main(self) -> tuple[float, float]:
        found = next((p for p in self.phases if p[0] == "session"), self.phases[0])
        return found[1], found[2]


def _sessions(cohort: Cohort, minutes: float) -> list[_Session]:
    recordings = cohort.table("recordings")
    if recordings.is_empty():
        raise BadInput("This cohort has no recordings.", cure="Simulate a protocol that records, such as integro.")
    if not minutes > 0:
        raise BadInput(f"A session of {minutes:g} minutes.", cure="Give the minutes of a session, such as 10.")
    people = recordings["participant"].n_unique()
    if people > MOST_PEOPLE:
        raise BadInput(f"Signals for {people:,} people are too many.", cure=f"Simulate at most {MOST_PEOPLE:,}.")
    invented = {
        (row["participant"], row["session"], row["signal"]): row["value"]
        for row in cohort.table("synchrony").iter_rows(named=True)
    }
    names = list(dict.fromkeys(recordings["phase"].drop_nulls().to_list())) or ["session"]
    phases = _phases(names, 60 * minutes)
    main = "session" if "session" in names else names[0]
    keys = ["participant", "session", "time_point", "day"]
    found = []
    for key, rows in recordings.sort(*keys, "signal", "who").group_by(keys, maintain_order=True):
        participant, session, time_point, day = key
        signals = tuple(rows["signal"].unique(maintain_order=True).to_list())
        there = rows.filter(pl.col("phase").is_null() | (pl.col("phase") == main))
        usable = {(r["who"], r["signal"]): float(r["usable"] or 0.0) for r in there.iter_rows(named=True)}
        values = {s: float(invented.get((participant, session, s), SYNCHRONY_MEAN)) for s in signals}
        found.append(_Session(str(participant), str(session), _text(time_point), _whole(day), signals, phases, usable,
                              values))  # fmt: skip
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, int) else None


def _phases(names: list[str], main: float) -> tuple[tuple[str, float, float], ...]:
    found, start = [], 0.0
    for name in names:
        end = start + (main if name == "session" or len(names) == 1 else BEFORE_AFTER)
        found.append((name, start, end))
        start = end
    return tuple(found)


def _recorded(one: _Session, seed: int, put_in: list[dict[str, Any]]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Patient and therapist with all signals of the session as columns."""
    rng = _stream(seed, one.participant, one.session)
    lag = float(np.clip(_stream(seed, one.participant).normal(LAGS[0], LAGS[1]), 0.0, LAGS[2]))
    n = int(one.phases[-1][2] * RATE)
    times = np.arange(n) / RATE
    turns = _turns(n, rng)
    columns: dict[str, dict[str, Array]] = {"patient": {}, "therapist": {}}
    for signal in one.signals:
        share = (one.values[signal] - SYNCHRONY_MEAN) / SYNCHRONY_SD
        coupling = float(np.clip(COUPLING[0] + COUPLING[1] * share, COUPLING[2], COUPLING[3]))
        body = BODIES.get(signal, OTHER)
        both = _pair(times, one.main, coupling, lag, signal, rng)
        for k, who in enumerate(columns):
            speaks = turns if who == "patient" else 1 - turns
            course = _body(body, both[k], times, speaks, signal, rng)
            columns[who][signal] = _damaged(course, one.usable.get((who, signal), 1.0), rng)
        put_in.append({
            "participant": one.participant, "session": one.session, "signal": signal,
            "value": round(one.values[signal], 4), "coupling": round(coupling, 4), "lag_s": round(lag, 3),
        })  # fmt: skip
    for who, signals in columns.items():
        yield who, pl.DataFrame({"time_s": times, **{k: pl.Series(v, nan_to_null=True) for k, v in signals.items()}})


def _stream(seed: int, *names: str) -> np.random.Generator:
    """One for each dyad and session, so that neither the order of work nor a further session changes another's."""
    words = [int.from_bytes(name.encode()[:16].ljust(16, b"\0"), "little") for name in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *words])))


def _pair(
    times: Array, main: tuple[float, float], coupling: float, lag: float, signal: str, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Two courses of variance 1 that share `coupling` of it within `main`; the second follows by `lag` seconds."""
    spare = int(LAGS[2] * RATE) + 1
    shared, first, second = (_slow(len(times) + spare, signal, rng) for _ in range(3))
    late = np.interp(times - lag + spare / RATE, np.arange(len(shared)) / RATE, shared)
    inside = np.where((times >= main[0]) & (times < main[1]), coupling, 0.0)
    own = np.sqrt(1 - inside)
    x = np.sqrt(inside) * shared[spare:] + own * first[spare:]
    return x, np.sqrt(inside) * late + own * second[spare:]


def _slow(n: int, signal: str, rng: np.random.Generator) -> Array:
    """A course with power falling as 1/f between .01 and .12 Hz (breath: a band around .25 Hz), mean 0, variance 1."""
    size = int(2 ** np.ceil(np.log2(n)))
    f = np.fft.rfftfreq(size, 1 / RATE)
    if signal == "respiration":
        gain = np.exp(-0.5 * ((f - 0.25) / 0.04) ** 2)
    else:
        gain = np.where((f >= 0.01) & (f <= 0.12), 1 / np.sqrt(np.maximum(f, 0.01)), 0.0)
    course = np.fft.irfft(gain * np.exp(2j * np.pi * rng.random(len(f))), size)[:n]
    return np.asarray((course - course.mean()) / course.std(), dtype=np.float64)


def _turns(n: int, rng: np.random.Generator) -> Array:
    """1 while the patient speaks, 0 while the therapist does; turns of 6 to 40 seconds, softened over 2 seconds."""
    lengths = rng.uniform(6.0, 40.0, size=int(n / RATE / 6) + 2) * RATE
    edges = np.cumsum(lengths)
    turn = (np.searchsorted(edges, np.arange(n)) + rng.integers(2)) % 2
    window = np.ones(int(2 * RATE)) / int(2 * RATE)
    return np.asarray(np.convolve(turn, window, mode="same"), dtype=np.float64)


def _body(body: Body, course: Array, times: Array, speaks: Array, signal: str, rng: np.random.Generator) -> Array:
    settling = body.settles * np.exp(-times / 240.0)
    values = body.level + body.between * rng.standard_normal() + body.sd * course + settling
    values += body.talking * (speaks - 0.5)
    if signal == "heart_rate":  # the breath in the heart: about a beat a minute, at a rate of her own
        values += np.sin(2 * np.pi * rng.uniform(0.2, 0.3) * times + rng.uniform(0, 6.28))
    values += 0.05 * body.sd * rng.standard_normal(len(times))
    if signal == "skin_conductance":
        values = np.maximum(values, 0.2)
    return np.asarray(np.round(values, body.digits), dtype=np.float64)


def _damaged(course: Array, usable: float, rng: np.random.Generator) -> Array:
    """A failed sensor shows its first value for ever; else stretches of 20 s are missing, as many as are not usable."""
    if usable <= 0:
        return np.full_like(course, course[0])
    step = int(20 * RATE)
    blocks = -(-len(course) // step)
    lost = rng.permutation(blocks)[: int((1 - usable) * blocks)]
    damaged = course.copy()
    for block in lost:
        damaged[block * step : (block + 1) * step] = np.nan
    return damaged


def _csv(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
