"""A cohort folder: what is written comes back, the same cohort gives the same bytes, and nothing half done stays."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from accord.science.cohort import Cohort, CohortWriter, ExtraColumn, InlineScale, Manifest, read_cohort, write_cohort
from accord.science.cohort.tables import TABLES
from accord.science.errors import AccordError, BadInput, NotFound

MOOD = InlineScale(
    name="Mood", patient_name="mood", minimum=0, maximum=10, direction="higher_worse", zero=0, source="ours"
)


def small(origin: str = "simulated", **more: object) -> Cohort:
    manifest = Manifest(origin=origin, title="Two people", scales={"mood.total": MOOD}, n=2, **more)
    people = pl.DataFrame({"participant": ["a1", "b2"], "role": ["patient", "patient"], "age": [40.0, None]})
    scores = pl.DataFrame(
        {
            "participant": ["a1", "b2", "a1"], "informant": ["patient"] * 3, "instrument": ["mood"] * 3,
            "scale": ["total"] * 3, "time_point": ["baseline", "baseline", "post"], "day": [0, 0, 56],
            "value": [7.0, None, 3.0],
        }
    )  # fmt: skip
    return Cohort(manifest, {"participants": people, "scores": scores}, {"change.mood.total.post": 4.0})


def test_what_is_written_comes_back(tmp_path: Path) -> None:
    cohort = small()
    write_cohort(cohort, tmp_path / "c")
    back = read_cohort(tmp_path / "c")
    for name in cohort.names:
        assert back.table(name).equals(cohort.table(name))
    assert back.truth == {"change.mood.total.post": 4.0}
    assert back.origin == "simulated"
    assert back.manifest.model_copy(update={"checksums": {}}) == cohort.manifest


def test_the_same_cohort_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_cohort(small(), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file())
    assert {"cohort.json", "codebook.csv", "truth.json", "scores.parquet"} <= {str(path) for path in files}
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def test_a_table_that_is_absent_is_empty_and_typed() -> None:
    events = small().table("events")
    assert events.is_empty()
    assert events.schema == pl.Schema(TABLES["events"].schema)


def test_columns_that_are_absent_are_empty_and_extra_ones_stand_last() -> None:
    people = small().table("participants")
    assert people.columns[: len(TABLES["participants"].columns)] == [c.name for c in TABLES["participants"].columns]
    assert people["site"].null_count() == 2


def test_an_unknown_table_is_refused_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match=r"participants"):
        small().table("people")


def test_the_facts_of_an_inline_scale() -> None:
    facts = small().scale("mood.total")
    assert (facts.sign, facts.minimum, facts.maximum, facts.zero, facts.inline) == (-1, 0, 10, 0, True)
    assert facts.invented
    assert not small("mapped").scale("mood.total").invented


def test_the_facts_of_an_instrument() -> None:
    facts = small().scale("pseq.total")
    assert (facts.direction, facts.sign, facts.minimum, facts.maximum) == ("higher_better", 1, 0, 60)


def test_a_scale_that_nobody_knows_is_refused() -> None:
    with pytest.raises(NotFound):
        small().scale("phq_9.nonsense")


def test_chunks_become_parts_and_are_read_as_one(tmp_path: Path) -> None:
    cohort = small()
    with CohortWriter(tmp_path / "c", cohort.manifest) as writer:
        writer.append({"participants": cohort.table("participants").head(1), "scores": cohort.table("scores").head(1)})
        writer.append({"participants": cohort.table("participants").tail(1), "scores": cohort.table("scores").tail(2)})
        writer.close({"x": 1.0}, n=2)
    assert (tmp_path / "c" / "scores" / "part-00001.parquet").is_file()
    back = read_cohort(tmp_path / "c")
    assert back.table("scores").equals(cohort.table("scores"))
    assert back.truth == {"x": 1.0}


def test_an_error_while_writing_leaves_nothing(tmp_path: Path) -> None:
    wrong = {"scores": pl.DataFrame({"participant": [1.5]})}
    with pytest.raises(BadInput):
        _write_chunks(tmp_path / "c", {"participants": small().table("participants")}, wrong)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_kept_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "notes.txt").write_text("mine")
    with pytest.raises(BadInput, match="not empty"):
        write_cohort(small(), tmp_path / "c")
    assert [path.name for path in (tmp_path / "c").iterdir()] == ["notes.txt"]
    write_cohort(small(), tmp_path / "c", force=True)
    assert (tmp_path / "c" / "notes.txt").read_text() == "mine"
    assert read_cohort(tmp_path / "c").table("scores").height == 3


def test_force_replaces_the_cohort_that_stood_there(tmp_path: Path) -> None:
    cohort = small()
    with CohortWriter(tmp_path / "c", cohort.manifest) as writer:
        writer.append({name: cohort.table(name) for name in cohort.names})
        writer.append({"events": pl.DataFrame({"participant": ["a1"], "kind": ["enrolment"]})})
    write_cohort(cohort, tmp_path / "c", force=True)
    assert read_cohort(tmp_path / "c").names == ["participants", "scores"]


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "c").write_text("")
    with pytest.raises(BadInput, match="is a file"):
        write_cohort(small(), tmp_path / "c", force=True)


def test_a_changed_file_is_noticed(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    small().table("scores").head(1).write_parquet(tmp_path / "c" / "scores.parquet")
    with pytest.raises(BadInput, match=r"scores\.parquet: .*checksum"):
        read_cohort(tmp_path / "c")
    assert read_cohort(tmp_path / "c", checksums=False).table("scores").height == 1


def test_a_file_that_is_gone_is_noticed(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    (tmp_path / "c" / "scores.parquet").unlink()
    with pytest.raises(BadInput, match=r"scores\.parquet: .*not there"):
        read_cohort(tmp_path / "c")


def test_another_format_version_is_named_first(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    _edit(tmp_path / "c", format=2, novelty="what is this")
    with pytest.raises(BadInput, match=r"cohort\.json: this is a cohort of format 2; this program reads format 1"):
        read_cohort(tmp_path / "c")


def test_an_origin_that_is_missing_is_named_with_file_and_line(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    data = json.loads((tmp_path / "c" / "cohort.json").read_text())
    del data["origin"]
    (tmp_path / "c" / "cohort.json").write_text(json.dumps(data))
    with pytest.raises(AccordError, match=r"cohort\.json, line \d+: origin: Field required\. Add it"):
        read_cohort(tmp_path / "c")


def test_a_wrong_origin_is_named_with_its_line_and_what_is_allowed(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    _edit(tmp_path / "c", origin="made up")
    with pytest.raises(AccordError, match=r"line 3: origin: .*'real', 'mapped' or 'simulated', found 'made up'"):
        read_cohort(tmp_path / "c")


def test_a_folder_without_manifest_is_no_cohort(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no cohort\.json"):
        read_cohort(tmp_path)
    with pytest.raises(BadInput, match="no folder"):
        read_cohort(tmp_path / "nowhere")


def test_a_corrupt_parquet_file_is_one_clear_error(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    raw = (tmp_path / "c" / "scores.parquet").read_bytes()
    (tmp_path / "c" / "scores.parquet").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(BadInput, match=r"scores\.parquet: this is no readable Parquet file"):
        read_cohort(tmp_path / "c", checksums=False)


def test_parquet_broken_in_its_data_is_one_clear_error(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    raw = bytearray((tmp_path / "c" / "scores.parquet").read_bytes())
    raw[4:300] = bytes(296)
    (tmp_path / "c" / "scores.parquet").write_bytes(raw)
    with pytest.raises(AccordError, match="scores"):
        read_cohort(tmp_path / "c", checksums=False).table("scores")


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    small().table("scores").drop("value").write_parquet(tmp_path / "c" / "scores.parquet")
    with pytest.raises(BadInput, match=r"scores\.parquet, column value: the column is missing"):
        read_cohort(tmp_path / "c", checksums=False)


def test_a_column_of_another_type_is_named(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    wrong = small().table("scores").with_columns(pl.lit("7").alias("value"))
    wrong.write_parquet(tmp_path / "c" / "scores.parquet")
    with pytest.raises(BadInput, match="column value: the column holds String; numbers are allowed"):
        read_cohort(tmp_path / "c", checksums=False)


def test_a_column_that_the_format_does_not_have_must_be_declared(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    small().table("scores").with_columns(pl.lit(1).alias("weight")).write_parquet(tmp_path / "c" / "scores.parquet")
    with pytest.raises(BadInput, match="column weight: the format has no such column"):
        read_cohort(tmp_path / "c", checksums=False)
    _edit(tmp_path / "c", columns={"scores.weight": {"meaning": "a weight", "unit": ""}})
    assert "weight" in read_cohort(tmp_path / "c", checksums=False).table("scores").columns


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    (tmp_path / "c" / "scores.parquet").rename(tmp_path / "elsewhere.parquet")
    (tmp_path / "c" / "scores.parquet").symlink_to(tmp_path / "elsewhere.parquet")
    with pytest.raises(BadInput, match="plain file"):
        read_cohort(tmp_path / "c")


def test_a_path_trick_in_the_manifest_is_refused(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    _edit(tmp_path / "c", checksums={"../../etc/passwd": "0" * 64})
    with pytest.raises(AccordError, match=r"cohort\.json, line"):
        read_cohort(tmp_path / "c")


def test_a_table_in_two_forms_is_refused(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    (tmp_path / "c" / "scores.csv").write_text("participant\n")
    with pytest.raises(BadInput, match="stands there twice"):
        read_cohort(tmp_path / "c", checksums=False)


def test_nan_is_read_as_missing_and_reported_by_the_check(tmp_path: Path) -> None:
    write_cohort(small(), tmp_path / "c")
    wrong = small().table("scores").with_columns(pl.lit(float("nan")).alias("value"))
    wrong.write_parquet(tmp_path / "c" / "scores.parquet")
    assert read_cohort(tmp_path / "c", checksums=False, content=False).table("scores")["value"].null_count() == 3
    with pytest.raises(BadInput, match=r"row 1, column value: found nan"):
        read_cohort(tmp_path / "c", checksums=False)


def test_a_codebook_cell_never_begins_like_a_formula(tmp_path: Path) -> None:
    people = small().tables["participants"].lazy().collect().with_columns(pl.lit(1.0).alias("trick"))
    columns = {"participants.trick": ExtraColumn(meaning="=HYPERLINK(1)")}
    cohort = Cohort(small().manifest.model_copy(update={"columns": columns}), {"participants": people})
    write_cohort(cohort, tmp_path / "c")
    assert "'=HYPERLINK(1)" in (tmp_path / "c" / "codebook.csv").read_text()


def _write_chunks(path: Path, *chunks: dict[str, pl.DataFrame]) -> None:
    with CohortWriter(path, small().manifest) as writer:
        for chunk in chunks:
            writer.append(chunk)


def _edit(folder: Path, **changes: object) -> None:
    data = json.loads((folder / "cohort.json").read_text())
    (folder / "cohort.json").write_text(json.dumps({**data, **changes}, indent=2))
