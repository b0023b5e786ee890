"""Synthesis: ours against metafor, on the same data in the same run where Rscript is installed.

R is timed inside R, so that starting it does not count; the results must agree (that is checked, not timed). Without
Rscript the reference is the figure measured earlier, marked "not this run". Prints a table and, on the last line, one
JSON object. Nothing asserts time.

    python benchmarks/synthesis.py [--without-r]
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import polars as pl

from accord.science.synthesis import influence, leave_one_out, permutation_test, pool, pool_many, tau2_interval

BCG = Path(__file__).parent.parent / "tests" / "published" / "data" / "ref_bcg_yi_vi.csv"
OUTCOMES = 1000
# Median milliseconds of R 4.2.2, metafor 3.8-1 on Debian 12, two cores, one thread ("many" is 1,000
# times "pool").
EARLIER = {
    "pool": 3.5, "q_profile": 4.4, "many": 3500.0, "influence": 270.0, "leave_one_out": 253.0, "regression": 8.0,
}  # fmt: skip
TARGETS = {"pool": 10, "many": 100, "influence": 50}

R_SCRIPT = """
suppressMessages({library(metafor); library(jsonlite)})
a <- commandArgs(TRUE); b <- read.csv(a[1]); d <- read.csv(a[2]); m <- read.csv(a[3])
tm <- function(f, n) {
  t <- numeric(n)
  for (i in 1:n) { t0 <- Sys.time(); x <- f(); t[i] <- as.numeric(difftime(Sys.time(), t0, units = "secs")) }
  list(ms = 1000 * median(t), x = x)
}
out <- list()
keep <- function(name, r, value) out[[name]] <<- list(ms = r$ms, value = value)
r <- tm(function() rma(yi, vi, data = b, test = "knha"), 40); keep("pool", r, as.numeric(r$x$beta)); f <- r$x
r <- tm(function() confint(f), 20); keep("q_profile", r, r$x$random[1, 3])
r <- tm(function() rma(yi, vi, mods = ~ ablat + year, data = b, test = "knha"), 20)
keep("regression", r, as.numeric(r$x$beta)[2])
e <- rma(yi, vi, data = d)
r <- tm(function() influence(e), 5); keep("influence", r, r$x$inf$cook.d[5])
r <- tm(function() leave1out(e), 5); keep("leave_one_out", r, r$x$estimate[5])
mean_of <- function(i) as.numeric(rma(m$yi[i], m$vi[i], test = "knha")$beta)
r <- tm(function() tapply(seq_len(nrow(m)), m$outcome, mean_of), 1)
keep("many", r, as.numeric(r$x)[7])
write_json(out, a[4], auto_unbox = TRUE, digits = 12)
"""


def invented(k: int, seed: int) -> tuple[Any, Any]:
    """Effects around 0.4 with τ² = .1, most of them of small trials."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.02, 0.25, k)
    return rng.normal(0.4, np.sqrt(0.1 + v)), v


def milliseconds(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Median over repeats after one warm-up, and what the last one gave."""
    result, taken = work(), []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - start)
    return 1000 * statistics.median(taken), result


def ours() -> dict[str, tuple[str, float, float]]:
    """name -> what was done, milliseconds, a number to compare."""
    bcg = pl.read_csv(BCG)
    y, v = bcg["yi"].to_numpy(), bcg["vi"].to_numpy()
    mods = {name: bcg[name].to_numpy() for name in ("ablat", "year")}
    y37, v37 = invented(37, 1)
    many_y, many_v = (x.reshape(OUTCOMES, 20) for x in invented(OUTCOMES * 20, 2))
    fitted, small = pool(y37, v37), pool(y, v, test="knha")
    regressed = pool(y, v, mods=mods, test="knha")
    found = {}

    def one(name: str, what: str, repeats: int, work: Callable[[], Any], number: Callable[[Any], float]) -> None:
        ms, result = milliseconds(work, repeats)
        found[name] = (what, ms, float(number(result)))

    one("pool", "REML with Hartung-Knapp, k = 13", 300, lambda: pool(y, v, test="knha"), lambda r: r.estimate)
    one("q_profile", "Q-profile interval of τ², k = 13", 100, lambda: tau2_interval(small), lambda r: r.tau2[2])
    one("regression", "two moderators, k = 13", 100, lambda: pool(y, v, mods=mods, test="knha"),
        lambda r: r.coefficients[1])  # fmt: skip
    one("many", f"{OUTCOMES:,} outcomes of 20 studies in one call", 20,
        lambda: pool_many(many_y, many_v, test="knha"), lambda r: r.estimate[6])  # fmt: skip
    one("influence", "influence set, k = 37", 100, lambda: influence(fitted), lambda r: r.cook_d[4])
    one("leave_one_out", "leave-one-out, k = 37", 100, lambda: leave_one_out(fitted), lambda r: r.estimate[4])
    one("permutation", "1,000 permutations of two moderators, k = 13", 3, lambda: permutation_test(regressed),
        lambda r: r.qm_p)  # fmt: skip
    return found


def theirs() -> dict[str, Any]:
    """What R gave in this run; empty where it, or a package of it, is not installed."""
    if shutil.which("Rscript") is None or "--without-r" in sys.argv:
        return {}
    y, v = invented(37, 1)
    many_y, many_v = invented(OUTCOMES * 20, 2)
    with tempfile.TemporaryDirectory() as folder:
        script, one, many, out = (Path(folder) / name for name in ("b.R", "d.csv", "m.csv", "o.json"))
        script.write_text(R_SCRIPT)
        pl.DataFrame({"yi": y, "vi": v}).write_csv(one)
        pl.DataFrame({"outcome": np.repeat(np.arange(OUTCOMES), 20), "yi": many_y, "vi": many_v}).write_csv(many)
        done = subprocess.run(["Rscript", script, BCG, one, many, out], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"R: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return {}
        found: dict[str, Any] = json.loads(out.read_text())
    return found


def row(name: str, what: str, ms: float, value: float, reference: dict[str, Any]) -> dict[str, Any]:
    reading = {"work": what, "ours": f"{ms:.2f} ms"}
    if name not in EARLIER:
        return reading
    measured = reference.get(name)
    if measured and abs(value - measured["value"]) > 2e-3 * max(abs(value), 1e-3):
        raise SystemExit(f"{what}: ours {value}, theirs {measured['value']}")
    other = measured["ms"] if measured else EARLIER[name]
    ratio = other / ms
    target = TARGETS.get(name)
    return {
        **reading, "reference": f"R metafor {other:.1f} ms{'' if measured else ', not this run'}",
        "ratio": round(ratio, 1), "target": f"{target} times" if target else "",
        "reached": "" if not target else "yes" if ratio >= target else "no",
    }  # fmt: skip


def main() -> None:
    mine, reference = ours(), theirs()
    rows = [row(name, what, ms, value, reference) for name, (what, ms, value) in mine.items()]
    for entry in rows:
        print(f"{entry['work']}: {entry.get('reference', '')} ours {entry['ours']} ratio {entry.get('ratio', '')}")
    note = "" if reference else "R was not run: its figures are those of an earlier run on Debian 12 with two cores."
    print(json.dumps({"rows": rows, "note": note}))


if __name__ == "__main__":
    main()
