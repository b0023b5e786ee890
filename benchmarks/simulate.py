"""A million people, written in chunks: time, memory, bytes; and one cohort of each protocol in memory.

Targets: a million in about two minutes and under 2 GB, 1,367 people of routine care in half a second. Nothing asserts
time.

    python benchmarks/simulate.py [people]
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from accord.science.protocols import load_protocol, protocol_names
from accord.science.simulation import design_of, simulate, true_values

PEOPLE = 1_000_000


def large(people: int) -> dict[str, object]:
    """A process of its own, so that the memory is its own."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "cohort"
        start = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "accord",
            "simulate",
            "routine-care",
            "-n",
            str(people),
            "--out",
            str(out),
            "--json",
        ]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        seconds = time.perf_counter() - start
        rows = json.loads(done.stdout)["tables"]["scores"]
        size = sum(file.stat().st_size for file in out.rglob("*.parquet"))
        shutil.rmtree(out)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1e6
    return {
        "work": f"routine-care, {people:,} people written ({rows:,} scores, {size / 1e6:.0f} MB)",
        "ours": f"{seconds:.0f} s, {peak:.2f} GB", "target": "120 s, 2 GB for a million",
        "reached": "" if people != PEOPLE else "yes" if seconds <= 130 and peak < 2 else "no",
    }  # fmt: skip


def one(name: str) -> dict[str, object]:
    protocol = load_protocol(name)
    n = protocol.sample_size.n
    simulate(protocol, n=n, seed=0, truth=False)
    start = time.perf_counter()
    for seed in range(5):
        simulate(protocol, n=n, seed=seed, truth=False)
    seconds = (time.perf_counter() - start) / 5
    return {"work": f"{name}, {n:,} people in memory", "ours": f"{seconds:.3f} s", "target": "0.15 s",
            "reached": "yes" if seconds < 0.15 else "no"}  # fmt: skip


def truth(name: str) -> dict[str, object]:
    start = time.perf_counter()
    values = true_values(design_of(load_protocol(name)))
    seconds = time.perf_counter() - start
    return {"work": f"{name}, truth ({len(values)} values, once in a process)", "ours": f"{seconds:.1f} s"}


def main() -> None:
    people = int(sys.argv[1]) if sys.argv[1:] else PEOPLE
    names = [name for name in protocol_names() if load_protocol(name).simulate is not None]
    rows = [large(people), *(one(name) for name in names), *(truth(name) for name in names)]
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
