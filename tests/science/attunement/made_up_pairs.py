"""Small recordings with known coupling, as files, and a study of them."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.cli.main import main
from accord.science.cohort import Cohort, Manifest, write_cohort

RATE = 4.0


def run(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["accord", *map(str, words)])
    with pytest.raises(SystemExit) as left:
        main()
    return int(left.value.code or 0)


def slow(n: int, rng: np.random.Generator) -> np.ndarray:
    """A smooth course of SD 1: heart rate over minutes."""
    course = np.convolve(rng.standard_normal(n + 60), np.hanning(21), "same")[30 : n + 30]
    return (course - course.mean()) / course.std()


def pair(
    seed: int, *, coupling: float = 0.8, lag_s: float = 2.0, minutes: float = 6.0
) -> tuple[np.ndarray, np.ndarray]:
    """Two heart rates; the second shows `coupling` of the first's variance `lag_s` later."""
    rng = np.random.default_rng(seed)
    n, late = int(minutes * 60 * RATE), int(lag_s * RATE)
    shared, own = slow(n + late, rng), slow(n, rng)
    return 72 + 4 * shared[late:], 66 + 4 * (np.sqrt(coupling) * shared[:n] + np.sqrt(1 - coupling) * own)


def write(path: Path, values: np.ndarray, *, start: float = 0.0, rate: float = RATE, time: str = "time_s") -> Path:
    frame = pl.DataFrame({time: start + np.arange(len(values)) / rate, "heart_rate": np.round(values, 4)})
    frame.write_csv(path)
    return path


def write_study(folder: Path, *, people: int = 3, sessions: int = 3, minutes: float = 6.0) -> Path:
    """A cohort with recordings of heart rate in `signals`; person 0 is coupled strongly, the last not at all."""
    names = [f"p{k}" for k in range(people)]
    frame = pl.DataFrame({"participant": names, "role": ["patient"] * people, "therapist": ["t1"] * people})
    cohort = write_cohort(Cohort(Manifest(origin="real", title="A small study"), {"participants": frame}), folder)
    (cohort / "signals").mkdir()
    rows = []
    for k, name in enumerate(names):
        for s in range(1, sessions + 1):
            strong = 0.9 * (1 - k / max(people - 1, 1))
            courses = pair(100 * k + s, coupling=strong, minutes=minutes)
            for who, values in zip(("patient", "therapist"), courses, strict=True):
                file = write(cohort / "signals" / f"{name}_{s}_{who}.csv", values).name
                rows.append({"participant": name, "session": f"session_{s}", "who": who, "signal": "heart_rate",
                             "file": file, "day": 7 * s, "clock_error_s": 0})  # fmt: skip
    write_index(cohort / "signals", rows)
    return cohort


def write_index(folder: Path, rows: list[dict[str, object]]) -> Path:
    with (folder / "index.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(key for row in rows for key in row)))
        writer.writeheader()
        writer.writerows(rows)
    return folder / "index.csv"
