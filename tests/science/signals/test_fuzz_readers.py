"""Damaged and random files: no reader lets an error through that nobody meant, none hangs, none brings Python down."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signal_files import ACQ, NINE, RR, edf, empatica, lines, movesense, observation, xdf

from accord.science.errors import AccordError
from accord.science.signals import Limits, read_phases, read_recording

FUZZ = Path(__file__).with_name("fuzz_readers.py")


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """One sound file per format; the name says which signal is asked for (and after `__` what the file is called)."""
    folder, work = tmp_path / "seeds", tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    times, beats = np.arange(0, 60, 0.25), np.cumsum(RR) / 1000
    for source, name in ((edf(work), "ecg.edf"), (edf(work, "a.bdf"), "ecg.bdf"), (xdf(work, jitter=0.001), "ecg.xdf")):
        (folder / name).write_bytes(source.read_bytes())
    (folder / "ecg.acq").write_bytes(ACQ.read_bytes())
    (folder / "eda.zip").write_bytes(empatica(work).read_bytes())
    pl.DataFrame({"time": times, "eda": 5 + np.sin(times)}).write_parquet(folder / "eda.parquet")
    texts = {
        "eda.csv": "time,eda\n" + lines(f"{t},{5 + np.sin(t)}" for t in times),
        "eda__EDA.csv": f"{NINE}\n4.0\n" + lines(5 + np.sin(times)),
        "rr.txt": lines(RR),
        "rr__strap.csv": "timestamp_ms;rr\n"
        + lines(f"{1.7e12 + t * 1000:.0f};{v}" for t, v in zip(beats, RR, strict=True)),
        "rr__IBI.csv": f"{NINE}, IBI\n" + lines(f"{t},{v / 1000}" for t, v in zip(beats, RR, strict=True)),
        "hr__dates.csv": "time,hr\n" + lines(f"2026-03-29T08:00:{i:02d}.000+02:00,{60 + i % 7}" for i in range(60)),
        "ecg.json": json.dumps(observation(" ".join(str(i % 7) for i in range(250)))),
        "ecg__movesense.json": json.dumps(movesense(30)),
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return folder


def test_mutants_of_every_format(seeds: Path) -> None:
    """5 mutants per format here (1 of .acq); 300 of each were tried when this was written."""
    command = [sys.executable, str(FUZZ), str(seeds), "5", "1"]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout[done.stdout.index('{"ecg') :])  # a library prints in front of it
    assert len(found) == len(list(seeds.iterdir()))
    for name, tally in found.items():
        meant = {"read", "refused"} | ({"stopped"} if name.endswith(("acq", "xdf", "edf", "bdf")) else set())
        assert set(tally) <= meant, name
    assert sum(tally.get("refused", 0) for tally in found.values()) > 30


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=300), st.sampled_from(["csv", "txt", "json"]), st.sampled_from(["rr", "hr", "ecg", "x", ""]))
def test_random_text(tmp_path: Path, text: str, ending: str, wanted: str) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    refused_or_read(path, wanted)


CELLS = st.one_of(
    st.floats(allow_nan=True).map(repr), st.integers().map(str), st.sampled_from(["", "NA", "1e999", "-0", "1,5", "x"]),
    st.datetimes().map(lambda when: when.isoformat()),
)  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(CELLS, CELLS), max_size=12),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["rr", "eda", "b"]),
)
def test_random_tables(tmp_path: Path, rows: list[tuple[str, str]], mark: str, wanted: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text(f"time{mark}{wanted}\n" + "\n".join(mark.join(row) for row in rows))
    refused_or_read(path, wanted)


KEYS = [
    "Samples", "Timestamp", "rrData", "ecg", "resourceType", "valueSampledData", "data", "period", "code", "component",
    "entry", "resource", "origin", "effectivePeriod", "effectiveDateTime",
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=5)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=4),
            st.dictionaries(
                st.sampled_from(
                    KEYS
                ), inner, max_size=5,
            ),
        ), max_leaves=20,
    ),
    st.sampled_from(["Observation", "Bundle", None]),
)  # fmt: skip
def test_random_json(tmp_path: Path, value: object, kind: str | None) -> None:
    if kind and isinstance(value, dict):
        value = value | {"resourceType": kind}
    path = tmp_path / "a.json"
    path.write_text(json.dumps(value))
    for wanted in ("ecg", "rr"):
        refused_or_read(path, wanted)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_random_phases(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"phase,start,end\n" + text.encode("utf-8", "surrogatepass"))
    try:
        phases = read_phases(path)
    except AccordError as error:
        refused(error)
    else:
        assert all(phase.end > phase.start for phase in phases)


def refused(error: AccordError) -> None:
    assert error.finding.what
    assert error.finding.cure


def refused_or_read(path: Path, wanted: str) -> None:
    """Either a recording with increasing times, or an error with a cure."""
    try:
        recording = read_recording(path, signal=wanted, limits=Limits(megabytes=1, samples=10_000))
    except AccordError as error:
        refused(error)
    else:
        assert np.isfinite(recording.times).all()
        assert (np.diff(recording.times) > 0).all()
