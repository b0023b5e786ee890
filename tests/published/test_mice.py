"""Chained equations against mice 3.15 (numbers in r/chained.json, 400 sets): equal within Monte Carlo error."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.estimates.chained_equations import impute_chained
from accord.science.estimates.joint_normal import impute_jointly
from accord.science.estimates.multiple_imputation import pool

HERE = Path(__file__).parent
R = json.loads((HERE / "r/chained.json").read_text())
WIDE = pl.read_csv(HERE / "data/rbmi_antidepressant.csv", null_values="NA").pivot(
    on="VISIT", index=["PATIENT", "THERAPY", "BASVAL"], values="CHANGE"
)
DRUG = (WIDE["THERAPY"] == "DRUG").cast(pl.Float64).to_numpy()
COLUMNS = {"base": WIDE["BASVAL"].to_numpy().astype(float), "drug": DRUG} | {
    f"visit {v}": WIDE[str(v)].to_numpy().astype(float) for v in (4, 5, 6, 7)
}


def pooled(sets, outcome, x):
    estimates, variances = [], []
    for one in sets:
        y = outcome(one)
        beta = np.linalg.lstsq(x, y, rcond=None)[0]
        left = y - x @ beta
        estimates.append(beta)
        variances.append(left @ left / (len(y) - x.shape[1]) * np.diag(np.linalg.inv(x.T @ x)))
    df = len(x) - x.shape[1]
    return [pool([e[k] for e in estimates], [v[k] for v in variances], df_complete=df) for k in range(x.shape[1])]


def held(found, ref):
    """The pooled estimates of two runs of 400 sets differ by about √(2B/400); three of those are allowed."""
    for k, mine in enumerate(found):
        error = 3 * np.sqrt(2 * mine.between / 400)
        assert mine.contrast.value == pytest.approx(ref["b"][k], abs=error)
        assert mine.contrast.se == pytest.approx(ref["se"][k], rel=0.03)
        assert mine.contrast.df == pytest.approx(ref["df"][k], rel=0.12)


@pytest.mark.parametrize(("kind", "name"), [("pmm", "pmm"), ("normal", "norm")])
def test_a_trial_with_drop_out(kind, name):
    kinds = {column: kind for column in COLUMNS if column.startswith("visit")}
    sets = impute_chained(COLUMNS, kinds=kinds, sets=400, iterations=10).sets
    x = np.column_stack([np.ones(len(DRUG)), COLUMNS["base"], DRUG])
    held(pooled(sets, lambda one: one["visit 7"], x), R[name])


def test_one_joint_model_is_mice_s_normal_one():
    sets = impute_jointly(COLUMNS, sets=400, thin=10).sets
    x = np.column_stack([np.ones(len(DRUG)), COLUMNS["base"], DRUG])
    held(pooled(sets, lambda one: one["visit 7"], x), R["norm"])


def test_a_responder_with_drop_out():
    last = COLUMNS["visit 7"]
    responder = np.where(np.isfinite(last), last <= -12, np.nan)
    sets = impute_chained({**COLUMNS, "visit 7": responder}, sets=400, iterations=10).sets
    held(pooled(sets, lambda one: one["visit 7"], np.column_stack([np.ones(len(DRUG)), DRUG])), R["responder"])
