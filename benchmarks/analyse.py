"""`accord analyse` on invented cohorts of the routine-care protocol, start to written report, each in its own process.

Two sizes: the seconds and the peak memory of both, and how memory grew beside the number of people. Targets: 1,367
people under 10 s, 100,000 under 60 s, memory growing no faster than the data. Nothing asserts time.

    python benchmarks/analyse.py [small] [large]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ACCORD = [sys.executable, "-m", "accord"]
TARGETS = {"small": 10.0, "large": 60.0}


def run(*arguments: str) -> tuple[float, float]:
    """Wall-clock seconds and peak megabytes of one command."""
    start = time.perf_counter()
    process = subprocess.Popen([*ACCORD, *arguments], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"accord {' '.join(arguments)} left with {process.returncode}")
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def cohort(folder: Path, people: int) -> Path:
    place = folder / str(people)
    run("simulate", "routine-care", "-n", str(people), "--seed", "1", "--out", str(place))
    return place


def row(work: str, target: float, seconds: float, peak: float) -> dict[str, str]:
    reached = "yes" if seconds < target else "no"
    return {
        "work": work, "reference": "", "ours": f"{seconds:.1f} s, {peak:.0f} MB", "ratio": "",
        "target": f"under {target:.0f} s", "reached": reached,
    }  # fmt: skip


def main() -> None:
    small, large = (int(n) for n in (sys.argv[1:] or ["1367", "100000"]))
    rows = []
    peaks = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for people, target in ((small, TARGETS["small"]), (large, TARGETS["large"])):
            place = cohort(folder, people)
            seconds, peak = run("analyse", "routine-care", "--cohort", str(place), "--out", str(folder / f"r{people}"))
            peaks.append(peak)
            rows.append(row(f"analyse routine-care, {people:,} people", target, seconds, peak))
    grown, more = peaks[1] / peaks[0], large / small
    reached = "yes" if grown <= more else "no"
    rows.append({
        "work": f"memory for {more:.0f} times the people", "reference": f"{more:.0f} times",
        "ours": f"{grown:.1f} times", "ratio": f"{more / grown:.0f}", "target": "no faster than the data",
        "reached": reached,
    })  # fmt: skip
    for one in rows:
        print(f"{one['work']:<45} {one['ours']:>22}   {one['target']}")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"rows": rows, "note": f"Peak memory of this script itself: {own:.0f} MB."}))


if __name__ == "__main__":
    main()
