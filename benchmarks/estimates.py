"""Models of change and of therapists: ours against statsmodels and, where Rscript is installed, nlme, lme4 and geepack.

Every pair fits the same invented data in this run; the estimates must agree (that is checked, not timed). R is timed
inside R, so that starting it does not count. Prints a table and, on the last line, one JSON object. Nothing asserts
time.

    python benchmarks/estimates.py [--without-r]
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
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from accord.science.estimates.gee import gee
from accord.science.estimates.mixed_model import mixed_model
from accord.science.estimates.mmrm import mmrm
from accord.science.estimates.repeated_design import free_design, visit_design
from accord.science.estimates.variance_share import variance_share

VISITS = ["week_4", "week_8", "post", "follow_up"]
COVARIANCE = 9 * (0.5 * np.ones((4, 4)) + 0.5 * np.eye(4))

R_SCRIPT = """
suppressMessages({library(nlme); library(lme4); library(geepack); library(jsonlite)})
a <- commandArgs(TRUE); d <- read.csv(a[1]); h <- read.csv(a[2])
tm <- function(f, n) {
  t <- numeric(n)
  for (i in 1:n) { t0 <- proc.time()[[3]]; m <- f(); t[i] <- proc.time()[[3]] - t0 }
  list(seconds = median(t), fit = m)
}
d$visit <- factor(d$t); d$arm <- factor(d$arm)
u <- tm(function() gls(y ~ base + visit * arm, d, correlation = corSymm(form = ~ t | id),
                       weights = varIdent(form = ~ 1 | visit)), 1)
r <- tm(function() lmer(y ~ base + visit * arm + (1 | id), d), 5)
g <- tm(function() geeglm(y ~ base + visit * arm, id = id, waves = t, data = d, corstr = "exchangeable"), 3)
l <- tm(function() lmer(y ~ x + (1 | therapist), h), 20)
one <- function(m, coefficients) list(seconds = m$seconds, b = unname(tail(coefficients(m$fit), 1)))
write_json(list(gls = one(u, coef), lmer_people = one(r, fixef), geeglm = one(g, coef),
                lmer_therapists = one(l, fixef)), a[3], auto_unbox = TRUE, digits = 12)
"""


def trial(people: int, seed: int = 1) -> tuple[Any, Any, Any]:
    """Outcome (people, 4) with a fifth missing, arm, baseline."""
    rng = np.random.default_rng(seed)
    y = 20 + rng.standard_normal((people, 4)) @ np.linalg.cholesky(COVARIANCE).T
    arm, base = np.where(rng.random(people) < 0.5, "a", "b"), rng.normal(20, 4, people)
    y += 0.4 * (base - 20)[:, None] - (arm == "b")[:, None] * np.array([0.5, 1, 1.5, 1.5])
    y[rng.random(y.shape) < 0.2] = np.nan
    return y, arm, base


def therapists(seed: int = 2) -> tuple[Any, Any, Any]:
    """1,500 patients of 60 therapists."""
    rng = np.random.default_rng(seed)
    who = np.sort(rng.integers(0, 60, 1500))
    x = rng.normal(size=1500)
    return 0.6 * x + rng.normal(0, 0.22, 60)[who] + rng.normal(0, 0.9, 1500), who, x


def seconds(work: Callable[[], Any], repeats: int) -> tuple[float, Any]:
    """Median over repeats, and what the last one gave."""
    taken, result = [], None
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), result


def long_form(y: Any, arm: Any, base: Any) -> tuple[Any, Any, Any, Any]:
    """Outcome, columns as R's base + visit * arm, person and visit of each row that was seen."""
    n = len(y)
    seen = np.isfinite(y)
    person, visit = np.repeat(np.arange(n)[:, None], 4, 1), np.tile(np.arange(4), (n, 1))
    b = np.repeat((arm == "b").astype(float)[:, None], 4, 1)
    later = [(visit == k).astype(float) for k in (1, 2, 3)]
    columns = [np.ones((n, 4)), np.repeat(base[:, None], 4, 1), *later, b, *(k * b for k in later)]
    return y[seen], np.stack(columns, axis=2), person[seen], visit[seen]


def row(work: str, reference: str, theirs: float, ours: float, target: str = "") -> dict[str, Any]:
    return {
        "work": work, "reference": f"{reference} {1000 * theirs:.1f} ms", "ours": f"{1000 * ours:.2f} ms",
        "ratio": round(theirs / ours, 1), "target": target,
    }  # fmt: skip


def agree(what: str, ours: float, theirs: float, within: float) -> None:
    if abs(ours - theirs) > within:
        raise SystemExit(f"{what}: ours {ours}, theirs {theirs}")


def against_statsmodels() -> list[dict[str, Any]]:
    import statsmodels.api as sm

    warnings.simplefilter("ignore")
    rows = []
    y, arm, base = trial(1367)
    values, columns, person, _ = long_form(y, arm, base)
    seen = np.isfinite(y)
    plan = visit_design(arm, VISITS, covariates={"base": base}, by_visit=[])
    ours, fit = seconds(lambda: mmrm(y, plan, structure="compound symmetry"), 20)
    theirs, ref = seconds(lambda: sm.MixedLM(values, columns[seen], person).fit(reml=True), 1)
    first, last = fit.difference("b", "a", "week_4").value, fit.difference("b", "a", "follow_up").value
    agree("compound symmetry", last - first, float(ref.fe_params[-1]), 1e-3)
    rows.append(row("repeated measures, 1,367 x 4, one variance for people", "statsmodels MixedLM", theirs, ours))
    same = free_design(columns, [f"x{k}" for k in range(columns.shape[2])], VISITS)
    ours, fit = seconds(lambda: gee(y, same, correlation="independence", errors="robust"), 10)
    theirs, ref = seconds(
        lambda: sm.GEE(values, columns[seen], person, cov_struct=sm.cov_struct.Independence()).fit(), 1
    )
    agree("independence", float(fit.coefficients[-1]), float(ref.params[-1]), 1e-8)
    rows.append(row("estimating equations, 1,367 x 4", "statsmodels GEE", theirs, ours))
    big, big_arm, big_base = trial(20_000, 3)
    values, columns, person, _ = long_form(big, big_arm, big_base)
    same = free_design(columns, [f"x{k}" for k in range(columns.shape[2])], VISITS)
    ours, fit = seconds(lambda: gee(big, same, correlation="independence", errors="robust"), 3)
    theirs, ref = seconds(
        lambda: sm.GEE(values, columns[np.isfinite(big)], person, cov_struct=sm.cov_struct.Independence()).fit(), 1
    )
    agree("independence, many", float(fit.coefficients[-1]), float(ref.params[-1]), 1e-8)
    rows.append(row("estimating equations, 20,000 x 4", "statsmodels GEE", theirs, ours))
    z, who, x = therapists()
    ours, model = seconds(lambda: mixed_model(z, {"therapist": who}, fixed={"x": x}), 30)
    theirs, ref = seconds(lambda: sm.MixedLM(z, np.column_stack([np.ones(1500), x]), who).fit(reml=True), 3)
    agree("therapists", model.coefficient("x").value, float(ref.fe_params[1]), 1e-4)
    rows.append(row("1,500 patients of 60 therapists", "statsmodels MixedLM", theirs, ours, "under 5 ms"))
    return rows


def against_r() -> list[dict[str, Any]]:
    """Empty where R or a package of it is not installed."""
    if shutil.which("Rscript") is None:
        return []
    y, arm, base = trial(1367)
    z, who, x = therapists()
    with tempfile.TemporaryDirectory() as folder:
        script, one, two, out = (Path(folder) / name for name in ("b.R", "d.csv", "h.csv", "o.json"))
        script.write_text(R_SCRIPT)
        lines = [
            f"{i},{t + 1},{arm[i]},{base[i]!r},{y[i, t]!r}"
            for i in range(len(y)) for t in range(4) if np.isfinite(y[i, t])
        ]  # fmt: skip
        one.write_text("id,t,arm,base,y\n" + "\n".join(lines).replace("np.float64(", "").replace(")", ""))
        rows = [f"{w},{a!r},{b!r}" for w, a, b in zip(who, x, z, strict=True)]
        two.write_text("therapist,x,y\n" + "\n".join(rows).replace("np.float64(", "").replace(")", ""))
        done = subprocess.run(["Rscript", script, one, two, out], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"R: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return []
        ref = json.loads(out.read_text())
    plan = visit_design(arm, VISITS, covariates={"base": base}, by_visit=[])

    def last(fit: Any) -> float:
        return float(fit.difference("b", "a", "follow_up").value - fit.difference("b", "a", "week_4").value)

    found = []
    ours, fit = seconds(lambda: mmrm(y, plan), 20)
    agree("unstructured", last(fit), ref["gls"]["b"], 1e-3)
    found.append(row("repeated measures, 1,367 x 4, unstructured", "R nlme::gls", ref["gls"]["seconds"], ours,
                     "under 100 ms"))  # fmt: skip
    ours, fit = seconds(lambda: mmrm(y, plan, structure="compound symmetry"), 20)
    agree("compound symmetry", last(fit), ref["lmer_people"]["b"], 1e-4)
    found.append(row("repeated measures, 1,367 x 4, one variance for people", "R lme4::lmer (no df)",
                     ref["lmer_people"]["seconds"], ours))  # fmt: skip
    _, columns, _, _ = long_form(y, arm, base)
    same = free_design(columns, [f"x{k}" for k in range(columns.shape[2])], VISITS)
    ours, fit = seconds(lambda: gee(y, same, errors="robust"), 10)
    agree("exchangeable", float(fit.coefficients[-1]), ref["geeglm"]["b"], 1e-4)
    found.append(row("estimating equations, 1,367 x 4", "R geepack::geeglm", ref["geeglm"]["seconds"], ours))
    ours, model = seconds(lambda: mixed_model(z, {"therapist": who}, fixed={"x": x}), 30)
    agree("therapists", model.coefficient("x").value, ref["lmer_therapists"]["b"], 1e-5)
    found.append(row("1,500 patients of 60 therapists", "R lme4::lmer (no df)", ref["lmer_therapists"]["seconds"],
                     ours, "under 5 ms"))  # fmt: skip
    return found


def alone() -> list[dict[str, Any]]:
    """What has no peer here."""
    y, arm, base = trial(100_000, 4)
    plan = visit_design(arm, VISITS, covariates={"base": base})
    big, _ = seconds(lambda: mmrm(y, plan), 3)
    many, _ = seconds(lambda: gee(y, plan), 1)
    z, who, x = therapists()
    model = mixed_model(z, {"therapist": who}, fixed={"x": x})
    exact, _ = seconds(lambda: variance_share(model, "therapist"), 20)
    profile, _ = seconds(lambda: variance_share(model, "therapist", method="profile"), 20)
    return [
        {"work": "repeated measures, 100,000 x 4, unstructured, Kenward-Roger", "ours": f"{1000 * big:.0f} ms",
         "target": "a few seconds"},
        {"work": "estimating equations, 100,000 x 4, bias-reduced", "ours": f"{1000 * many:.0f} ms"},
        {"work": "interval of the therapists' share: exact; profile",
         "ours": f"{1000 * exact:.2f}; {1000 * profile:.2f} ms"},
    ]  # fmt: skip


def main() -> None:
    rows = against_statsmodels() + ([] if "--without-r" in sys.argv else against_r()) + alone()
    for entry in rows:
        print(f"{entry['work']}: {entry.get('reference', '')} ours {entry['ours']} ratio {entry.get('ratio', '')}")
    print(json.dumps({"rows": rows, "peak_mb": round(_peak(), 0)}))


def _peak() -> float:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
