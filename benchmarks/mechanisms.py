"""Mediation and power: ours against lavaan, lme4 with lmerTest and, where it is installed, pingouin.

R's package `mediation` is not in Debian; its 8.9 s for 1,000 bootstraps of 899 people are an anchor, "not this run". R
is timed inside R, so that starting it does not count; every pair has the same data, and the estimates must agree
(checked, not timed). Prints a table and, on the last line, one JSON object. Nothing asserts time.

    python benchmarks/mechanisms.py
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import polars as pl

from accord.science.estimates.mediation.indirect import mediate
from accord.science.power.protocol_power import protocol_power
from accord.science.power.trial import TrialDesign, draw_trial, fit_trial
from accord.science.protocols import load_protocol

HERE = Path(__file__).parent
ASHAR = HERE.parent / "tests/published/data/ashar2022_mediation.csv"
ANCHOR = 8.9  # s: R mediation 4.5.1, 1,000 bootstraps, 899 people (research of the project, another run)
STUDIES, PEOPLE = 600, 41

R_SCRIPT = """
suppressMessages({library(lavaan); library(lmerTest)})
f <- commandArgs(TRUE)
d <- read.csv(f[1])
m <- 'dt ~ a1*trt
dc ~ a2*trt
dp ~ b1*dt + b2*dc + cp*trt
dt ~~ dc
ind1 := a1*b1'
t0 <- proc.time()[[3]]; b <- sem(m, d, se = "bootstrap", bootstrap = 500); tb <- proc.time()[[3]] - t0
p <- parameterEstimates(b)
set.seed(1); n <- 200; v <- 5; arm <- rep(0:1, each = n / 2); t <- seq(0, 1, length.out = v); R <- 40
t0 <- proc.time()[[3]]
for (i in 1:R) {
  y <- .8 * rnorm(n) + outer(.5 * rnorm(n) - .3 * arm, t) + matrix(.6 * rnorm(n * v), n)
  l <- data.frame(y = as.vector(t(y)), id = factor(rep(1:n, each = v)), arm = rep(arm, each = v), time = rep(t, n))
  s <- coef(summary(suppressMessages(lmer(y ~ arm * time + (time | id), l))))["arm:time", "Pr(>|t|)"]
}
tl <- (proc.time()[[3]] - t0) / R
cat(sprintf('{"boot": %f, "ind1": %.10f, "trial": %f}', tb, p[p$label == "ind1", "est"], tl))
"""


def timed(make: Callable[[], Any], times: int) -> tuple[float, Any]:
    seconds, result = [], None
    for _ in range(times):
        start = time.perf_counter()
        result = make()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds), result


def in_r() -> dict[str, float] | None:
    if not shutil.which("Rscript"):
        return None
    with tempfile.NamedTemporaryFile("w", suffix=".R", delete=False) as script:
        script.write(R_SCRIPT)
    done = subprocess.run(["Rscript", script.name, str(ASHAR)], capture_output=True, text=True, check=False)
    Path(script.name).unlink()
    if done.returncode:
        print(done.stderr, file=sys.stderr)
        return None
    found: dict[str, float] = json.loads(done.stdout)
    return found


def jobs_like() -> dict[str, np.ndarray]:
    """899 people, a treatment, a mediator, an outcome and three covariates, as in the anchor's data."""
    random = np.random.default_rng(1)
    x = random.integers(0, 2, 899).astype(float)
    more = {f"c{k}": random.normal(size=899) for k in range(3)}
    m = 0.3 * x + more["c0"] + random.normal(size=899)
    return {"x": x, "m": m, "y": 0.2 * x + 0.3 * m + random.normal(size=899), **more}


def with_pingouin(data: dict[str, np.ndarray]) -> float | None:
    try:
        import pandas as pd
        import pingouin
    except ImportError:
        return None
    frame = pd.DataFrame(data)
    covariates = [name for name in data if name.startswith("c")]
    seconds, found = timed(
        lambda: pingouin.mediation_analysis(data=frame, x="x", m="m", y="y", covar=covariates, n_boot=1000, seed=1), 3
    )
    ours = mediate(data["x"], {"m": data["m"]}, data["y"], covariates={n: data[n] for n in covariates}, draws=10)
    assert abs(float(found.iloc[-1]["coef"]) - float(ours.indirect[0].value or 0)) < 1e-6
    return seconds


def row(work: str, reference: str, ours: str, ratio: float | None, target: str, reached: bool | None) -> dict[str, Any]:
    return {
        "work": work, "reference": reference, "ours": ours, "ratio": "" if ratio is None else f"{ratio:.1f}",
        "target": target, "reached": "" if reached is None else "yes" if reached else "no",
    }  # fmt: skip


def mediation_rows(peers: dict[str, float] | None) -> list[dict[str, Any]]:
    data = jobs_like()
    covariates = {name: data[name] for name in data if name.startswith("c")}
    one, _ = timed(lambda: mediate(data["x"], {"m": data["m"]}, data["y"], covariates=covariates, draws=1000), 9)
    bca, _ = timed(
        lambda: mediate(data["x"], {"m": data["m"]}, data["y"], covariates=covariates, draws=1000, limits="bca"), 9
    )
    work = "mediation, 1,000 bootstraps, n = 899"
    rows = [
        row(
            work,
            f"R mediation {ANCHOR} s (not this run)",
            f"{1e3 * one:.1f} ms",
            ANCHOR / one,
            "150",
            ANCHOR / one >= 150,
        ),
        row(f"{work}, BCa", "", f"{1e3 * bca:.1f} ms", None, "", None),
    ]
    peer = with_pingouin(data)
    said = f"pingouin {peer:.2f} s" if peer else "pingouin .36 s (not this run)"
    rows.append(row(work, said, f"{1e3 * one:.1f} ms", (peer or 0.36) / one, "7", (peer or 0.36) / one >= 7))
    ashar = pl.read_csv(ASHAR)
    x, dt, dc, dp = (ashar[name].to_numpy().astype(float) for name in ("trt", "dt", "dc", "dp"))
    two, found = timed(lambda: mediate(x, {"dt": dt, "dc": dc}, dp, draws=500), 9)
    if peers:
        assert abs(peers["ind1"] - float(found.indirect[0].value or 0)) < 1e-5
        ratio = peers["boot"] / two
        rows.append(row("parallel mediators, 500 bootstraps", f"lavaan {peers['boot']:.1f} s", f"{1e3 * two:.1f} ms",
                        ratio, "30", ratio >= 30))  # fmt: skip
    return rows


def power_rows(peers: dict[str, float] | None) -> list[dict[str, Any]]:
    design, random = TrialDesign(people=100, difference=-0.3), np.random.default_rng(1)
    one, _ = timed(lambda: fit_trial(design, draw_trial(design, random)), 60)
    rows = []
    if peers:
        ratio = peers["trial"] / one
        said = f"lme4, lmerTest {1e3 * peers['trial']:.0f} ms"
        work = "one trial of 200 people, 5 visits: simulated and fitted, with df"
        rows.append(row(work, said, f"{1e3 * one:.1f} ms", ratio, "10", ratio >= 10))
    protocol = load_protocol("mair")
    alone, first = timed(lambda: protocol_power(protocol, [PEOPLE], replicates=STUDIES), 1)
    # spawn: a forked copy of a process that has threads (polars has) can hang
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(abs, range(2)))
        protocol_power(protocol, [PEOPLE], replicates=20, executor=pool)
        shared, second = timed(lambda: protocol_power(protocol, [PEOPLE], replicates=STUDIES, executor=pool), 1)
    assert first == second
    whole = shared / STUDIES * 10_000 / 60
    rows.append(row(
        f"10,000 trials of {PEOPLE} people with their primary analysis (from {STUDIES})",
        f"one process {alone / STUDIES * 10_000 / 60:.1f} min", f"two processes {whole:.1f} min", alone / shared,
        "minutes; linear", whole < 10,
    ))  # fmt: skip
    return rows


def main() -> None:
    peers = in_r()
    rows = [*mediation_rows(peers), *power_rows(peers)]
    for one in rows:
        print(" | ".join(str(value) for value in one.values()))
    print(
        json.dumps({"rows": rows, "note": "lavaan and lme4 in the same run; the same power from one process and two."})
    )


if __name__ == "__main__":
    main()
