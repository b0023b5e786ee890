"""Coupling that was put in is found, at its lag and with its leader; what cannot be measured is refused with a cure."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from accord.science.errors import BadInput, NotEstimable, NotFound
from accord.science.synchrony import METHODS, SURROGATES, synchrony
from accord.science.synchrony.series import detrended
from accord.science.synchrony.settings import Settings
from accord.science.synchrony.wlcc import WLCC

RATE = 4.0


def noise(n: int, rng: np.random.Generator, smooth: int = 6) -> np.ndarray:
    kernel = np.hanning(2 * smooth + 1)
    return np.convolve(rng.standard_normal(n + 2 * smooth), kernel / np.sqrt((kernel**2).sum()), mode="valid")


def coupled(lag: int, seed: int, *, minutes: float = 15, share: float = 0.6) -> tuple[np.ndarray, np.ndarray]:
    """Two courses at 4 Hz; the second has what the first had `lag` samples before."""
    rng, n = np.random.default_rng(seed), int(minutes * 60 * RATE)
    common = noise(n + abs(lag), rng)
    first, second = (common[lag:], common[:n]) if lag >= 0 else (common[:n], common[-lag:])
    own = math.sqrt(1 - share)
    return (math.sqrt(share) * first + own * noise(n, rng), math.sqrt(share) * second + own * noise(n, rng))


@pytest.mark.parametrize(("lag", "leader"), [(8, "patient"), (-6, "therapist"), (0, "none")])
@pytest.mark.parametrize("method", ["wlcc", "susy"])
def test_the_lag_and_the_leader_that_were_put_in(method: str, lag: int, leader: str) -> None:
    a, b = coupled(lag, 3)
    found = synchrony(a, b, rate_hz=RATE, method=method, surrogates=99, who=("patient", "therapist"))
    assert found.peak_lag_s == lag / RATE
    assert found.leader == leader
    assert found.peak_p == 0.01
    assert found.lead_low_s is not None
    assert found.lead_high_s is not None
    assert found.lead_low_s <= lag / RATE <= found.lead_high_s


@pytest.mark.parametrize("method", [name for name in METHODS if name != "amico"])
def test_every_method_finds_strong_coupling_beyond_chance(method: str) -> None:
    a, b = coupled(0, 4, share=0.7)
    found = synchrony(a, b, rate_hz=RATE, method=method, surrogates=99)
    assert found.p is not None
    assert found.p <= 0.02
    assert found.effect_size is not None
    assert found.effect_size > 2


def test_phase_says_who_follows_as_lags_do() -> None:
    a, b = coupled(8, 5, share=0.9)
    details = synchrony(a, b, rate_hz=RATE, method="coherence", surrogates=0).details
    assert_allclose(details["phase_lag_s"], 2.0, atol=0.3)
    assert details["phase_locking"] > 0.5


def test_coherence_is_welch_coherence() -> None:
    from scipy.signal import coherence

    a, b = coupled(3, 6)
    found = synchrony(a, b, rate_hz=RATE, method="coherence", surrogates=0, detrend=False)
    frequency, expected = coherence(a, b, fs=RATE, nperseg=240, noverlap=120)
    inside = np.isin(np.round(frequency, 9), np.round(found.details["frequencies_hz"], 9))
    assert_allclose(found.profile, expected[inside], rtol=1e-10)
    assert_allclose(found.synchrony, expected[inside].mean(), rtol=1e-10)


def by_hand(x: np.ndarray, y: np.ndarray, s: Settings) -> np.ndarray:
    """The definition, window by window and lag by lag."""
    rows = []
    for first in range(0, len(x) - s.width - s.reach + 1, s.shift):
        row = []
        for lag in range(-s.reach, s.reach + 1):
            u = x[first + max(-lag, 0) : first + max(-lag, 0) + s.width]
            v = y[first + max(lag, 0) : first + max(lag, 0) + s.width]
            known = np.isfinite(u) & np.isfinite(v)
            enough = 2 * known.sum() >= s.width
            row.append(np.arctanh(np.corrcoef(u[known], v[known])[0, 1]) if enough else np.nan)
        rows.append(row)
    return np.array(rows)


@pytest.mark.parametrize("holes", [False, True])
def test_windows_and_lags_are_plain_correlations(holes: bool) -> None:
    a, b = coupled(2, 7, minutes=4)
    a = a * 12 + 70
    if holes:
        a[100:160], b[130:150], a[500:640], b[::37] = np.nan, np.nan, np.nan, np.nan
    s = Settings(rate_hz=RATE, window=20, step=7, max_lag=3)
    found = synchrony(a, b, rate_hz=RATE, window=20, step=7, max_lag=3, detrend=False, surrogates=0)
    expected = by_hand(a, b, s)
    assert found.grid is not None
    assert_allclose(found.grid, expected, atol=1e-11)
    assert_allclose(found.synchrony, np.nanmean(expected), atol=1e-12)
    assert found.quality == np.isfinite(expected).any(axis=1).mean()
    assert (found.quality < 1) is holes


def test_marci_and_suco_are_their_formulas() -> None:
    a, b = coupled(0, 8, minutes=5)
    t = np.arange(20) / RATE
    slope = [[np.polyfit(t, x[i : i + 20], 1)[0] for i in range(0, len(x) - 19, 4)] for x in (a, b)]
    r = np.array([np.corrcoef(slope[0][k : k + 11], slope[1][k : k + 11])[0, 1] for k in range(len(slope[0]) - 10)])
    found = synchrony(a, b, rate_hz=RATE, method="marci", surrogates=0, detrend=False)
    assert found.synchrony is not None
    assert_allclose(found.windows, r, atol=1e-10)
    assert_allclose(found.synchrony, np.log(r[r > 0].sum() / -r[r < 0].sum()), atol=1e-10)
    t = np.arange(8) / RATE
    slope = [[np.polyfit(t, x[i : i + 8], 1)[0] for i in range(0, len(x) - 7, 4)] for x in (a, b)]
    r = np.array([np.corrcoef(slope[0][k : k + 9], slope[1][k : k + 9])[0, 1] for k in range(0, len(slope[0]) - 8, 10)])
    found = synchrony(a, b, rate_hz=RATE, method="suco", surrogates=0, detrend=False)
    assert_allclose(found.windows, np.arctanh(r), atol=1e-10)
    assert_allclose(found.details["concordance_index"], np.log(r[r > 0].sum() / -r[r < 0].sum()), atol=1e-10)


def test_moving_against_each_other_is_kept_apart() -> None:
    a, b = coupled(0, 9, share=0.8)
    signed = synchrony(a, -b, rate_hz=RATE, max_lag=1, surrogates=99)
    size = synchrony(a, -b, rate_hz=RATE, max_lag=1, surrogates=99, absolute=True)
    together = synchrony(a, b, rate_hz=RATE, max_lag=1, surrogates=99)
    assert signed.synchrony == pytest.approx(-together.synchrony)
    assert signed.p == together.p == 0.02  # two-sided: twice the smallest tail
    assert size.p == 0.01
    assert size.one_sided
    assert signed.details["share_positive_windows"] < 0.1 < 0.9 < together.details["share_positive_windows"]
    assert signed.details["anti_phase"] == pytest.approx(-together.details["in_phase"])


def test_phases_and_convergence() -> None:
    """Coupled in the second half alone: the phase shows it, and so does the rise."""
    a, b = coupled(0, 10, share=0.8)
    half = len(a) // 2
    b[:half] = noise(half, np.random.default_rng(11))
    phases = [("first half", 0.0, 430.0), ("second half", 470.0, 900.0), ("after", 1e4, 2e4)]
    found = synchrony(a, b, rate_hz=RATE, max_lag=1, surrogates=199, phases=phases)
    early, late, none = found.parts
    assert early.p > 0.05
    assert late.p == 0.01
    assert late.synchrony > early.synchrony + 0.2
    assert (none.n_windows, none.synchrony) == (0, None)
    assert found.convergence.synchrony > 0
    assert found.convergence.p == 0.01
    whole = synchrony(*coupled(0, 10, share=0.8), rate_hz=RATE, max_lag=1, surrogates=199)
    assert whole.convergence.p > 0.05


@pytest.mark.parametrize("kind", ["segment-shuffle", "circular-shift", "phase-randomised"])
def test_a_seed_gives_the_same_surrogates_and_another_seed_others(kind: str) -> None:
    a, b = coupled(0, 12, minutes=5)
    one, again, other = (
        synchrony(a, b, rate_hz=RATE, surrogate=kind, surrogates=20, seed=seed).surrogates for seed in (1, 1, 2)
    )
    assert one.tolist() == again.tolist()
    assert len({*one, *other}) > 35  # two shifts may be the same


@pytest.mark.parametrize("kind", ["segment-shuffle", "circular-shift", "phase-randomised"])
def test_surrogates_keep_what_they_promise(kind: str) -> None:
    x = noise(2401, np.random.default_rng(13)) * 3 + 70
    settings = Settings(rate_hz=RATE, window=30, step=10, max_lag=5)
    redraw = SURROGATES[kind].redraw
    assert redraw is not None
    drawn = redraw(x, np.random.default_rng(1), settings)
    assert len(drawn) == len(x)
    assert_allclose(drawn.mean(), x.mean())
    if kind == "phase-randomised":
        assert_allclose(np.abs(np.fft.rfft(drawn)), np.abs(np.fft.rfft(x)), atol=1e-8)
    else:
        assert_allclose(np.sort(drawn), np.sort(x))
    cut = 120 * np.arange(20)
    assert all((drawn[i : i + 120] != x[i : i + 120]).any() for i in cut)


def test_segment_shuffling_at_once_is_one_order_after_the_other() -> None:
    """SUSY's table of all pairs and a session put together anew give the same surrogate."""
    a, b = coupled(0, 14, minutes=8)
    from accord.science.synchrony.chance import redrawn
    from accord.science.synchrony.measure import asked

    at_once = synchrony(a, b, rate_hz=RATE, method="susy", surrogate="segment-shuffle", surrogates=12, detrend=False)
    way, settings = asked("susy", RATE)
    singly = redrawn(a, b, way, settings, "segment-shuffle", 1, range(12))
    assert_allclose(at_once.surrogates, singly.overall, atol=1e-12)


def test_shuffling_is_labelled() -> None:
    a, b = coupled(0, 15, minutes=5)
    found = synchrony(a, b, rate_hz=RATE, surrogate="segment-shuffle", surrogates=9)
    assert "does not remove a shared trend" in " ".join(found.notes)
    assert synchrony(a, b, rate_hz=RATE, surrogates=0).notes == ()


def test_p_counts_the_real_session_among_its_surrogates() -> None:
    a, b = coupled(0, 16, share=0.9)
    assert synchrony(a, b, rate_hz=RATE, surrogates=9, absolute=True).p == 0.1
    none = synchrony(a, b, rate_hz=RATE, surrogates=0)
    assert (none.p, none.effect_size, none.surrogate, none.n_surrogates) == (None, None, "", 0)


def others(count: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    return [coupled(0, seed + i, minutes=5 + i % 2, share=0.0) for i in range(count)]


def test_pseudo_dyads() -> None:
    a, b = coupled(0, 17, minutes=6, share=0.5)
    found = synchrony(a, b, rate_hz=RATE, surrogate="pseudo-dyads", others=others(11, 100), surrogates=500)
    assert found.n_surrogates == 12 * 11
    assert found.p == pytest.approx(2 / 133)
    few = synchrony(a, b, rate_hz=RATE, surrogate="pseudo-dyads", others=others(11, 100), surrogates=15)
    assert few.n_surrogates == 15


def test_few_surrogates_say_what_they_cannot_say() -> None:
    a, b = coupled(0, 18, minutes=6, share=0.9)
    few = synchrony(a, b, rate_hz=RATE, surrogate="pseudo-sessions", others=others(2, 200))
    assert few.notes[0] == "With 6 surrogates p cannot fall below 0.29."
    assert few.p == pytest.approx(2 / 7)
    assert synchrony(a, b, rate_hz=RATE, surrogate="pseudo-sessions", others=others(6, 200)).notes == ()


def test_a_flat_course_of_another_recording_is_left_out() -> None:
    a, b = coupled(0, 18, minutes=6)
    rest = others(10, 300)
    rest[4] = (np.full(1200, 5.0), rest[4][1])
    found = synchrony(a, b, rate_hz=RATE, surrogate="pseudo-dyads", others=rest)
    assert found.n_surrogates == 11 * 10 - 10


def test_pseudo_sessions_need_three_and_pseudo_dyads_ten() -> None:
    a, b = coupled(0, 18, minutes=6)
    assert synchrony(a, b, rate_hz=RATE, surrogate="pseudo-sessions", others=others(2, 200)).n_surrogates == 6
    with pytest.raises(NotEstimable, match="needs 3 recordings that hold a window; there are 2"):
        synchrony(a, b, rate_hz=RATE, surrogate="pseudo-sessions", others=others(1, 200))
    with pytest.raises(NotEstimable, match="needs 10 recordings that hold a window; there are 9"):
        synchrony(a, b, rate_hz=RATE, surrogate="pseudo-dyads", others=others(8, 200))
    short = [(a[:100], b[:100])]
    with pytest.raises(NotEstimable, match="that hold a window; there are 9"):
        synchrony(a, b, rate_hz=RATE, surrogate="pseudo-dyads", others=[*others(8, 200), *short])


def test_no_lead_where_the_clocks_are_too_uncertain() -> None:
    a, b = coupled(8, 3)
    wide = synchrony(a, b, rate_hz=RATE, surrogates=19, clock_s=1.3)
    assert (wide.peak_lag_s, wide.leader) == (None, "none")
    assert "clocks are uncertain by 1.3 s" in wide.notes[-1]
    narrow = synchrony(a, b, rate_hz=RATE, surrogates=99, clock_s=0.5)
    assert narrow.leader == "first"
    assert narrow.lead_high_s - narrow.lead_low_s >= 1.0


def test_detrending_takes_lines_and_slow_falls_and_leaves_gaps() -> None:
    t = np.arange(4800) / RATE
    line = detrended(70 - 0.01 * t, 480)
    assert_allclose(line, 0, atol=1e-9)
    fall = 20 * np.exp(-t / 300)
    assert np.abs(detrended(fall, 480)).max() < 0.6
    fast = np.sin(2 * np.pi * 0.1 * t)
    assert_allclose(detrended(fast, 480)[480:-480], fast[480:-480], atol=0.05)
    fast[1000:1100] = np.nan
    assert np.isnan(detrended(fast, 480)).sum() == 100


def test_json_has_the_ten_keys_first_and_nothing_that_is_no_json() -> None:
    a, b = coupled(0, 19, minutes=5)
    keys = ["method", "n_windows", "synchrony", "surrogate_mean", "surrogate_sd", "effect_size", "p", "peak_lag_s",
            "leader", "quality"]  # fmt: skip
    for method in METHODS:
        found = synchrony(a, b, rate_hz=RATE, method=method, surrogates=9, phases=[("all", 0, 300)]).to_dict()
        assert list(found)[:10] == keys
        assert json.loads(json.dumps(found, allow_nan=False)) == json.loads(json.dumps(found))


def test_the_map_the_course_and_the_profile_agree() -> None:
    a, b = coupled(0, 20, minutes=5)
    for method in METHODS:
        found = synchrony(a, b, rate_hz=RATE, method=method, surrogates=0)
        assert len(found.windows) == len(found.window_times_s), method
        assert (np.diff(found.window_times_s) > 0).all()
        assert found.window_times_s[-1] < 300
        if len(found.lags_s):
            assert len(found.profile) == len(found.lags_s)
        if found.grid is not None:
            assert found.grid.shape == (len(found.windows), len(found.profile))


A, B = coupled(0, 21, minutes=3)
FLAT, EMPTY = np.full(len(A), 72.0), np.full(len(A), np.nan)


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"b": B[:-1]}, BadInput, "720 and 719 samples"),
        ({"b": FLAT}, NotEstimable, "flat line"),
        ({"b": EMPTY}, NotEstimable, "holds no value"),
        ({"b": np.where(np.arange(len(B)) < 20, B, np.nan)}, NotEstimable, "No window has half"),
        ({"a": np.where(np.arange(len(A)) < 300, A, np.nan),
          "b": np.where(np.arange(len(B)) > 400, B, np.nan)}, NotEstimable, "No window has half"),
        ({"a": ["x"] * len(A)}, BadInput, "not a list of numbers"),
        ({"a": np.zeros((3, 3))}, BadInput, "2 dimensions"),
        ({"window": 200.0}, NotEstimable, "shorter than a window"),
        ({"window": 0.0}, BadInput, "above 0"),
        ({"window": math.nan}, BadInput, "above 0"),
        ({"step": -1.0}, BadInput, "above 0"),
        ({"max_lag": -1.0}, BadInput, "0 or a number"),
        ({"max_lag": 40.0}, BadInput, "longer than the window"),
        ({"window": 0.5, "max_lag": 0.25}, BadInput, "holds 2 samples"),
        ({"rate_hz": 0.0}, BadInput, "above 0"),
        ({"method": "rmea"}, NotFound, "There are: wlcc"),
        ({"surrogate": "none"}, NotFound, "There are: segment-shuffle"),
        ({"surrogates": -1}, BadInput, "cannot be drawn"),
        ({"windw": 30}, BadInput, "no option 'windw'"),
        ({"method": "susy", "step": 10.0}, BadInput, "follow each other"),
        ({"method": "coherence", "band": (0.15, 0.04)}, BadInput, "between 0 and half the rate"),
        ({"method": "coherence", "band": (0.041, 0.042)}, BadInput, "resolves no frequency"),
        ({"method": "suco", "window": 2.0}, BadInput, "slopes over"),
        ({"phases": [("session", 60.0, 30.0)]}, BadInput, "ends .30 s. before it starts"),
        ({"window": 80.0, "surrogates": 9}, NotEstimable, "too short to be shifted"),
        ({"window": 80.0, "surrogates": 9, "surrogate": "segment-shuffle"}, NotEstimable, "too few to shuffle"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_a_cure(change: dict[str, object], error: type[Exception], text: str) -> None:
    asked = {"a": A, "b": B, "rate_hz": RATE, "surrogates": 9, **change}
    with pytest.raises(error, match=text) as caught:
        synchrony(asked.pop("a"), asked.pop("b"), **asked)
    assert caught.value.finding.cure


def test_a_raw_recording_is_refused_before_it_fills_the_memory() -> None:
    x = np.random.default_rng(1).standard_normal(200_000)
    with pytest.raises(BadInput, match="Bring both recordings to 4 or 10 Hz first"):
        synchrony(x, x, rate_hz=1000, step=0.1, surrogates=0)
    with pytest.raises(BadInput, match="at most 20,000,000"):
        synchrony(np.zeros(20_000_001), x, rate_hz=1000)


def test_a_day_is_measured() -> None:
    rng = np.random.default_rng(22)
    a, b = (rng.standard_normal(24 * 3600 * 4) for _ in range(2))
    found = synchrony(a, b, rate_hz=4, surrogates=2)
    assert found.n_windows == 8637
    assert abs(found.synchrony) < 0.01


def test_flat_stretches_give_no_correlation_and_are_counted() -> None:
    a, b = coupled(0, 23, minutes=10)
    b = b + 70
    b[600:1200] = 72.0
    found = synchrony(a, b, rate_hz=RATE, surrogates=0, detrend=False)
    assert found.n_windows < len(found.windows)
    assert np.isnan(found.windows).any()
    assert found.quality == found.n_windows / len(found.windows)


def test_skin_responses_are_not_matched_where_nothing_was_recorded() -> None:
    rng = np.random.default_rng(24)
    rise = np.concatenate([np.linspace(0, 1, 6), np.exp(-np.arange(60) / 20)])
    beats = np.zeros(4800)
    beats[rng.choice(4800, 60, replace=False)] = 1
    a = np.convolve(beats, rise)[:4800] + rng.normal(0, 0.003, 4800)
    b = np.roll(a, 4) + rng.normal(0, 0.003, 4800)
    whole = synchrony(a, b, rate_hz=RATE, method="amico", surrogates=19)
    assert whole.peak_lag_s == pytest.approx(1.0, abs=0.1)
    assert whole.leader == "first"
    assert whole.p == 0.05
    b[1000:2000] = np.nan
    part = synchrony(a, b, rate_hz=RATE, method="amico", surrogates=0)
    gone = (part.window_times_s > 265) & (part.window_times_s < 485)
    assert np.isnan(part.windows[gone]).all()
    assert part.n_windows < whole.n_windows
    assert not part.detrended


def test_a_sensor_that_stands_still_is_missing_also_when_the_trend_is_taken() -> None:
    a, b = coupled(0, 25, minutes=15)
    b = b + 70
    b[1200:2400] = b[1200]
    found = synchrony(a, b, rate_hz=RATE, surrogates=9)
    still = (found.window_times_s > 320) & (found.window_times_s < 580)
    assert still.sum() > 20
    assert np.isnan(found.windows[still]).all()
    assert found.quality == pytest.approx(1 - np.isnan(found.windows).mean())


@pytest.mark.parametrize("method", [name for name in METHODS if name != "amico"])
def test_units_do_not_matter_and_the_other_way_round_is_the_mirror(method: str) -> None:
    a, b = coupled(3, 26, minutes=6)
    one, scaled, turned = (
        synchrony(x, y, rate_hz=RATE, method=method, surrogates=0, max_lag=4)
        for x, y in [(a, b), (1e3 * a - 5e4, b / 60 + 1e3), (b, a)]
    )
    assert_allclose(scaled.windows, one.windows, atol=1e-8)
    if method != "peaks":  # of two peaks as near to lag zero on either side it takes the higher, whichever side
        assert_allclose(turned.synchrony, one.synchrony, atol=1e-10)
    assert_allclose(turned.profile[::-1] if len(one.lags_s) else turned.profile, one.profile, atol=1e-10)


@pytest.mark.parametrize(("lag", "least", "most"), [(0, 0, 2), (4, 24, 30)])
def test_a_leader_is_named_where_one_leads_and_hardly_where_none_does(lag: int, least: int, most: int) -> None:
    found = [synchrony(*coupled(lag, 1000 + i, share=0.4), rate_hz=RATE, surrogates=39) for i in range(30)]
    leaders = [one.leader for one in found if one.leader != "none"]
    assert least <= len(leaders) <= most
    assert set(leaders) <= {"first"} or lag == 0
    assert sum(one.lead_low_s <= lag / RATE <= one.lead_high_s for one in found) >= 27


def test_a_method_is_found_by_its_own_name() -> None:
    assert all(name == method.name for name, method in METHODS.items())
    assert METHODS["wlcc"] is WLCC
