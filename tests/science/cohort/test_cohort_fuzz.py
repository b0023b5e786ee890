"""Whatever stands in a file, only an AccordError comes out: manifests, tables, mappings, drafts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accord.science.cohort import Cohort, Manifest, check_cohort, read_cohort, write_cohort
from accord.science.cohort.draft import draft_mapping
from accord.science.cohort.mapping import map_files
from accord.science.errors import AccordError

FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
manifest_keys = st.sampled_from(sorted(Manifest.model_fields))
cells = st.text(alphabet='ab019.,;"\n\r\t -é=\x00', max_size=12)
tables = st.lists(st.lists(cells, min_size=1, max_size=5), min_size=1, max_size=6)


@pytest.fixture(scope="module", autouse=True)
def _temporary_folders_of_pytest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    tempfile.tempdir = str(tmp_path_factory.mktemp("fuzz"))
    yield
    tempfile.tempdir = None


def folder_with(name: str, raw: bytes, manifest: bytes | None = None) -> Path:
    folder = Path(tempfile.mkdtemp())
    good = Manifest(origin="mapped", title="t").dumped()
    (folder / "cohort.json").write_bytes(good if manifest is None else manifest)
    (folder / "participants.csv").write_text("participant,role\na,patient\n")
    if name:
        (folder / name).write_bytes(raw)
    return folder


def read_quietly(folder: Path) -> None:
    with suppress(AccordError):
        check_cohort(folder)
    with suppress(AccordError):
        cohort = read_cohort(folder)
        for name in cohort.names:
            cohort.table(name)


@FEW
@given(raw=st.binary(max_size=300))
@example(raw=b"\xff\xfe{\x00}")
@example(raw=b"[" * 100_000)
@example(raw=b'{"format": 1, "origin": "\\ud800"}')
@example(raw=b'{"format": 1e999}')
@example(raw=b'{"format": ' + b"9" * 5000 + b"}")
def test_any_bytes_as_manifest(raw: bytes) -> None:
    read_quietly(folder_with("", b"", raw))


@FEW
@given(changes=st.dictionaries(manifest_keys, json_values, max_size=4))
@example(changes={"scales": {"mood.total": {"minimum": "x"}}})
@example(changes={"checksums": {"../x": "y"}})
def test_any_values_in_a_manifest(changes: dict[str, object]) -> None:
    manifest = {**Manifest(origin="mapped", title="t").model_dump(), **changes}
    read_quietly(folder_with("", b"", json.dumps(manifest).encode()))


@FEW
@given(raw=st.binary(max_size=400))
@example(raw=b"participant,informant\x00\n")
@example(raw=b'"participant\n')
@example(raw=b"\xef\xbb\xbfparticipant\na")
@example(raw=b"participant\r\ra")
def test_any_bytes_as_a_csv_table(raw: bytes) -> None:
    read_quietly(folder_with("scores.csv", raw))


HEAD = "participant,informant,instrument,scale,time_point,day,value,valid,answered,of\n"


@FEW
@given(rows=st.lists(st.lists(cells, min_size=10, max_size=10), max_size=5))
def test_any_cells_in_a_csv_table(rows: list[list[str]]) -> None:
    body = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    read_quietly(folder_with("scores.csv", (HEAD + body).encode("utf-8", "replace")))


@FEW
@given(data=st.data())
def test_any_damage_to_a_parquet_table(data: st.DataObject) -> None:
    folder = Path(tempfile.mkdtemp())
    people = pl.DataFrame({"participant": ["a", "b"], "role": ["patient"] * 2})
    events = pl.DataFrame({"participant": ["a", "b"], "kind": ["consent", "enrolment"], "day": [0, 1]})
    write_cohort(Cohort(Manifest(origin="mapped", title="t"), {"participants": people, "events": events}), folder / "c")
    path = folder / "c" / "events.parquet"
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(bytes(raw[: data.draw(st.integers(1, len(raw)))]))
    manifest = folder / "c" / "cohort.json"
    kept = {**json.loads(manifest.read_text()), "checksums": {}}
    manifest.write_text(json.dumps(kept))
    read_quietly(folder / "c")


MAPPING = """mapping: 1
title: t
person: id
time: {column: visit, values: {1: baseline, 2: post}}
scales:
  mood.total: {name: M, minimum: 0, maximum: 10, direction: higher_worse, source: s}
scores:
  - {scale: mood.total, column: mood}
"""


def map_quietly(mapping: bytes, raw: bytes, name: str = "f.csv") -> None:
    folder = Path(tempfile.mkdtemp())
    (folder / "mapping.yaml").write_bytes(mapping)
    (folder / name).write_bytes(raw)
    with suppress(AccordError):
        write_cohort(map_files(folder / "mapping.yaml", [folder / name]).cohort, folder / "out")


@FEW
@given(raw=st.binary(max_size=400), name=st.sampled_from(["f.csv", "f.parquet", "f.sav", "f.txt"]))
@example(raw=b"id,visit,mood\na,1,1e400\n", name="f.csv")
@example(raw=b"id,visit,mood\na,1,99999999999999999999\n", name="f.csv")
@example(raw=b"\xff\xfeid", name="f.csv")
@example(raw=b"id,visit,mood\n", name="f.csv")
def test_any_bytes_as_a_file_to_map(raw: bytes, name: str) -> None:
    map_quietly(MAPPING.encode(), raw, name)


@FEW
@given(rows=st.lists(st.lists(cells, min_size=3, max_size=3), max_size=5))
def test_any_cells_in_a_file_to_map(rows: list[list[str]]) -> None:
    body = "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    map_quietly(MAPPING.encode(), ("id,visit,mood\n" + body).encode("utf-8", "replace"))


@FEW
@given(at=st.integers(0, len(MAPPING) - 1), new=st.text(max_size=6))
def test_any_change_to_a_mapping(at: int, new: str) -> None:
    changed = MAPPING[:at] + new + MAPPING[at + len(new) :]
    map_quietly(changed.encode("utf-8", "replace"), b"id,visit,mood\na,1,7\na,2,4\n")


@FEW
@given(rows=tables, delimiter=st.sampled_from(",;\t|"))
@example(rows=[["id", "a_pre", "a_post"], ["1", "1", "2"], ["2", "1", "2"], ["3", "5", "7"]], delimiter=",")
def test_any_table_can_be_drafted_or_is_refused(rows: list[list[str]], delimiter: str) -> None:
    path = Path(tempfile.mkdtemp()) / "f.csv"
    path.write_bytes("\n".join(delimiter.join(row) for row in rows).encode("utf-8", "replace"))
    with suppress(AccordError):
        draft_mapping([path])
