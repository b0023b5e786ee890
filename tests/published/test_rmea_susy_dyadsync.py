"""The numbers of rMEA 1.2.2, SUSY 0.1.0 and DyadSync 1.3.2 on two invented sessions, to 1e-9 where the definition is
the same (data/SOURCES.synchrony.md)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from accord.science.synchrony import Synchrony, amico, susy, synchrony
from accord.science.synchrony.amico import Match
from accord.science.synchrony.responses import responses
from accord.science.synchrony.settings import Settings

DATA = Path(__file__).parent / "data" / "synchrony"
REFERENCE: dict[str, Any] = json.loads((DATA / "synchrony.json").read_text())
EXACT = {"rtol": 0, "atol": 1e-9}
SKIN = Settings(rate_hz=10, window=30, step=30, max_lag=4)


def session(name: str) -> np.ndarray:
    with gzip.open(DATA / f"{name}.csv.gz", "rt") as lines:
        return np.loadtxt(lines, delimiter=",", skiprows=1)


@pytest.fixture(scope="module")
def hour() -> np.ndarray:
    return session("sim_dyad_1h_10hz")


@pytest.fixture(scope="module")
def skin() -> np.ndarray:
    return session("sim_dyad_eda_10hz")


def plain(hour: np.ndarray, method: str, absolute: bool) -> Synchrony:
    """As the programs do it: no detrending, no surrogates of our own."""
    return synchrony(hour[:, 0], hour[:, 1], rate_hz=10, method=method, absolute=absolute, detrend=False, surrogates=0)


@pytest.mark.parametrize(("absolute", "key"), [(True, "abs"), (False, "noabs")])
def test_rmea(hour: np.ndarray, absolute: bool, key: str) -> None:
    expected, found = REFERENCE["sim1h_rMEA_5_30_10"][key], plain(hour, "wlcc", absolute)
    assert found.n_windows == expected["n_win"] == 357
    assert_allclose(found.synchrony, expected["grandAver"], **EXACT)
    assert_allclose(found.windows, expected["all_lags"], **EXACT)
    assert_allclose(found.profile, expected["lagprofile"], **EXACT)
    assert_allclose(found.details["first_leads"], expected["s1_lead"], **EXACT)
    assert_allclose(found.details["second_leads"], expected["s2_lead"], **EXACT)
    assert_allclose(found.details["lag_zero"], expected["lag_zero"], **EXACT)
    assert_allclose(found.details["best_lags_s"][:10], expected["bestLag_head"], **EXACT)


SUSY_LINE = {
    "absolute": {"z": "Z", "pseudo_z": "Z-Pseudo", "sd_z": "SD(Z)", "sd_pseudo_z": "SD(Z-Pseudo)", "effect_size": "ES",
                 "first_leads_z": "Z(lead1)", "second_leads_z": "Z(lead2)", "first_leads_effect_size": "ES(lead1)",
                 "second_leads_effect_size": "ES(lead2)"},
    "signed": {"z": "Z(noAbs)", "pseudo_z": "Z(Pseudo-noAbs)", "effect_size": "ES(noAbs)"},
}  # fmt: skip


def test_susy_prints_the_same_line(hour: np.ndarray) -> None:
    expected, found = REFERENCE["SUSY_sim1h_30_5"]["summary"], plain(hour, "susy", True)
    assert found.n_windows == expected["n(Segmente)"]
    assert found.details["pseudo_pairs"] == 120 * 119
    for kind, names in SUSY_LINE.items():
        for ours, theirs in names.items():
            assert_allclose(found.details[kind][ours], expected[theirs], err_msg=theirs, **EXACT)
    assert_allclose(100 * found.details["absolute"]["share_above_pseudo"], expected["%>Pseudo"], **EXACT)
    assert_allclose(100 * found.details["signed"]["share_above_pseudo"], expected["%>Pseudo(noAbs)"], **EXACT)
    assert_allclose(found.details["in_phase"], expected["meanZ(in-phase)"], **EXACT)
    assert_allclose(found.details["anti_phase"], expected["meanZ(anti-phase)"], **EXACT)
    assert found.details["in_phase_lags"] == expected["Anzahl(in-phase)"]
    assert found.details["anti_phase_lags"] == expected["Anzahl(anti-phase)"]
    assert_allclose(found.synchrony, expected["Z"], **EXACT)
    assert_allclose(plain(hour, "susy", False).synchrony, expected["Z(noAbs)"], **EXACT)


def test_susy_lags_real_and_pseudo(hour: np.ndarray) -> None:
    """R counts the lags the other way round: its negative lags are our positive ones, the first leads."""
    lags = REFERENCE["SUSY_sim1h_30_5"]["lags"]
    settings = Settings(rate_hz=10, window=30, step=30, max_lag=5)
    a, b = (susy.prepare(hour[:, i], settings) for i in (0, 1))
    r = susy.correlations(a, b, settings)
    assert_allclose(np.abs(r).mean(axis=0)[::-1], lags["meanccorrReal"], **EXACT)
    assert_allclose(plain(hour, "susy", True).profile[::-1], lags["meanccorrRealZ"], **EXACT)
    assert_allclose(plain(hour, "susy", False).profile[::-1], lags["meanccorrRealZNotAbs"], **EXACT)
    pseudo = susy.pseudo(a, b, settings)
    assert_allclose(pseudo.absolute[::-1], lags["meanccorrPseudoZ"], **EXACT)
    assert_allclose(pseudo.signed[::-1], lags["meanccorrPseudoZNotAbs"], **EXACT)


def rows(skin: np.ndarray) -> tuple[list[Match], list[dict[str, Any]]]:
    a, b = (responses(skin[:, i], 10.0, SKIN.rise) for i in (1, 2))
    return amico.matches(a, b, SKIN), REFERENCE["AMICo2_sim_eda"]["xBest"]


def test_amico_responses_but_for_the_valleys_that_dyadsync_compares_by_their_numbers(skin: np.ndarray) -> None:
    """All peaks but DyadSync's last, which has no valley after it and rises .002; 129 of its 134 valleys."""
    theirs = REFERENCE["AMICo2_sim_eda"]["peakFinder_s1"]
    sample, kind = np.array(theirs["samples"]) - 1, np.array(theirs["class"])
    found = responses(skin[:, 1], 10.0, SKIN.rise)
    assert found.peak.tolist() == sample[kind == "p"].tolist()[:-1]
    assert len(np.intersect1d(found.onset, sample[kind == "v"])) == 128
    assert len(found.onset) == len(found.peak) == 133


def test_amico_matches_the_same_responses(skin: np.ndarray) -> None:
    found, theirs = rows(skin)
    pairs = [match for match in found if match.pair is not None]
    expected = [row for row in theirs if row["row"] is not None]
    assert len(pairs) == len(expected) == REFERENCE["AMICo2_sim_eda"]["n_matched"] == 93
    assert [match.lag for match in pairs] == [row["lag"] for row in expected]
    assert_allclose(np.mean([m.lag for m in pairs]) / 10, REFERENCE["AMICo2_sim_eda"]["mean_lag_s_matched"], **EXACT)


def test_amico_similarities_wherever_the_limits_are_the_same(skin: np.ndarray) -> None:
    """223 of 257 stretches have the same four limits, and each the same similarity; the others touch a valley that
    differs. With these the mean over the session is .64159 and not .64175."""
    found, theirs = rows(skin)
    ours = {(*match.first, *match.second): match.similarity for match in found}
    both = [(ours[limits], row["similarity"]) for row in theirs
            if (limits := tuple(row[name] - 1 for name in ("a1", "b1", "a2", "b2"))) in ours]  # fmt: skip
    assert len(both) == 223
    assert_allclose(*np.array(both).T, **EXACT)


def test_amico_stretches_between_matches(skin: np.ndarray) -> None:
    """Every one of DyadSync's 164, from its own limits."""
    theirs = REFERENCE["AMICo2_sim_eda"]["xBest"]
    between = [row for row in theirs if row["row"] is None]
    assert len(between) == 164
    for row in between:
        first, second = (row["a1"] - 1, row["b1"] - 1), (row["a2"] - 1, row["b2"] - 1)
        whole = Settings(rate_hz=1e3, window=30, step=30, max_lag=0.04)  # one part: 10 s are 10,000 samples
        part = amico.between(skin[:, 1], skin[:, 2], first, second, whole)
        assert len(part) == 1
        assert_allclose(part[0].similarity, row["similarity"], **EXACT)


def test_amico_course_and_mean_of_the_same_stretches() -> None:
    expected = REFERENCE["AMICo2_sim_eda"]
    found = [Match((row["a1"] - 1, row["b1"] - 1), (row["a2"] - 1, row["b2"] - 1), row["similarity"], row["lag"], None)
             for row in expected["xBest"]]  # fmt: skip
    steps = amico.course(found, 24_000)
    assert_allclose(np.nanmean(steps), expected["mean_sync"], **EXACT)
    assert_allclose(np.isnan(steps).mean(), expected["frac_na"], **EXACT)
    every = [np.nan if value is None else value for value in expected["sync_every_10s"]]
    assert_allclose(steps[::100], every, **EXACT)


def test_amico_session_is_close_to_dyadsync(skin: np.ndarray) -> None:
    found = synchrony(skin[:, 1], skin[:, 2], rate_hz=10, method="amico", surrogates=0)
    assert found.details["matched"] == 93
    assert abs(found.synchrony - REFERENCE["AMICo2_sim_eda"]["mean_sync"]) < 2e-4
