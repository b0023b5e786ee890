"""Tables with one row per sample: what is understood, and what is refused with its place and cure."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from accord.science.errors import BadInput, NotFound
from accord.science.signals import Limits, read_recording


def written(folder: Path, text: str, name: str = "a.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def rows(times: np.ndarray, values: np.ndarray, header: str = "time,heart rate") -> str:
    return header + "\n" + "\n".join(f"{t!r},{v!r}" for t, v in zip(times.tolist(), values.tolist(), strict=True))


T = np.arange(0, 60, 0.25)
HR = 70 + 5 * np.sin(T / 5)


def test_a_column_is_found_by_its_kind_or_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, rows(T, HR))
    for signal in ("heart-rate", "heart rate", "Heart Rate", "HR"):
        recording = read_recording(path, signal=signal, who="patient")
        assert (recording.who, recording.rate_hz, recording.start, recording.clock) == ("patient", 4.0, 0.0, "own")
        np.testing.assert_array_equal(recording.values, HR)


def test_parquet_and_csv_give_the_same(tmp_path: Path) -> None:
    text = read_recording(written(tmp_path, rows(T, HR)), signal="heart-rate")
    pl.DataFrame({"time": T, "heart rate": HR, "more": HR}).write_parquet(tmp_path / "a.parquet")
    columnar = read_recording(tmp_path / "a.parquet", signal="heart-rate")
    np.testing.assert_array_equal(text.values, columnar.values)
    assert (text.rate_hz, text.start) == (columnar.rate_hz, columnar.start)


def test_semicolons_decimal_commas_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = "\ufeff" + rows(T, HR).replace(",", ";").replace(".", ",")
    np.testing.assert_allclose(read_recording(written(tmp_path, text), signal="hr").values, HR)


@pytest.mark.parametrize(("unit", "factor"), [("ms", 1e3), ("us", 1e6), ("min", 1 / 60)])
def test_the_unit_of_time_stands_in_the_header_or_is_given(tmp_path: Path, unit: str, factor: float) -> None:
    named = read_recording(written(tmp_path, rows(T * factor, HR, f"time [{unit}],hr")), signal="hr")
    given = read_recording(written(tmp_path, rows(T * factor, HR)), signal="hr", time_unit=unit)
    assert named.rate_hz == pytest.approx(4.0)
    assert given.rate_hz == pytest.approx(4.0)


@pytest.mark.parametrize("factor", [1, 1e3, 1e6])
def test_stamps_since_1970_stand_on_the_utc_clock(tmp_path: Path, factor: float) -> None:
    recording = read_recording(written(tmp_path, rows((T + 1.7e9) * factor, HR)), signal="hr")
    assert recording.clock == "utc"
    assert recording.start == pytest.approx(1.7e9, abs=1e-3)
    assert recording.rate_hz == pytest.approx(4.0, rel=1e-6)


def test_dates_with_an_offset_are_utc_and_without_one_local(tmp_path: Path) -> None:
    for offset, clock, start in (
        ("+02:00", "utc", 1774764000.0),
        ("Z", "utc", 1774771200.0),
        ("", "local", 1774771200.0),
    ):
        lines = [f"2026-03-29T08:00:{s:02d}.{half}{offset},{70 + s}" for s in range(30) for half in ("000", "500")]
        recording = read_recording(written(tmp_path, "time,hr\n" + "\n".join(lines)), signal="hr")
        assert (recording.clock, recording.rate_hz, recording.start) == (clock, 2.0, start)


def test_missing_cells_stay_missing_and_a_pause_is_a_gap(tmp_path: Path) -> None:
    lines = [f"{t},{'' if i == 7 else v}" for i, (t, v) in enumerate(zip(T, HR, strict=True)) if not 100 <= i < 150]
    recording = read_recording(written(tmp_path, "time,hr\n" + "\n".join(lines)), signal="hr")
    assert np.isnan(recording.values[7])
    assert recording.missing == 1
    assert [(gap.start, gap.end) for gap in recording.gaps] == [(25.0, 37.5)]


def test_arrival_jitter_is_measured(tmp_path: Path) -> None:
    late = np.random.default_rng(1).normal(0, 0.02, T.size)
    recording = read_recording(written(tmp_path, rows(T + late, HR)), signal="hr")
    assert recording.stamps is None
    assert recording.rate_hz == pytest.approx(4.0, rel=1e-3)
    assert recording.jitter_s == pytest.approx(late.std(), rel=0.05)


def test_a_table_without_times_needs_a_rate(tmp_path: Path) -> None:
    path = written(tmp_path, "x,y\n" + "\n".join(f"{v},{v + 1}" for v in HR))
    assert read_recording(path, signal="y", rate_hz=10).seconds == pytest.approx(23.9)
    with pytest.raises(BadInput, match="give the rate"):
        read_recording(path, signal="y")


def day(texts: list[str]) -> str:
    return "time,hr\n" + "\n".join(f"2026-{text},{60 + i % 9}" for i, text in enumerate(texts))


REFUSED = {
    "an empty file": ("", "the file is empty"),
    "a header alone": ("time,hr\n", "no row"),
    "no such column": (rows(T, HR, "time,foo"), "There are: time, foo"),
    "two columns of a kind": ("time,hr left,hr right\n0,1,2\n1,2,3\n", "can be hr left or hr right"),
    "a column twice": ("time,hr,hr\n0,1,2\n", "stands there twice"),
    "a word in a cell": (rows(T, HR).replace(repr(float(HR[5])), "many"), r"row 7, column heart rate: found 'many'"),
    "a ragged row": (rows(T, HR) + "\n99,1,2", "row 242: the row has 3 cells"),
    "a flat line": (rows(T, HR * 0 + 4), "flat line"),
    "nothing measured": ("time,hr\n" + "\n".join(f"{t}," for t in T), "fewer than two samples are there"),
    "a time twice": (rows(np.r_[T, T[-1]], np.r_[HR, 1]), "row 242, column time: the time stands still"),
    "time that runs back": (rows(np.r_[T, 3.0], np.r_[HR, 1]), "runs back by 56.750 s"),
    "milliseconds for seconds": (rows(np.arange(0, 1_800_000, 250.0), np.arange(7200) % 9), "time unit ms"),
    "a day and more": (rows(np.arange(0, 90_000, 10.0), np.arange(9000) % 9), "lasts 25.0 hours; 12 are allowed"),
    "an ecg in milliseconds": (rows(np.arange(0, 4000, 4.0), np.arange(1000) % 9, "time,ecg"), "time unit ms"),
    "summer time begins": (day([f"03-29T{h}:{m}:{s:02d}" for h, m in (("01", 59), ("03", "00")) for s in range(60)]),
                           "summer time begins. Export the times in UTC"),
    "summer time ends": (day([f"10-25T02:{m}:{s:02d}" for m in (59, "00") for s in range(60)]), "summer time ends"),
    "an empty time": (rows(T, HR) + "\n,70", "row 242, column time: the time is empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_bad_tables_are_refused_with_the_cure(tmp_path: Path, case: str) -> None:
    text, message = REFUSED[case]
    signal = "ecg" if "ecg" in case else "hr"
    with pytest.raises(BadInput, match=message) as caught:
        read_recording(written(tmp_path, text), signal=signal)
    assert caught.value.finding.cure
    assert caught.value.finding.where.file


def test_rows_are_counted_from_the_top_of_the_file(tmp_path: Path) -> None:
    noted = "# device: x\n# session = 3\n" + rows(np.r_[T, T[-1]], np.r_[HR, 1])
    with pytest.raises(BadInput, match="row 244, column time: the time stands still"):
        read_recording(written(tmp_path, noted), signal="hr")
    bare = "\n".join(f"{t},{v}" for t, v in zip(np.r_[T, 3.0], np.r_[HR, 1], strict=True))
    with pytest.raises(BadInput, match="row 241, column column 1: the time runs back"):
        read_recording(written(tmp_path, bare), signal="hr", column="column 2", time="column 1")


def test_limits_and_paths(tmp_path: Path) -> None:
    path = written(tmp_path, rows(T, HR))
    with pytest.raises(BadInput, match=r"0\.001 MB are allowed|0 MB are allowed"):
        read_recording(path, signal="hr", limits=Limits(megabytes=0.001))
    with pytest.raises(BadInput, match="240 samples; 100 are allowed"):
        read_recording(path, signal="hr", limits=Limits(samples=100))
    with pytest.raises(NotFound, match="no such file"):
        read_recording(tmp_path / "none.csv", signal="hr")
    with pytest.raises(BadInput, match="not a file"):
        read_recording(tmp_path, signal="hr")
    with pytest.raises(BadInput, match=r"'\.wav' are not known"):
        read_recording(written(tmp_path, "x", "a.wav"), signal="hr")
    with pytest.raises(BadInput, match="no readable Parquet"):
        read_recording(written(tmp_path, "PAR1 no", "b.parquet"), signal="hr")
    (tmp_path / "c.csv").write_bytes(bytes(range(256)) * 8)
    with pytest.raises(BadInput, match="this is no text"):
        read_recording(tmp_path / "c.csv", signal="hr")
