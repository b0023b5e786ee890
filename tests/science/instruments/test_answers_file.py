"""Files of answers: what is recognised, and one clear message for everything that is not."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accord.science.errors import BadInput
from accord.science.instruments import load_instrument
from accord.science.instruments.answers_file import open_answers, read_answers, refuse_duplicates

PEG = load_instrument("peg")
FIQ = load_instrument("fiq")


def read(path: Path, instrument: object = PEG, rows: int = 100_000) -> tuple[pl.DataFrame, pl.DataFrame]:
    file = open_answers(path, instrument)  # type: ignore[arg-type]
    pieces = list(read_answers(file, instrument, rows=rows))  # type: ignore[arg-type]
    keys, answers = pl.concat([piece[0] for piece in pieces]), pl.concat([piece[1] for piece in pieces])
    refuse_duplicates(keys, file=path.name)
    return keys, answers


def write(tmp_path: Path, text: str, *, encoding: str = "utf-8", name: str = "answers.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


GOOD = "id,item_1,item_2,item_3\na,1,2,3\nb,4,,6\n"


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        GOOD.replace(",", "|"),
        GOOD.replace("\n", "\r\n"),
        "\ufeff" + GOOD,
        "\n" + GOOD,
        GOOD + "\n\n",
        GOOD.replace("item_", "Item "),
        GOOD.replace("item_", "PEG_"),
        GOOD.replace("item_", "peg_item_"),
        GOOD.replace(",,", ",NA,").replace("item_1", '"item_1"'),
        GOOD.replace(",,", ", nan ,"),
        GOOD.replace(",1,", ",1.0,"),
        GOOD.replace(",", ";").replace(";1;", ";1,0;"),
        GOOD.replace(",1,", ',"1,0",'),
    ],
)
def test_ways_of_writing_the_same_file(tmp_path: Path, text: str) -> None:
    keys, answers = read(write(tmp_path, text))
    assert keys.rows() == [("a",), ("b",)]
    assert answers.rows() == [(1, 2, 3), (4, None, 6)]


def test_a_decimal_comma_is_a_fraction(tmp_path: Path) -> None:
    heading = ";".join(item.id for item in FIQ.items)
    row = ";".join(["1"] * 13 + ["2,5", "-0,0", "10,0", ",5", "3", "4", "5"])
    _, answers = read(write(tmp_path, f"{heading}\n{row}\n"), FIQ)
    assert answers.row(0)[13:18] == (2.5, 0, 10, 0.5, 3)


def test_parquet_is_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "answers.parquet"
    frame = pl.DataFrame(
        {"id": ["a", "b"], "item_1": [1, 4], "item_2": [2, None], "item_3": [3, 6], "junk": [b"x", b"y"]}
    )
    frame.write_parquet(path)
    keys, answers = read(path, rows=1)
    assert keys.rows() == [("a",), ("b",)]
    assert answers.rows() == [(1, 2, 3), (4, None, 6)]


def test_a_long_file_is_read_in_pieces_with_one_count_of_rows(tmp_path: Path) -> None:
    rows = "".join(f"{number},1,2,3\n" for number in range(1, 26))
    path = write(tmp_path, "id,item_1,item_2,item_3\n" + rows + "26,1,2,99\n")
    file = open_answers(path, PEG)
    pieces = read_answers(file, PEG, rows=10)
    shares = [next(pieces)[2], next(pieces)[2]]
    with pytest.raises(BadInput, match="row 26, column item_3: found 99"):
        next(pieces)
    assert shares == sorted(shares)


def bad(text: str, message: str) -> tuple[str, str]:
    return text, message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        bad("", "the file is empty"),
        bad("\n \n", "no line with text"),
        bad("id,item_1,item_2,item_3\n", "a heading and no rows"),
        bad("id,item_1,item_2\na,1,2\n", "1 column is missing: item_3.*needs the columns item_1, item_2, item_3"),
        bad("a,b,c\n1,2,3\n", "3 columns are missing"),
        bad(GOOD.replace("4,", "11,"), r"answers.csv, row 2, column item_1: found 11. Allowed is .* 0 to 10, or empty"),
        bad(GOOD.replace("4,", "four,"), "row 2, column item_1: found 'four'"),
        bad(GOOD.replace("4,", "999,"), "row 2, column item_1: found 999"),
        bad(GOOD.replace("4,", "4.5,"), "row 2, column item_1: found 4.5. Allowed is a whole number"),
        bad(GOOD.replace("4,", "inf,"), "row 2, column item_1: found inf"),
        bad(GOOD.replace("4,", "1e400,"), "row 2, column item_1: found inf"),
        bad(GOOD.replace("b,", "a,"), "id 'a' stands in rows 1 and 2.*time_point, session, informant"),
        bad(GOOD.replace("item_2", "item_1"), "the columns 'item_1' and 'item_1' both hold item_1"),
        bad("id,item_1,Item 1,item_2,item_3\na,1,1,2,3\n", "'item_1' and 'Item 1' both hold item_1"),
        bad(GOOD + "c,1,2\n", "row 3: 3 fields, the heading has 4"),
        bad(GOOD + "c,1,2,3,4\n", "row 3: 5 fields, the heading has 4"),
        bad(GOOD + 'c,"1,2,3\n', "cannot be read"),
        bad(GOOD + f"c,{'1' * 200_000},2,3\n", "cannot be read"),
        bad("id;item_1;item_2;item_3\na;1,0;2.0;3\n", "decimal comma in row 1, decimal point in row 1"),
        bad(",".join(f"c{number}" for number in range(20_000)) + "\n1\n", "20,000 columns; at most 10,000"),
        bad(",".join(f"column_{number}" for number in range(1_000_000)) + "\n1\n", "1,000,000 columns; at most 10,000"),
        bad("PK\x03\x04 whatever", "Excel or zip file"),
        bad("$FL2@(#) SPSS", "SPSS file"),
        bad("id\0,item_1", "this is no text"),
        bad("PAR1 is not enough", "this Parquet file cannot be read"),
    ],
)
def test_bad_files_are_refused_with_place_and_cure(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        read(write(tmp_path, text))
    assert caught.value.exit_code == 2
    assert caught.value.finding.where.file == "answers.csv" or "answers.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "encoding", "message"),
    [
        (GOOD.replace("b,", "bär,"), "latin-1", "line 3: this is not UTF-8 text.*Save the file as CSV in UTF-8"),
        (GOOD.replace("id,", "nämn,"), "latin-1", "line 1: this is not UTF-8 text"),
        (GOOD, "utf-16", "UTF-16"),
    ],
)
def test_another_encoding_is_named(tmp_path: Path, text: str, encoding: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        read(write(tmp_path, text, encoding=encoding))


def test_a_missing_file_and_a_folder(tmp_path: Path) -> None:
    for path in (tmp_path / "nowhere.csv", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            read(path)


def test_one_person_may_answer_at_several_times(tmp_path: Path) -> None:
    text = "id,time_point,item_1,item_2,item_3\na,baseline,1,2,3\na,post,1,2,3\n"
    keys, _ = read(write(tmp_path, text))
    assert keys.rows() == [("a", "baseline"), ("a", "post")]
    with pytest.raises(BadInput, match="id 'a', time_point 'post' stands in rows 2 and 3"):
        read(write(tmp_path, text + "a,post,4,5,6\n"))


def test_free_text_beside_the_answers_is_not_read(tmp_path: Path) -> None:
    keys, answers = read(write(tmp_path, "id,comment,item_1,item_2,item_3\na,I feel bad,1,2,3\n"))
    assert keys.columns == ["id"]
    assert answers.columns == ["item_1", "item_2", "item_3"]


CELL = st.text(alphabet=st.sampled_from(list("0123456789.,;|\t\"'\n\r -+eENAnainf\u0000äλ=")), max_size=6)


ROWS = st.lists(st.lists(CELL, max_size=5), max_size=5)
FILES = ROWS.map(lambda rows: "id,item_1,item_2,item_3\n" + "\n".join(",".join(row) for row in rows))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(FILES, st.text(max_size=80)))
def test_whatever_the_text_it_is_read_or_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "fuzz.csv"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        keys, answers = read(path)
    except BadInput:
        return
    assert keys.height == answers.height > 0
    assert answers.columns == ["item_1", "item_2", "item_3"]
    for column in answers.iter_columns():
        assert all(value is None or (0 <= value <= 10 and value == int(value)) for value in column)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.one_of(st.binary(max_size=200), st.binary(max_size=80).map(lambda tail: b"PAR1" + tail + b"PAR1")))
def test_whatever_the_bytes_they_are_read_or_refused(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "fuzz.bin"
    path.write_bytes(raw)
    with pytest.raises(BadInput):
        read(path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_parquet_file_is_read_or_refused(tmp_path: Path, place: float, byte: int, cut: bool) -> None:
    path = tmp_path / "damaged.parquet"
    pl.DataFrame({"id": ["a", "b"], "item_1": [1, 4], "item_2": [2, None], "item_3": [3, 6]}).write_parquet(path)
    raw = bytearray(path.read_bytes())
    raw[int(place * len(raw))] = byte
    path.write_bytes(raw[: int(place * len(raw)) + 1] if cut else raw)
    try:
        _, answers = read(path)
    except BadInput:
        return
    assert answers.columns == ["item_1", "item_2", "item_3"]
