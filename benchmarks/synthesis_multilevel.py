"""Bias and dependence in synthesis: ours against metafor and clubSandwich, where Rscript is installed.

Both sides work on the same data in this run and must agree (that is checked, not timed). R is timed inside R, so that
starting it does not count. Prints a table and, on the last line, one JSON object. Nothing asserts time.

    python benchmarks/synthesis_multilevel.py [--without-r]
"""

from __future__ import annotations

import csv
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

from accord.science.synthesis.bayesian import bayesian
from accord.science.synthesis.egger import egger
from accord.science.synthesis.selection_3psm import selection_3psm
from accord.science.synthesis.three_level import three_level
from accord.science.synthesis.trim_and_fill import trim_and_fill
from accord.science.synthesis.working_covariance import working_covariance

FIBROMYALGIA = Path(__file__).parents[1] / "tests/published/data/fibromyalgia_psychotherapy_smd.csv"

R_SCRIPT = """
suppressMessages({library(metafor); library(clubSandwich); library(jsonlite)})
a <- commandArgs(TRUE); d <- read.csv(a[1]); s <- read.csv(a[2])
tm <- function(f, n) {
  f(); t <- numeric(n)
  for (i in 1:n) { t0 <- Sys.time(); m <- f(); t[i] <- as.numeric(Sys.time() - t0, units = "secs") }
  list(seconds = median(t), value = m)
}
nested <- function(V) {
  m <- rma.mv(yi, V, random = ~ 1 | study / es_id, data = d, test = "t")
  coef_test(m, vcov = "CR2", cluster = d$study, test = "Satterthwaite")$SE
}
res <- rma(yi, vi, data = s)
ml <- rma(yi, vi, data = s, method = "ML")
che <- impute_covariance_matrix(d$vi, cluster = d$study, r = .6)
write_json(list(
  metafor = as.character(packageVersion("metafor")),
  three = tm(function() nested(d$vi), 7), che = tm(function() nested(che), 7),
  fill = tm(function() c(trimfill(rma(yi, vi, data = s))$beta), 30),
  egger = tm(function() regtest(res, model = "lm")$pval, 100),
  select = tm(function() selmodel(ml, type = "stepfun", steps = .025)$LRT, 10),
  profile = tm(function() confint(rma.mv(yi, vi, random = ~ 1 | study / es_id, data = d))[[1]]$random[1, 3], 1)
), a[3], auto_unbox = TRUE, digits = 12)
"""


def small_studies(k: int = 37, seed: int = 1) -> tuple[Any, Any]:
    """k studies, the small ones with larger effects: trim and fill has something to do."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.01, 0.2, k)
    return rng.normal(0.4, 0.3, k) + 1.2 * np.sqrt(v) + rng.normal(0, np.sqrt(v)), v


def fibromyalgia() -> tuple[Any, Any, list[str]]:
    with FIBROMYALGIA.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return (
        np.array([float(r["yi"]) for r in rows]),
        np.array([float(r["vi"]) for r in rows]),
        [r["study"] for r in rows],
    )


def seconds(work: Callable[[], Any], repeats: int = 100) -> tuple[float, Any]:
    """Median over repeats after a first one, and what the last one gave."""
    result = work()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken), result


def row(work: str, peer: str, theirs: float | None, ours: float, target: float | None = None) -> dict[str, Any]:
    ratio = None if theirs is None else round(theirs / ours, 1)
    return {
        "work": work, "reference": "" if theirs is None else f"{peer} {1000 * theirs:.1f} ms",
        "ours": f"{1000 * ours:.2f} ms", "ratio": ratio, "target": f"{target:g} times" if target else "",
        "reached": "" if target is None or ratio is None else ("yes" if ratio >= target else "no"),
    }  # fmt: skip


def agree(what: str, ours: float, theirs: float, within: float) -> None:
    if abs(ours - theirs) > within * abs(theirs):
        raise SystemExit(f"{what}: ours {ours}, theirs {theirs}")


def from_r(y: Any, v: Any) -> dict[str, Any]:
    """Seconds and results of R, or nothing where R or a package of it is not installed."""
    if shutil.which("Rscript") is None or "--without-r" in sys.argv:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        script, small, out = (Path(folder) / name for name in ("b.R", "s.csv", "o.json"))
        script.write_text(R_SCRIPT)
        small.write_text("yi,vi\n" + "\n".join(f"{a},{b}" for a, b in zip(y.tolist(), v.tolist(), strict=True)))
        done = subprocess.run(
            ["Rscript", script, FIBROMYALGIA, small, out], capture_output=True, text=True, check=False
        )
        if done.returncode:
            print(f"R: {done.stderr.strip()[-300:]}", file=sys.stderr)
            return {}
        found: dict[str, Any] = json.loads(out.read_text())
        return found


def main() -> None:
    y, v = small_studies()
    effects = fibromyalgia()
    r = from_r(y, v)
    peer = f"metafor {r['metafor']}" if r else ""
    both = f"{peer} and clubSandwich" if r else ""
    rows = []
    for name, key, work, value, repeats, by, target, within in (
        ("three-level with CR2, k = 161", "three", lambda: three_level(*effects), lambda f: f.se, 100, both, 8, 1e-5),
        ("working covariance (CHE) with CR2, k = 161", "che", lambda: working_covariance(*effects), lambda f: f.se, 100,
         both, 8, 1e-5),
        ("profile intervals of both variances, k = 161", "profile",
         lambda: three_level(*effects).variance_intervals(), lambda f: f[0].high, 10, peer, None, 1e-3),
        ("trim and fill, k = 37", "fill", lambda: trim_and_fill(y, v), lambda f: f.adjusted.estimate, 200, peer, 10,
         1e-4),
        ("Egger's regression, k = 37", "egger", lambda: egger(y, v), lambda f: f.p, 200, peer, None, 1e-8),
        ("three-parameter selection model, k = 37", "select", lambda: selection_3psm(y, v), lambda f: f.lrt, 50, peer,
         None, 1e-3),
    ):  # fmt: skip
        ours, fit = seconds(work, repeats)
        if r:
            agree(name, float(value(fit)), float(r[key]["value"]), within)
        rows.append(row(name, by, r[key]["seconds"] if r else None, ours, target))
    ours, _ = seconds(lambda: bayesian(y, v))
    rows.append(row("Bayesian random effects by quadrature, k = 37", "", None, ours))
    for entry in rows:
        print(f"{entry['work']}: {entry['reference']} ours {entry['ours']} ratio {entry['ratio'] or ''}")
    note = "" if r else "R is not installed here: no comparison."
    print(json.dumps({"rows": rows, "note": note}))


if __name__ == "__main__":
    main()
