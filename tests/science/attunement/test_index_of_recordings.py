"""`index.csv`: whose body each file is; every row that cannot be is named."""

from __future__ import annotations

import pytest
from made_up_pairs import write_index

from accord.science.analyses.attunement_index import read_index
from accord.science.errors import BadContent, BadInput

GOOD = {"participant": "p1", "session": "session_2", "who": "patient", "signal": "heart-rate", "file": "a.csv"}


def read(folder, *rows):
    write_index(folder, list(rows))
    return read_index(folder)


def test_both_bodies_of_a_session_are_one_meeting(tmp_path):
    phases = "baseline 0-120|session 120-720.5"
    (one,) = read(
        tmp_path, {**GOOD, "time_point": "session_2", "day": "9", "phases": phases, "offset_s": "1.5"},
        {**GOOD, "who": "therapist", "file": "b.csv"},
    )  # fmt: skip
    assert (one.participant, one.session, one.signal, one.at, one.day) == (
        "p1", "session_2", "heart_rate", "session_2", 9,
    )  # fmt: skip
    assert one.patient.offset_s == 1.5
    assert [(p.name, p.start, p.end) for p in one.patient.phases] == [("baseline", 0, 120), ("session", 120, 720.5)]
    assert one.therapist.file == (tmp_path / "b.csv").resolve()


def test_a_body_that_was_not_recorded_is_none(tmp_path):
    (one,) = read(tmp_path, GOOD)
    assert one.therapist is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"who": "nurse"}, "found 'nurse'. Allowed: patient, therapist."),
        ({"file": "../../etc/passwd"}, "lies outside of the folder"),
        ({"file": "/etc/passwd"}, "lies outside of the folder"),
        ({"participant": ""}, "the cell is empty"),
        ({"rate_hz": "0"}, "the rate is 0"),
        ({"rate_hz": "fast"}, "found 'fast'; a number is allowed"),
        ({"day": "nan"}, "found 'nan'; a number is allowed"),
        ({"phases": "baseline 5-2"}, "'baseline 5-2' is no phase"),
        ({"phases": "=cmd()"}, "is no phase"),
    ],
)
def test_every_row_that_cannot_be_is_named(tmp_path, wrong, said):
    with pytest.raises(BadContent) as refused:
        read(tmp_path, {**GOOD, **wrong})
    assert said in str(refused.value)
    assert "row 2" in str(refused.value)


def test_a_recording_listed_twice_is_refused(tmp_path):
    with pytest.raises(BadContent, match="is listed in row 2 already"):
        read(tmp_path, GOOD, GOOD)


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path):
    folder = tmp_path / "signals"
    folder.mkdir()
    (folder / "a.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(BadContent, match="outside of the folder"):
        read(folder, GOOD)


@pytest.mark.parametrize("text", ["", "participant\np1\n", "participant;who\n", "participant,who,who\n", "\x00\xff"])
def test_what_is_no_index_is_refused(tmp_path, text):
    (tmp_path / "index.csv").write_text(text, encoding="latin-1")
    with pytest.raises(BadInput):
        read_index(tmp_path)


def test_a_column_that_nobody_knows_is_refused(tmp_path):
    with pytest.raises(BadInput, match="no such column"):
        read(tmp_path, {**GOOD, "commend": "x"})


def test_no_index_says_what_to_write(tmp_path):
    with pytest.raises(BadInput, match="participant, session, who, signal, file"):
        read_index(tmp_path)
