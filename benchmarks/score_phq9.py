"""A million PHQ-9 sheets with the missing rule: the package against a row-by-row Python loop of the same rule.

Both score the same invented answers in this run and must agree on every row; the ratio is printed as one line and as
JSON. Target: at least 50 times as fast, under 1 GB. Nothing asserts time.

    python benchmarks/score_phq9.py [rows]
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import polars as pl

from accord.science.instruments import Instrument, load_instrument, score_answers

TARGET = 50.0


def invented_answers(rows: int) -> pl.DataFrame:
    """Answers 0 to 3 with one in twelve left out, the same for every run."""
    rng = np.random.default_rng(9)
    values = rng.integers(0, 4, size=(rows, 9), dtype=np.int8)
    missing = rng.random((rows, 9), dtype=np.float32) < 1 / 12
    columns = {
        f"item_{item + 1}": pl.Series(values[:, item]).set(pl.Series(missing[:, item]), None) for item in range(9)
    }
    return pl.DataFrame(columns)


def loop(phq: Instrument, rows: list[tuple[int | None, ...]]) -> list[tuple[float | None, int, str | None]]:
    """The printed rule, one sheet after the other: the fair way to write it in plain Python."""
    scale = phq.scales["total"]
    needed, of = scale.missing.needed(9), len(scale.items)
    bands = [(band.low, band.name) for band in scale.bands]
    scored: list[tuple[float | None, int, str | None]] = []
    for row in rows:
        total = answered = 0
        for value in row:
            if value is not None:
                if not 0 <= value <= 3:
                    raise ValueError(value)
                total += value
                answered += 1
        if answered < needed:
            scored.append((None, answered, None))
            continue
        score = total * of / answered
        name = bands[0][1]
        for low, band in bands:
            if score >= low:
                name = band
        scored.append((score, answered, name))
    return scored


def seconds(run: Callable[[], object], times: int) -> float:
    """The shortest of several runs: what the work takes when nothing else wants the machine."""
    best = float("inf")
    for _ in range(times):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    phq, frame = load_instrument("phq_9"), invented_answers(rows)
    scored = score_answers(phq, frame)
    ours = seconds(lambda: score_answers(phq, frame), 10)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # before the loop's own lists are made
    sheets = frame.rows()
    theirs = seconds(lambda: loop(phq, sheets), 3)
    ours = min(ours, seconds(lambda: score_answers(phq, frame), 10))
    same = scored.select("total", "answered", "band").rows() == loop(phq, sheets)
    print(
        f"PHQ-9, {rows:,} sheets: {ours:.3f} s against {theirs:.2f} s in a loop: {theirs / ours:.0f} times as fast,"
        f" peak {memory:.0f} MB, same result on every row: {same}"
    )
    time_row = {
        "work": f"PHQ-9 with its missing rule, {rows:,} sheets", "reference": f"row-by-row loop {theirs:.2f} s",
        "ours": f"{ours:.4f} s", "ratio": round(theirs / ours), "target": f"{TARGET:g} times",
        "reached": "yes" if theirs / ours >= TARGET and same else "no",
    }  # fmt: skip
    memory_row = {
        "work": "the same, peak memory", "ours": f"{memory:.0f} MB", "target": "under 1 GB",
        "reached": "yes" if memory < 1024 else "no",
    }  # fmt: skip
    print(json.dumps({"rows": [time_row, memory_row], "note": f"Same result on every row: {same}."}))


if __name__ == "__main__":
    main()
