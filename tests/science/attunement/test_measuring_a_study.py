"""A study measured: the same numbers anywhere, taken up where it stopped, and one bad recording stops nothing."""

from __future__ import annotations

import json
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np
import pytest
from made_up_pairs import pair, write, write_study

from accord.cli.executors import executor
from accord.science.analyses import attunement
from accord.science.analyses.attunement import AttunementPlan, _kind, measure_study
from accord.science.analyses.attunement_index import read_index
from accord.science.errors import BadInput, NotFound

PLAN = AttunementPlan(surrogates=39)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("study") / "cohort")


@pytest.fixture(scope="module")
def serial(study, tmp_path_factory):
    return measure_study(read_index(study / "signals"), PLAN, tmp_path_factory.mktemp("serial"))


def rows(found):
    return [(one.meeting.key, one.row, one.problem) for one in found]


def test_known_coupling_is_found_at_its_lag_and_none_where_there_is_none(serial):
    coupled = [one.row for one in serial if one.meeting.participant == "p0"]
    apart = [one.row for one in serial if one.meeting.participant == "p2"]
    assert all(row["effect_size"] > 3 for row in coupled)
    assert [row["surrogates"] for row in coupled] == [6] * 3  # 3 x 2 pseudo-pairs of three sessions
    assert [row["p"] for row in coupled] == pytest.approx([2 / 7] * 3)  # no surrogate comes near
    assert [row["peak_lag_s"] for row in coupled] == pytest.approx([2.0] * 3, abs=0.26)
    assert {row["leader"] for row in coupled} == {"none"}  # six surrogates cannot say that the peak is above chance
    assert np.mean([abs(row["effect_size"]) for row in apart]) < 2.5
    assert np.mean([row["value"] for row in coupled]) > 3 * abs(np.mean([row["value"] for row in apart]))


def test_the_numbers_are_the_same_in_processes(study, serial, tmp_path):
    with executor(2, "") as pool:
        assert rows(measure_study(read_index(study / "signals"), PLAN, tmp_path, executor=pool)) == rows(serial)


def test_the_numbers_are_the_same_on_dask(study, serial, tmp_path):
    from distributed import Client

    with Client(processes=False, n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        found = measure_study(read_index(study / "signals"), PLAN, tmp_path, executor=client.get_executor())
    assert rows(found) == rows(serial)


def test_a_leader_is_named_where_chance_is_known_well_enough(study, tmp_path):
    plan = AttunementPlan(surrogates=99, surrogate="circular-shift")
    found = measure_study(read_index(study / "signals"), plan, tmp_path)
    leaders = {p: [one.row["leader"] for one in found if one.meeting.participant == p] for p in ("p0", "p2")}
    assert leaders == {"p0": ["patient"] * 3, "p2": ["none"] * 3}


def test_a_study_that_was_stopped_goes_on_and_ends_the_same(study, serial, tmp_path, monkeypatch):
    meetings = read_index(study / "signals")
    done = []

    def stop(words, count, of):
        done.append((words, count))
        if (words, count) == ("measuring", 4):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_study(meetings, PLAN, tmp_path, progress=stop)
    with (tmp_path / "journal.jsonl").open("a") as torn:
        torn.write('{"fingerprint": "cut off')
    ran = []
    real = attunement.measured
    monkeypatch.setattr(attunement, "measured", lambda *given: ran.append(given) or real(*given))
    again = measure_study(meetings, PLAN, tmp_path)
    assert rows(again) == rows(serial)
    assert len(ran) == len(meetings) - 4
    ran.clear()
    assert rows(measure_study(meetings, PLAN, tmp_path)) == rows(serial)
    assert ran == []


def test_a_changed_file_or_option_is_measured_again(study, tmp_path):
    meetings = read_index(study / "signals")
    measure_study(meetings, PLAN, tmp_path)
    lines = (tmp_path / "journal.jsonl").read_text().count("\n")
    other = measure_study(meetings, AttunementPlan(surrogates=39, window=20), tmp_path)
    assert (tmp_path / "journal.jsonl").read_text().count("\n") == lines + len(meetings)  # courses are kept
    assert {one.row["windows"] for one in other} != {None}


def test_one_bad_recording_costs_its_own_session_only(tmp_path):
    study = write_study(tmp_path / "cohort", people=2)
    folder = study / "signals"
    write(folder / "p0_1_patient.csv", np.full(960, 60.0))
    (folder / "p0_2_therapist.csv").write_bytes(bytes(range(256)) * 8)
    (folder / "p0_3_patient.csv").unlink()
    write(folder / "p1_1_therapist.csv", pair(7)[1], start=9000.0)
    text = (folder / "index.csv").read_text().splitlines()
    (folder / "index.csv").write_text("\n".join(line for line in text if "p1_2_patient" not in line) + "\n")
    found = {one.meeting.key: one for one in measure_study(read_index(folder), PLAN, tmp_path / "work")}
    said = {key.split("|heart")[0]: one.problem for key, one in found.items() if one.row is None}
    assert set(said) == {"p0|session_1", "p0|session_2", "p0|session_3", "p1|session_1", "p1|session_2"}
    assert "flat line" in said["p0|session_1"]
    assert "no text" in said["p0|session_2"]
    assert "no such file" in said["p0|session_3"]
    assert "in common" in said["p1|session_1"]
    assert "the patient was not recorded" in said["p1|session_2"]
    assert all(one.cure for one in found.values() if one.row is None)
    kept = found["p1|session_3|heart_rate"].row
    assert kept["surrogate"] == "circular-shift"  # one usable session: nothing else is left to compare with


def test_an_error_nobody_foresaw_is_told_as_such_and_stops_nothing(study, tmp_path, monkeypatch):
    real = attunement.bring

    def broken(meeting, *given):
        if meeting.key.startswith("p1|session_1|"):
            raise ZeroDivisionError("a fault of ours")
        return real(meeting, *given)

    monkeypatch.setattr(attunement, "bring", broken)
    found = measure_study(read_index(study / "signals"), PLAN, tmp_path)
    faults = [one for one in found if one.bug]
    assert [one.meeting.key for one in faults] == ["p1|session_1|heart_rate"]
    assert "ZeroDivisionError" in faults[0].problem
    assert sum(one.row is not None for one in found) == 8
    journal = [json.loads(line)["found"] for line in (tmp_path / "journal.jsonl").read_text().splitlines()]
    assert not any(line.get("bug") for line in journal)  # mended, it is tried again


def test_a_worker_that_dies_loses_its_session_only(study, tmp_path):
    class Dying(Executor):
        """Every third task is lost, as when a worker is killed for its memory."""

        def __init__(self):
            self.count, self.pool = 0, ThreadPoolExecutor(1)

        def submit(self, run, /, *given, **named):
            self.count += 1
            if self.count != 3:
                return self.pool.submit(run, *given, **named)
            lost: Future = Future()
            lost.set_exception(MemoryError("killed"))
            return lost

    found = measure_study(read_index(study / "signals"), PLAN, tmp_path, executor=Dying())
    assert sum(one.bug for one in found) == 1
    assert sum(one.row is not None for one in found) == 8


def test_chance_is_other_sessions_where_there_are_enough():
    assert _kind(sessions=7, dyads=1) == "pseudo-sessions"
    assert _kind(sessions=6, dyads=9) == "pseudo-sessions"
    assert _kind(sessions=4, dyads=10) == "pseudo-dyads"
    assert _kind(sessions=2, dyads=9) == "circular-shift"


def test_a_plan_that_cannot_be_is_refused_before_any_work(study, tmp_path):
    for plan, said in (
        (AttunementPlan(method="nope"), "no method 'nope'"), (AttunementPlan(surrogate="nope"), "no surrogate 'nope'"),
        (AttunementPlan(surrogates=1), "say nothing"), (AttunementPlan(rate_hz=0), "0 Hz"),
        (AttunementPlan(rate_hz=float("nan")), "nan Hz"),
    ):  # fmt: skip
        with pytest.raises(BadInput, match=said):
            measure_study([], plan, tmp_path)
    with pytest.raises(NotFound, match="There are: heart_rate"):
        measure_study(read_index(study / "signals"), AttunementPlan(signals=("voice",)), tmp_path)
