"""Mixed models, shares between therapists and imputation: ours against lme4, pbkrtest, geepack, bootMer and mice.

Every pair fits the same invented data in this run; the estimates must agree (that is checked, not timed). R is timed
inside R, so that starting it does not count. Prints a table and, on the last line, one JSON object. Nothing asserts
time.

    python benchmarks/change_over_time.py [--small]     (--small leaves the million rows out)
"""

from __future__ import annotations

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
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import polars as pl

from accord.science.estimates.chained_equations import impute_chained
from accord.science.estimates.gee import gee
from accord.science.estimates.linear_mixed import Factor, linear_mixed
from accord.science.estimates.logistic_mixed import logistic_mixed
from accord.science.estimates.mixed_model import mixed_model
from accord.science.estimates.repeated_design import free_design
from accord.science.estimates.share_bootstrap import share_bootstrap

R_SCRIPT = """
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(geepack); library(mice)})
suppressMessages(library(jsonlite)); at <- function(name) file.path(commandArgs(TRUE)[1], name)
tm <- function(f, n) {
  t <- numeric(n)
  for (i in 1:n) { t0 <- proc.time()[[3]]; m <- f(); t[i] <- proc.time()[[3]] - t0 }
  list(seconds = median(t), fit = m)
}
d <- read.csv(at("trial.csv")); h <- read.csv(at("therapists.csv")); w <- read.csv(at("wide.csv"))
s <- tm(function() lme4::lmer(y ~ week * arm + (week | id), d), 15)
r <- tm(function() lme4::lmer(post ~ pre + (pre | therapist), h), 15)
k <- lme4::lmer(post ~ pre + (1 | therapist), h)
kr <- tm(function() vcovAdj(k), 3)
g <- tm(function() geeglm(y ~ week * arm, id = id, data = d, corstr = "exchangeable"), 10)
icc <- function(m) { v <- as.data.frame(VarCorr(m))$vcov; v[1] / sum(v) }
b <- tm(function() bootMer(k, icc, nsim = 500, seed = 1), 1)
q <- tm(function() glmer(complete ~ pre + (1 | therapist), h, binomial, nAGQ = 15), 3)
i <- tm(function() mice(w, m = 20, maxit = 10, method = "pmm", printFlag = FALSE, seed = 1), 3)
one <- function(m, value) list(seconds = m$seconds, b = unname(tail(value, 1)))
out <- list(slope = one(s, fixef(s$fit)), therapist_slope = one(r, fixef(r$fit)), kr = list(seconds = kr$seconds),
            gee = one(g, coef(g$fit)), boot = one(b, sd(b$fit$t)), glmer = one(q, fixef(q$fit)),
            mice = list(seconds = i$seconds))
if (file.exists(at("big.csv"))) {
  big <- read.csv(at("big.csv")); gc(reset = TRUE)
  m <- tm(function() lme4::lmer(y ~ week * arm + (week | id), big), 1)
  out$big <- c(one(m, fixef(m$fit)), list(mb = sum(gc()[, 6])))
}
write_json(out, at("out.json"), auto_unbox = TRUE, digits = 12)
"""


def seconds(call: Callable[[], Any], times: int) -> tuple[float, Any]:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        result = call()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), result


def trial(people: int, visits: int, seed: int) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), visits)
    week = np.tile(np.arange(visits, dtype=float), people)
    arm = np.repeat(random.integers(0, 2, people), visits).astype(float)
    y = 5 - 0.2 * week - 0.3 * arm * week + random.normal(0, 1, people)[person]
    y += random.normal(0, 0.4, people)[person] * week + random.normal(0, 1, len(person))
    kept = random.random(len(person)) > 0.1
    return pl.DataFrame({"id": person, "week": week, "arm": arm, "y": np.round(y, 6)}).filter(pl.Series(kept))


def slopes(frame: pl.DataFrame) -> Any:
    week, arm = frame["week"].to_numpy(), frame["arm"].to_numpy()
    fixed = {"week": week, "arm": arm, "week:arm": week * arm}
    return linear_mixed(frame["y"].to_numpy(), {"person": Factor(frame["id"].to_numpy(), {"week": week})}, fixed=fixed)


def wide(seed: int = 4, people: int = 172) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    base, drug = np.round(random.normal(18, 5, people)), random.integers(0, 2, people).astype(float)
    left, values = np.zeros(people, bool), {}
    level = -0.3 * (base - 18)
    for visit in (4, 5, 6, 7):
        level = 0.7 * level - 1 - 0.6 * drug + random.normal(0, 3, people)
        left |= random.random(people) < 0.08
        values[f"v{visit}"] = np.where(left, np.nan, np.round(level, 3))
    return {"base": base, "drug": drug, **values}


def measured(ref: dict[str, Any], frames: dict[str, Any], big: pl.DataFrame | None) -> list[dict[str, Any]]:
    d, h = frames["trial"], frames["therapists"]
    post, pre, who = h["post"].to_numpy(), h["pre"].to_numpy(), h["therapist"].to_numpy()
    rows = []

    def add(
        work: str, peer: str, key: str, ours: float, target: str, value: float | None = None, near: float = 1e-4
    ) -> None:
        theirs = ref[key]["seconds"]
        if value is not None and not abs(value - ref[key]["b"]) <= near * max(1.0, abs(ref[key]["b"])):
            raise SystemExit(f"{work}: ours {value}, {peer} {ref[key]['b']}")
        times = float(target.split()[0]) if target else 0
        reached = ("yes" if theirs / ours >= times else "no") if target else ""
        rows.append({
            "work": work, "reference": f"{peer} {1000 * theirs:.1f} ms", "ours": f"{1000 * ours:.2f} ms",
            "ratio": round(theirs / ours, 1), "target": target, "reached": reached,
        })  # fmt: skip

    ours, fit = seconds(lambda: slopes(d), 20)
    add(
        f"random slope, {len(d):,} rows, with Kenward-Roger's df",
        "R lme4 (no df)",
        "slope",
        ours,
        "4 times",
        fit.coefficients[-1],
    )
    ours, fit = seconds(lambda: linear_mixed(post, {"t": Factor(who, {"pre": pre})}, fixed={"pre": pre}), 20)
    add(
        "random slope of 60 therapists, 1,494 rows, with Kenward-Roger's df",
        "R lme4 (no df)",
        "therapist_slope",
        ours,
        "4 times",
        fit.coefficients[-1],
    )
    ours, model = seconds(lambda: mixed_model(post, {"t": who}, fixed={"pre": pre}), 20)
    add("Kenward-Roger, 1,494 rows, fit included", "R pbkrtest (fit not included)", "kr", ours, "4 times")
    ours, found = seconds(lambda: share_bootstrap(model), 5)
    add("bootstrap of the therapists' share, 500", "R lme4 bootMer", "boot", ours, "12 times", found.se, 0.15)
    ours, fit = seconds(lambda: logistic_mixed(h["complete"].to_numpy(), who, fixed={"pre": pre}), 5)
    add("logistic, random intercept, 15 nodes", "R lme4 glmer", "glmer", ours, "", fit.coefficients[-1])
    y, plan = repeated(d)
    ours, fit = seconds(lambda: gee(y, plan, errors="robust"), 10)
    add("estimating equations, exchangeable", "R geepack", "gee", ours, "3 times", fit.coefficients[-1], 1e-3)
    ours, _ = seconds(lambda: impute_chained(frames["wide"], sets=20, iterations=10), 3)
    add("chained equations, 20 sets x 10, 172 people", "R mice", "mice", ours, "6 times")
    if big is not None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        ours, fit = seconds(lambda: slopes(big), 1)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        add(
            f"random slope, {len(big):,} rows of 250,000 people",
            "R lme4 (no df)",
            "big",
            ours,
            "1 times",
            fit.coefficients[-1],
        )
        rows[-1]["ours"] += f", {memory - before:.0f} MB"
        rows[-1]["reference"] += f", {ref['big']['mb']:.0f} MB"
    return rows


def repeated(d: pl.DataFrame) -> tuple[Any, Any]:
    people, weeks = d["id"].unique().sort().to_numpy(), np.unique(d["week"].to_numpy())
    place, at = np.searchsorted(people, d["id"].to_numpy()), np.searchsorted(weeks, d["week"].to_numpy())
    y = np.full((len(people), len(weeks)), np.nan)
    y[place, at] = d["y"].to_numpy()
    arm = np.zeros(len(people))
    arm[place] = d["arm"].to_numpy()
    week = np.tile(weeks, (len(people), 1))
    arms = np.repeat(arm[:, None], len(weeks), 1)
    rows = np.stack([np.ones_like(week), week, arms, week * arms], axis=2)
    return y, free_design(rows, ["intercept", "week", "arm", "week:arm"], [str(w) for w in weeks])


def main() -> None:
    if shutil.which("Rscript") is None:
        print(json.dumps({"rows": [], "note": "Rscript is not installed: not run."}))
        return
    therapists = pl.read_csv(Path(__file__).parents[1] / "tests/published/data/sim_therapist2.csv")
    frames = {"trial": trial(280, 5, 1), "therapists": therapists, "wide": wide()}
    big = None if "--small" in sys.argv else trial(250_000, 4, 2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frames["trial"].write_csv(folder / "trial.csv")
        therapists.write_csv(folder / "therapists.csv")
        pl.DataFrame(frames["wide"]).fill_nan(None).write_csv(folder / "wide.csv", null_value="NA")
        if big is not None:
            big.write_csv(folder / "big.csv")
        (folder / "b.R").write_text(R_SCRIPT)
        done = subprocess.run(["Rscript", folder / "b.R", folder], capture_output=True, text=True, check=False)
        if done.returncode:
            print(json.dumps({"rows": [], "note": f"R: {done.stderr.strip()[-200:]}"}))
            return
        ref = json.loads((folder / "out.json").read_text())
    rows = measured(ref, frames, big)
    for entry in rows:
        print(f"{entry['work']}: {entry['reference']}; ours {entry['ours']}; {entry['ratio']} times")
    print(json.dumps({"rows": rows}))


if __name__ == "__main__":
    main()
