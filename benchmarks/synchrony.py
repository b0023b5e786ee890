"""Synchrony: ours against rMEA, SUSY and DyadSync in R, on the same two invented sessions.

Each is timed in R in this run where its package is installed (R's distribution does not carry them); else the figure
is the one measured earlier, marked "not this run", and the results are those that tests/published holds ours against.
Prints a table and, on the last line, one JSON object. Nothing asserts time.

    python benchmarks/synchrony.py [--without-r] [--quick]
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from accord.science.synchrony import susy, synchrony
from accord.science.synchrony.settings import Settings

DATA = Path(__file__).parent.parent / "tests" / "published" / "data" / "synchrony"
# Median milliseconds under R 4.2.2 on Debian 12, two cores, one thread: rMEA 1.2.2, SUSY 0.1.0, DyadSync 1.3.2.
# rMEA's 500 surrogates are 500 passes (extrapolated).
EARLIER = {"pass": 574.6, "surrogates": 290_000.0, "pairs": 19_747.0, "amico": 873.1}
PEER = {"pass": "rMEA", "surrogates": "rMEA", "pairs": "SUSY", "amico": "DyadSync"}
TARGET = {"pass": 10.0, "pairs": 400.0, "amico": 17.0}

R_SCRIPT = """
a <- commandArgs(TRUE); d <- read.csv(a[1]); out <- list()
tm <- function(f, n) { t <- numeric(n); for (i in 1:n) { t0 <- Sys.time(); f()
  t[i] <- as.numeric(difftime(Sys.time(), t0, units = "secs")) }; 1000 * median(t) }
has <- function(p) suppressWarnings(suppressMessages(requireNamespace(p, quietly = TRUE)))
if (has("rMEA")) {
  m <- rMEA::MEA(d, sampRate = 10, s1Name = "x", s2Name = "y")
  out$pass <- tm(function() rMEA::MEAccf(m, lagSec = 5, winSec = 30, incSec = 10, r2Z = TRUE, ABS = TRUE), 5)
}
if (has("SUSY")) out$pairs <- tm(function() SUSY::susy(d, segment = 30L, Hz = 10L, maxlag = 5L), 1)
cat(if (length(out)) jsonlite::toJSON(out, auto_unbox = TRUE) else "{}", file = a[2])
"""


def session(name: str) -> Any:
    with gzip.open(DATA / f"{name}.csv.gz", "rt") as lines:
        return np.loadtxt(lines, delimiter=",", skiprows=1)


def milliseconds(work: Callable[[], Any], repeats: int) -> float:
    """Median processor time over repeats after one warm-up: one thread, so that it is the wall clock of a quiet
    machine, whoever else is busy."""
    work()
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        taken.append(time.process_time() - start)
    return 1000 * statistics.median(taken)


def theirs(hour: Any) -> dict[str, float]:
    """Milliseconds of what R has installed; empty where it has nothing."""
    if shutil.which("Rscript") is None or "--without-r" in sys.argv:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        script, data, out = (Path(folder) / name for name in ("b.R", "d.csv", "o.json"))
        script.write_text(R_SCRIPT)
        np.savetxt(data, hour, delimiter=",", header="x,y", comments="")
        done = subprocess.run(["Rscript", script, data, out], capture_output=True, text=True, check=False)
        if done.returncode or not out.exists():
            print(f"R: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return {}
        found: dict[str, float] = json.loads(out.read_text())
    return found


def one_dyad(seed: int) -> float:
    """An hour of two strangers at 10 Hz, 500 surrogates out of their segments."""
    a, b = np.random.default_rng(seed).standard_normal((2, 36_000))
    found = synchrony(a, b, rate_hz=10, method="susy", surrogate="segment-shuffle", surrogates=500)
    return float(found.p or 0.0)


def many(count: int) -> tuple[float, float]:
    """Seconds, and seconds of processor, for so many dyads in two processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(one_dyad, range(count), chunksize=8))
    taken, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return taken, after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime


def loop(x: Any, y: Any) -> float:
    """The pass written out with numpy.corrcoef, as one would without a library."""
    total = 0.0
    for first in range(0, len(x) - 350 + 1, 100):
        for lag in range(-50, 51):
            left, right = first + max(-lag, 0), first + max(lag, 0)
            total += np.arctanh(np.corrcoef(x[left : left + 300], y[right : right + 300])[0, 1])
    return float(total)


def row(name: str, what: str, ms: float, reference: dict[str, float]) -> dict[str, Any]:
    measured = reference.get(name)
    other = measured or EARLIER[name]
    unit = f"{other:,.0f} ms" if other < 1e4 else f"{other / 1000:,.0f} s"
    unit += "" if measured else ", not this run"
    ratio, target = other / ms, TARGET.get(name)
    return {
        "work": what, "ours": f"{ms:,.1f} ms", "reference": f"{PEER[name]} {unit}",
        "ratio": round(ratio, 1), "target": f"{target:g} times" if target else "",
        "reached": "" if not target else "yes" if ratio >= target else "no",
    }  # fmt: skip


def rows() -> list[dict[str, Any]]:
    hour, skin = session("sim_dyad_1h_10hz"), session("sim_dyad_eda_10hz")
    x, y = hour.T
    reference = theirs(hour)
    plain = {"rate_hz": 10, "absolute": True, "detrend": False}
    settings = Settings(rate_hz=10, window=30, step=30, max_lag=5)
    a, b = susy.prepare(x, settings), susy.prepare(y, settings)
    one = milliseconds(lambda: synchrony(x, y, surrogates=0, **plain), 15)
    found = [row("pass", "one pass, 1 h at 10 Hz, 357 windows × 101 lags, with lead and interval", one, reference)]
    by_loop = milliseconds(lambda: loop(x, y), 1)
    found.append({"work": "the same", "reference": f"numpy.corrcoef in a loop {by_loop:,.0f} ms",
                  "ours": f"{one:,.1f} ms", "ratio": round(by_loop / one, 1)})  # fmt: skip
    for kind in ("segment-shuffle", "circular-shift"):
        ms = milliseconds(lambda kind=kind: synchrony(x, y, surrogates=500, surrogate=kind, **plain), 1)
        found.append(row("surrogates", f"the same with 500 whole-series surrogates ({kind})", ms, reference)
                     | {"target": "under 10 s", "reached": "yes" if ms < 10_000 else "no"})  # fmt: skip
    pairs = milliseconds(lambda: susy.pseudo(a, b, settings), 9)
    found.append(row("pairs", "all 14,280 pseudo pairs of 120 segments × 101 lags", pairs, reference))
    printed = milliseconds(lambda: synchrony(x, y, method="susy", surrogates=0, **plain), 9)
    found.append(
        row("pairs", "all that SUSY prints, with these pairs, and the lead with its interval", printed, reference)
    )
    tested = milliseconds(
        lambda: synchrony(x, y, method="susy", surrogate="segment-shuffle", surrogates=500, **plain), 5
    )
    found.append({"work": "the same with a test against 500 orders of the segments, which SUSY has not",
                  "ours": f"{tested:,.1f} ms"})  # fmt: skip
    matching = milliseconds(lambda: synchrony(skin[:, 1], skin[:, 2], rate_hz=10, method="amico", surrogates=0), 15)
    found.append(row("amico", "AMICo, 40 min of skin conductance at 10 Hz", matching, reference))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    found.append({"work": "memory at its peak over all of the above", "ours": f"{peak:.0f} MB",
                  "target": "under 300 MB", "reached": "yes" if peak < 300 else "no"})  # fmt: skip
    return found + dyads()


def dyads() -> list[dict[str, Any]]:
    """Does ten times the work take ten times the processor? (The clock on the wall also knows who else is busy.)"""
    counts = (8, 16) if "--quick" in sys.argv else (100, 300, 1000)
    taken = {count: many(count) for count in counts}
    each = {count: 1000 * used / count for count, (_, used) in taken.items()}
    linear = each[counts[-1]] < 1.2 * each[counts[0]]
    return [
        {"work": f"{count:,} dyads of 1 h, 500 segment surrogates each, two processes",
         "ours": f"{seconds:.0f} s, {each[count]:.0f} ms of processor a dyad",
         "target": "linear" if count == counts[-1] else "",
         "reached": ("yes" if linear else "no") if count == counts[-1] else ""}
        for count, (seconds, _) in taken.items()
    ]  # fmt: skip


def main() -> None:
    found = rows()
    for entry in found:
        print(f"{entry['work']}: {entry.get('reference', '')} ours {entry['ours']} ratio {entry.get('ratio', '')}")
    note = ("rMEA, SUSY and DyadSync are not in R's distribution here: where a figure is marked, it is that of an "
            "earlier run on Debian 12 with two cores.")  # fmt: skip
    print(json.dumps({"rows": found, "note": note}))


if __name__ == "__main__":
    main()
