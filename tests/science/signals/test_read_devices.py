"""Files of devices: what was written comes back, on the right clock, with its marks; what is damaged is refused."""

from __future__ import annotations

import gzip
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from signal_files import ACQ, ECG, EDA, NINE, RR, edf, empatica, lines, movesense, observation, two_straps, xdf

from accord.science.errors import BadInput, MissingExtra, NotFound
from accord.science.signals import Annotation, Limits, read_course, read_recording
from accord.science.signals.readers.biopac import read_acq
from accord.science.signals.readers.choice import Request, distinct
from accord.science.signals.readers.edf import read_edf
from accord.science.signals.readers.xdf import read_xdf


@pytest.mark.parametrize(("name", "step"), [("a.edf", 20 / 65535), ("a.bdf", 20 / 2**24)])
def test_edf_and_bdf(tmp_path: Path, name: str, step: float) -> None:
    path = edf(tmp_path, name)
    ecg = read_recording(path, signal="ecg", who="patient")
    eda = read_recording(path, signal="skin-conductance")
    np.testing.assert_allclose(ecg.values, ECG, atol=step)
    np.testing.assert_allclose(eda.values, EDA, atol=step)
    assert (ecg.rate_hz, eda.rate_hz, ecg.unit, eda.unit, ecg.clock) == (250.0, 16.0, "mV", "uS", "local")
    assert ecg.start == NINE
    assert ecg.annotations == (Annotation(NINE + 2.5, "clap"),)
    with pytest.raises(NotFound, match="There are: ECG, EDA left"):
        read_recording(path, signal="respiration")


def test_biopac() -> None:
    eda = read_recording(ACQ, signal="eda")
    assert (eda.rate_hz, len(eda), eda.unit, eda.clock) == (2000.0, 123_787, "microsiemens", "own")
    resp = read_recording(ACQ, signal="respiration")
    assert (resp.rate_hz, len(resp), resp.unit) == (3.90625, 241, "Volts")
    assert resp.annotations == (Annotation(0.0, "Segment 1"),)
    resumed = read_recording(ACQ.with_name("bioread_resumed.acq"), signal="ecg")
    assert (len(resumed), resumed.rate_hz, resumed.unit) == (7901, 1000.0, "mV")
    assert [(note.time, note.text) for note in resumed.annotations] == [(0.0, "Segment 1"), (3.881, "Segment 2")]
    assert "stopped and resumed 1 times" in resumed.notes[0]
    with pytest.raises(NotFound, match="EKG - ERS100C"):
        read_recording(ACQ, signal="temperature")


def test_xdf_takes_the_offset_between_the_machines_out(tmp_path: Path) -> None:
    ecg = read_recording(xdf(tmp_path, jitter=0.001, drift=1e-4), signal="ecg")
    np.testing.assert_allclose(ecg.values, ECG, atol=1e-6)
    assert ecg.clock == "lsl"
    assert ecg.rate_hz == pytest.approx(250.0, rel=3e-5)  # the drift left in would be 1e-4
    assert ecg.start == pytest.approx(105.0, abs=1e-3)
    assert ecg.jitter_s == pytest.approx(0.001, rel=0.1)
    assert [(note.text, round(note.time, 3)) for note in ecg.annotations] == [("clap", 107.0)]
    with pytest.raises(NotFound, match="Strap"):
        read_recording(tmp_path / "a.xdf", signal="eda")


def test_of_two_people_in_one_file_nobody_gets_the_other_by_chance(tmp_path: Path) -> None:
    path = two_straps(tmp_path)
    with pytest.raises(BadInput, match="'ecg' can be Patient: ECG or Therapist: ECG"):
        read_recording(path, signal="ecg")
    therapist = read_recording(path, signal="ecg", who="therapist")
    np.testing.assert_allclose(therapist.values, 2 * ECG, atol=1e-6)
    assert distinct(["EDA", "ECG", "EDA"]) == ["EDA #1", "ECG", "EDA #2"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (lines(RR), "polar.txt"),
        (lines(RR / 1000), "kubios.txt"),
        ("RR-interval [ms]\n" + lines(RR), "a.csv"),
        ("IBI_s;quality\n" + lines(f"{v / 1000};1" for v in RR), "b.csv"),
        ("# Units:= ms\n# Labels:= RRI\n" + lines(RR), "c.txt"),
    ],
)
def test_interval_lists(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / name).write_text(text)
    recording = read_recording(tmp_path / name, signal="rr")
    np.testing.assert_allclose(recording.values, RR)
    np.testing.assert_allclose(recording.times, np.cumsum(RR) / 1000)
    assert (recording.unit, recording.clock) == ("ms", "own")


def test_intervals_with_arrival_times_lie_on_that_clock_and_lost_beats_are_a_gap(tmp_path: Path) -> None:
    ends = NINE + np.cumsum(RR) / 1000
    late = ends + 0.3 + 0.05 * np.random.default_rng(2).random(ends.size)
    kept = [i for i in range(200) if not 90 <= i < 100]
    path = tmp_path / "strap.csv"
    path.write_text("timestamp_ms,rr\n" + lines(f"{late[i] * 1000:.0f},{RR[i]}" for i in kept))
    recording = read_recording(path, signal="rr")
    assert recording.clock == "utc"
    assert [round(gap.end - gap.start, 1) for gap in recording.gaps] == [round(RR[90:100].sum() / 1000, 1)]
    assert np.abs(recording.times - ends[kept] - 0.325).max() < 0.02
    assert recording.jitter_s == pytest.approx(0.05 / np.sqrt(12), rel=0.2)


def test_intervals_that_no_heart_has_are_refused(tmp_path: Path) -> None:
    for text, message in (
        (lines(RR * 50), "no interval between beats"),
        ("rr [s]\n" + lines(RR), "the unit is said to be s"),
        ("rr\n" + lines([*RR, -5]), "negative"),
        ("rr\n800", "fewer than two"),
        ("a,b\n1,2\n3,4", "not clear which column"),
    ):
        (tmp_path / "a.csv").write_text(text)
        with pytest.raises(BadInput, match=message):
            read_recording(tmp_path / "a.csv", signal="rr")


def test_empatica_sessions(tmp_path: Path) -> None:
    path = empatica(tmp_path)
    eda = read_recording(path, signal="skin-conductance")
    np.testing.assert_allclose(eda.values, EDA)
    assert (eda.start, eda.rate_hz, eda.clock, eda.unit) == (NINE, 4.0, "utc", "uS")
    assert eda.annotations == (Annotation(NINE + 12.5, "tag"),)
    movement = read_recording(path, signal="movement")
    assert movement.rate_hz == 32.0
    assert movement.values[0] == 1.0
    rr = read_recording(path, signal="rr")
    assert [(round(gap.start - NINE), round(gap.end - NINE)) for gap in rr.gaps] == [(50, 59)]
    with pytest.raises(NotFound, match=r"There are: ACC\.CSV, EDA\.CSV"):
        read_recording(path, signal="temperature")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    again = read_recording(tmp_path / "EDA.csv", signal="eda")
    np.testing.assert_array_equal(again.values, eda.values)
    assert again.annotations == eda.annotations


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EDA.csv", b"1" * 30_000_000)
    with pytest.raises(BadInput, match="hundreds of times"):
        read_recording(path, signal="eda")


def test_movesense_notifications(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(movesense(100)))
    ecg = read_recording(tmp_path / "a.json", signal="ecg")
    np.testing.assert_array_equal(ecg.values, (1000 * ECG[:1600]).astype(int))
    assert ecg.rate_hz == pytest.approx(250.0, rel=1e-3)
    assert ecg.start == pytest.approx(1.0, abs=1e-3)
    beats = [{"Body": {"average": 75.0, "rrData": [int(v)]}, "Uri": "Meas/HR"} for v in RR]
    (tmp_path / "b.json").write_text("\n".join(json.dumps(beat) for beat in beats))
    np.testing.assert_array_equal(read_recording(tmp_path / "b.json", signal="rr").values, RR)
    with pytest.raises(NotFound, match="no respiration"):
        read_recording(tmp_path / "b.json", signal="respiration")


def test_fhir_sampled_data(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(observation("0 2 E -4 U 6.5")))
    recording = read_recording(path, signal="ecg")
    np.testing.assert_array_equal(recording.values, [2.0, 3.0, np.nan, 0.0, np.nan, 5.25])
    assert (recording.rate_hz, recording.start, recording.clock, recording.unit) == (250.0, NINE, "utc", "mV")
    assert recording.notes == ("1 samples missing: error", "1 samples missing: above the sensor's range")
    words = " ".join(str(i % 7) for i in range(250))
    parts = [observation(words, f"2026-03-29T11:00:{s:02d}+02:00") for s in (3, 0, 1)]
    path.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": part} for part in parts]}))
    joined = read_recording(path, signal="ecg")
    assert (len(joined), joined.seconds) == (750, pytest.approx(3.996))
    assert [(round(gap.start - NINE, 3), round(gap.end - NINE, 3)) for gap in joined.gaps] == [(2.0, 3.0)]
    fifth = observation(words, period=None, interval=0.004, intervalUnit="s")
    fifth["valueSampledData"].pop("period")  # type: ignore[attr-defined]
    path.write_text(json.dumps(fifth))
    assert read_recording(path, signal="ecg").rate_hz == pytest.approx(250.0)


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        (observation("1 2 x 4"), "found 'x' in the data"),
        (observation("1 2 3", period=0), "period is not above zero"),
        (observation("1 2 3", period="often"), "period is 'often'"),
        (observation("1 2 3 4", dimensions=2), "2 dimensions"),
        (observation(""), "data are empty"),
        (observation("1 2 3", "yesterday"), "effective time is 'yesterday'"),
        (observation("5 5 5 5 5 5"), "flat line"),
        ({"resourceType": "Patient"}, "the resource is 'Patient'"),
        ({"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Observation"}}]}, "no SampledData"),
        ({"resourceType": "Bundle", "entry": {"a": 1}}, "no SampledData"),
    ],
)
def test_fhir_that_breaks_the_rules(tmp_path: Path, resource: object, message: str) -> None:
    (tmp_path / "a.json").write_text(json.dumps(resource))
    with pytest.raises(BadInput, match=message):
        read_recording(tmp_path / "a.json", signal="ecg")


def test_json_that_is_none_and_json_without_end(tmp_path: Path) -> None:
    for text, message in (
        ("{", "no JSON"),
        ("[" * 100_000, "no JSON|nested too deep"),
        ('{"a": NaN}', "no JSON number"),
    ):
        (tmp_path / "a.json").write_text(text)
        with pytest.raises(BadInput, match=message):
            read_recording(tmp_path / "a.json", signal="ecg")
    deep: object = {"Samples": [1, 2]}
    for _ in range(60):
        deep = {"a": deep}
    (tmp_path / "a.json").write_text(json.dumps(deep))
    with pytest.raises(BadInput, match="nested too deep"):
        read_recording(tmp_path / "a.json", signal="ecg")


def test_damaged_binary_files_are_refused_in_a_child(tmp_path: Path) -> None:
    whole = {"edf": edf(tmp_path).read_bytes(), "xdf": xdf(tmp_path).read_bytes(), "acq": ACQ.read_bytes()}
    for ending, raw in whole.items():
        path = tmp_path / f"cut.{ending}"
        path.write_bytes(raw[:180])
        with pytest.raises(BadInput) as caught:
            read_recording(path, signal="ecg")
        assert caught.value.finding.cure


def test_a_reader_that_takes_too_long_or_too_much_is_stopped(tmp_path: Path) -> None:
    path = edf(tmp_path)
    with pytest.raises(BadInput, match=r"reading took more than 0\.01 s"):
        read_recording(path, signal="ecg", limits=Limits(seconds=0.01))
    large = edf(tmp_path, "large.edf", times=800)
    with pytest.raises(BadInput, match=r"made its reader fail|cannot be read"):
        read_recording(large, signal="ecg", limits=Limits(memory_megabytes=20))
    with pytest.raises(BadInput, match="2,500 samples; 1,000 are allowed"):
        read_recording(path, signal="ecg", limits=Limits(samples=1000))


@pytest.mark.parametrize(
    ("reader", "library"), [(read_edf, "pyedflib"), (read_acq, "bioread.reader"), (read_xdf, "pyxdf")]
)
def test_without_the_extra_the_pip_line_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reader: object, library: str
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=r"pip install 'accord\[physio\]'"):
        reader(tmp_path / "a", Request("ecg"))  # type: ignore[operator]


def test_heart_rate_is_worked_out_from_what_the_file_has(tmp_path: Path) -> None:
    (tmp_path / "rr.csv").write_text("rr\n" + lines(RR))
    course, recording = read_course(tmp_path / "rr.csv", signal="heart-rate")
    assert (course.signal, course.rate_hz, recording.signal) == ("heart-rate", 4.0, "rr")
    assert np.nanmean(course.values) == pytest.approx(75, abs=1)
    course, recording = read_course(ACQ, signal="heart-rate")
    assert recording.signal == "ecg"
    assert 50 < np.nanmean(course.values) < 100
    (tmp_path / "b.csv").write_text("time,eda\n0,1\n1,2\n2,3")
    with pytest.raises(NotFound, match="There are: time, eda"):
        read_course(tmp_path / "b.csv", signal="heart-rate")
    with gzip.open(tmp_path / "c.csv.gz", "wt") as out:
        out.write("time,eda")
    with pytest.raises(BadInput, match=r"'\.gz' are not known"):
        read_course(tmp_path / "c.csv.gz", signal="heart-rate")
