"""Intervals against the truth, the long version: 2,000 simulated and analysed cohorts of each protocol.

The short version with its limits is tests/science/loop; this one runs the same loop over processes and writes the rates
down. A rate of 2,000 is known to about half a point in a hundred.

    python benchmarks/coverage.py [cohorts]
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "science" / "loop"))

import holding
from test_coverage import MOVED, PEOPLE

from accord.science.protocols import load_protocol

COHORTS, PART = 2_000, 50
FIRST_SEED = 10_000  # others than those of the test


def part(name: str, people: int, first: int, count: int) -> dict[str, holding.Record]:
    return holding.run(load_protocol(name), people, range(first, first + count))


def measured(pool: Executor, name: str, people: int, cohorts: int) -> list[dict[str, object]]:
    """One row for each target."""
    starts = range(FIRST_SEED, FIRST_SEED + cohorts, PART)
    parts = [pool.submit(part, name, people, first, min(PART, FIRST_SEED + cohorts - first)) for first in starts]
    rows: list[dict[str, object]] = []
    for role, record in holding.merged(one.result() for one in parts).items():
        work = f"{name}, {people:,} people, {role}"
        if not record.n:
            rows.append({"work": work, "ours": f"refused {record.refused:,} times (too few clusters)"})
            continue
        low, high = holding.limits(record.n, holding.LEVEL)
        moved = f"; of a truth moved by {MOVED} SD {record.held(MOVED) / record.n:.3f}" if record.unit else ""
        rows.append({
            "work": work, "ours": f"{record.held() / record.n:.4f} of {record.n:,}{moved}",
            "target": f"{low / record.n:.4f} to {high / record.n:.4f}",
            "reached": "yes" if low <= record.held() <= high else "no",
        })  # fmt: skip
    return rows


def main() -> None:
    cohorts = int(sys.argv[1]) if sys.argv[1:] else COHORTS
    rows: list[dict[str, object]] = []
    with ProcessPoolExecutor() as pool:
        for name, people in [*PEOPLE.items(), ("mair", 41)]:
            rows += measured(pool, name, people, cohorts)
    print(json.dumps({"rows": rows, "note": "Target: the central 99 % of a binomial count with 95 in 100."}))


if __name__ == "__main__":
    main()
