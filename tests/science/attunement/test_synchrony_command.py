"""`accord synchrony A B`: the figures of the reference programs, and every bad file a typed error with its cure."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from made_up_pairs import pair, run, write

DATA = Path(__file__).parents[2] / "published" / "data" / "synchrony"
REFERENCE = json.loads((DATA / "synchrony.json").read_text())
KEYS = [
    "method", "n_windows", "synchrony", "surrogate_mean", "surrogate_sd", "effect_size", "p", "peak_lag_s", "leader",
    "quality",
]  # fmt: skip
REFERENCE_OPTIONS = ("--no-detrend", "--surrogates", "0", "--rate", "10", "--json")


def unpacked(name: str, folder: Path) -> Path:
    path = folder / f"{name}.csv"
    path.write_bytes(gzip.decompress((DATA / f"{name}.csv.gz").read_bytes()))
    return path


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    first, second = pair(1)
    return write(folder / "a.csv", first), write(folder / "b.csv", second), folder


def found(monkeypatch, capsys, *words):
    assert run(monkeypatch, "synchrony", *words, "--json") == 0
    return json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("absolute", "key"), [((), "noabs"), (("--absolute",), "abs")])
def test_rmea_on_an_hour_at_ten_hertz(tmp_path, monkeypatch, capsys, absolute, key):
    """rMEA 1.2.2: lag 5, window 30, increment 10; columns without times, so that the rate is given."""
    hour = unpacked("sim_dyad_1h_10hz", tmp_path)
    words = (hour, hour, "--signal", "x", "--column-b", "y", "--file-rate", "10", *absolute, *REFERENCE_OPTIONS)
    got = found(monkeypatch, capsys, *words)
    assert got["n_windows"] == REFERENCE["sim1h_rMEA_5_30_10"][key]["n_win"]
    assert got["synchrony"] == pytest.approx(REFERENCE["sim1h_rMEA_5_30_10"][key]["grandAver"], abs=1e-9)


def test_dyadsync_on_skin_conductance(tmp_path, monkeypatch, capsys):
    """DyadSync 1.3.2 (AMICo version 2): the number of matched responses and their mean lag."""
    skin = unpacked("sim_dyad_eda_10hz", tmp_path)
    got = found(
        monkeypatch, capsys, skin, skin, "--signal", "skin-conductance", "--column", "patient", "--column-b",
        "therapist", "--method", "amico", "--max-lag", "4", *REFERENCE_OPTIONS,
    )  # fmt: skip
    matched = REFERENCE["AMICo2_sim_eda"]
    assert got["details"]["matched"] == matched["n_matched"] == 93
    assert got["peak_lag_s"] == pytest.approx(matched["mean_lag_s_matched"], abs=1e-9)
    assert got["synchrony"] == pytest.approx(matched["mean_sync"], abs=2e-4)  # five valleys differ (its own test says)


def test_susy_on_an_hour_at_ten_hertz(tmp_path, monkeypatch, capsys):
    """SUSY 0.1.0: segments of 30 s, lags to 5 s."""
    hour = unpacked("sim_dyad_1h_10hz", tmp_path)
    words = (hour, hour, "--signal", "x", "--column-b", "y", "--file-rate", "10", "--method", "susy")
    got = found(monkeypatch, capsys, *words, *REFERENCE_OPTIONS)
    summary = REFERENCE["SUSY_sim1h_30_5"]["summary"]
    assert got["n_windows"] == summary["n(Segmente)"]
    assert got["synchrony"] == pytest.approx(summary["Z(noAbs)"], abs=1e-9)
    assert got["details"]["absolute"]["effect_size"] == pytest.approx(summary["ES"], abs=1e-9)


def test_the_ten_keys_come_first_and_the_rest_is_documented(files, monkeypatch, capsys):
    got = found(monkeypatch, capsys, *files[:2], "--signal", "heart-rate", "--surrogates", "40")
    assert list(got)[:10] == KEYS
    page = (Path(__file__).parents[3] / "docs/reference/attunement.md").read_text(encoding="utf-8")
    assert [key for key in got if f"`{key}`" not in page] == []


def test_coupling_is_found_at_its_lag_whatever_the_rates(files, monkeypatch, capsys):
    a, b, folder = files
    fast = pl.read_csv(b)
    slow = folder / "slow.csv"
    fast.gather_every(4).write_csv(slow)
    for other in (b, slow):
        words = ("--signal", "heart-rate", "--surrogates", "100", "--clock-error", "0")
        got = found(monkeypatch, capsys, a, other, *words)
        assert got["p"] == pytest.approx(2 / 101)
        assert got["peak_lag_s"] == pytest.approx(2.0, abs=0.26)
        assert got["leader"] == "patient"
        assert "more than chance; this may be talking, breathing or moving, not closeness" in got["reading"]
        assert any("nothing in the files says so" in note for note in got["assumed"])


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(files, monkeypatch, capsys):
    words = (*files[:2], "--signal", "heart-rate", "--surrogates", "60", "--seed", "4")
    one = found(monkeypatch, capsys, *words)
    assert one == found(monkeypatch, capsys, *words)
    assert one["surrogate_mean"] != found(monkeypatch, capsys, *words[:-1], "5")["surrogate_mean"]


def test_no_lag_is_named_by_clocks_that_are_not_sure_enough(files, monkeypatch, capsys):
    words = (*files[:2], "--signal", "heart-rate", "--surrogates", "40", "--clock-error")
    unsure = found(monkeypatch, capsys, *words, "1.3")
    assert (unsure["peak_lag_s"], unsure["leader"]) == (None, "none")
    assert "the clocks are uncertain by" in " ".join(unsure["notes"])
    assert found(monkeypatch, capsys, *words, "1.2")["peak_lag_s"] is not None


def test_a_report_has_the_four_pictures_and_says_what_may_be_said(files, tmp_path, monkeypatch, capsys):
    phases = tmp_path / "phases.csv"
    phases.write_text("phase,start,end\nbaseline,0,120\nsession,120,360\n")
    words = (*files[:2], "--signal", "heart-rate", "--surrogates", "40", "--phases", phases, "--out", tmp_path / "out")
    assert run(monkeypatch, "synchrony", *words) == 0
    page = (tmp_path / "out/report.html").read_text(encoding="utf-8")
    assert {path.stem for path in (tmp_path / "out/figures").glob("*.svg")} == {"courses", "surrogates", "map", "lead"}
    assert "not closeness" in page
    assert "shared trend" in page
    assert ">baseline<" in page
    assert "invented data" not in page
    assert run(monkeypatch, "synchrony", *words) == 2
    assert "is not empty" in capsys.readouterr().err


def test_what_the_simulator_made_is_stamped(files, tmp_path, monkeypatch, capsys):
    a, b, _ = files
    one, other = tmp_path / "a-invented.csv", tmp_path / "b-invented.csv"
    one.write_bytes(a.read_bytes())
    other.write_bytes(b.read_bytes())
    words = (one, other, "--signal", "heart-rate", "--surrogates", "40", "--out", tmp_path / "out")
    assert run(monkeypatch, "synchrony", *words) == 0
    assert capsys.readouterr().out.startswith("Invented data")
    assert all("-invented" in path.name for path in (tmp_path / "out/figures").iterdir())


# --- bad input ------------------------------------------------------------------------------------------------------


def jumping(path: Path, values: np.ndarray, jump_at: int | None) -> Path:
    """Times of a wall clock; at `jump_at` summer time begins."""
    base = dt.datetime(2026, 3, 29, 1, 56)  # noqa: DTZ001 - a wall clock has no zone
    hour = dt.timedelta(hours=1)
    times = [
        (base + dt.timedelta(seconds=k / 4) + (hour if jump_at is not None and k >= jump_at else dt.timedelta()))
        for k in range(len(values))
    ]
    pl.DataFrame({"time": [one.isoformat() for one in times], "heart_rate": values}).write_csv(path)
    return path


def _bad(folder: Path, name: str) -> Path:
    """The file of each case of the list."""
    values, path = pair(1)[1], folder / f"{name}.csv"
    n = len(values)
    rng = np.random.default_rng(5)
    if name == "no overlap":
        return write(path, values, start=90_000.0)
    if name == "flat line":
        return write(path, np.full(n, 60.0))
    if name == "ms for s":
        return write(path, values, rate=4 / 1000)
    if name == "24 hours":
        return write(path, 60 + rng.standard_normal(24 * 3600 + 2), rate=1.0)
    if name == "person missing":
        pl.DataFrame({"time_s": np.arange(n) / 4, "heart_rate": [None] * n}).write_csv(path)
    if name == "short":
        return write(path, values[:100])
    if name == "time runs back":
        pl.DataFrame({"time_s": np.abs(np.arange(n) - 50.0), "heart_rate": values}).write_csv(path)
    if name == "words":
        path.write_text("time_s,heart_rate\n0,high\n1,low\n2,fast\n")
    if name == "empty":
        path.write_text("")
    if name == "a million columns":
        path.write_text(",".join(f"c{k}" for k in range(1_000_000)) + "\n")
    if name.startswith("garbage"):
        path = folder / name.replace(" ", "")
        path.write_bytes(b"PAR1" + rng.bytes(4000) + b"PAR1")
    return path


CASES = {
    "no overlap": "in common", "flat line": "flat line", "ms for s": "look like milliseconds",
    "24 hours": "lasts 24.0 hours", "person missing": "fewer than two samples", "short": "shorter than a window",
    "time runs back": "runs back", "words": "found 'high'", "empty": "is empty", "a million columns": "too long",
    "garbage.csv": "", "garbage.edf": "", "garbage.bdf": "", "garbage.acq": "", "garbage.xdf": "",
    "garbage.parquet": "", "garbage.json": "", "garbage.zip": "", "garbage.rr": "", "garbage.doc": "are not known",
    "not there": "no such file",
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_bad_file_is_a_typed_error_with_its_cure(files, tmp_path, monkeypatch, capsys, name):
    out = tmp_path / "out"
    bad = _bad(tmp_path, name)
    assert (
        run(monkeypatch, "synchrony", files[0], bad, "--signal", "heart-rate", "--surrogates", "20", "--out", out) == 2
    )
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("accord: ")
    assert CASES[name] in said.err
    assert said.err.rstrip().endswith(".")  # a cure is a sentence
    assert not out.exists()


def test_summer_time_that_begins_on_the_way_is_named(tmp_path, monkeypatch, capsys):
    a, b = pair(1)
    one, other = jumping(tmp_path / "a.csv", a, None), jumping(tmp_path / "b.csv", b, 500)
    assert run(monkeypatch, "synchrony", one, other, "--signal", "heart-rate") == 2
    assert "summer time" in capsys.readouterr().err
    hour_off = jumping(tmp_path / "c.csv", b, 0)
    assert run(monkeypatch, "synchrony", one, hour_off, "--signal", "heart-rate") == 2
    assert "1 h they overlap: a time zone or summer time" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--window", "4000"), "shorter than a window"),
        (("--window", "-1"), "It must be a number above 0"),
        (("--max-lag", "40"), "longer than the window"),
        (("--method", "nope"), "There are: wlcc"),
        (("--surrogate", "nope"), "There are: segment-shuffle"),
        (("--surrogate", "pseudo-dyads"), "needs 10 recordings"),
        (("--rate", "0"), "0 Hz"),
        (("--rate", "1e9"), "1e+09 Hz"),
        (("--who", "patient"), "patient,therapist"),
        (("--align", "nope"), "One of:"),
        (("--align", "marker"), "share no mark"),
        (("--column", "nope"), "time_s, heart_rate"),
    ],
)
def test_an_option_that_cannot_be_says_what_can(files, monkeypatch, capsys, words, said):
    assert run(monkeypatch, "synchrony", *files[:2], "--signal", "heart-rate", "--surrogates", "20", *words) == 2
    assert said in capsys.readouterr().err


def test_one_person_twice_is_refused(files, monkeypatch, capsys):
    assert run(monkeypatch, "synchrony", files[0], files[0], "--signal", "heart-rate") == 2
    assert "Name the other's column with --column-b" in capsys.readouterr().err


def test_clocks_that_nothing_compares_name_no_leader(tmp_path):
    """C25: a lag is read from two files only when something says how far their clocks are apart."""
    from accord.science.analyses.attunement_bodies import brought_together
    from accord.science.signals import read_recording
    from accord.science.synchrony import synchrony

    random = np.random.default_rng(1)
    course = np.convolve(random.normal(size=2600), np.ones(20) / 20, "same")
    time = np.arange(2400) / 4
    for name, start in (("a", 100), ("b", 92)):
        lines = [f"{t},{70 + 40 * v}" for t, v in zip(time, course[start : start + 2400], strict=True)]
        (tmp_path / f"{name}.csv").write_text("time_s,level\n" + "\n".join(lines))
    a, b = (read_recording(tmp_path / f"{n}.csv", signal="skin-conductance", column="level", who=n) for n in "ab")

    def found(clock_error_s):
        both = brought_together(a, b, clock_error_s=clock_error_s)
        return synchrony(both.first, both.second, rate_hz=4, clock_s=both.clock_s, surrogates=99)

    assert found(0.0).leader != "none"
    assert found(None).leader == "none"
    assert found(None).peak_lag_s is None
    assert any("clocks" in note for note in found(None).notes)
