"""P16: an export holds nothing that tells who somebody is: canaries in every field of words, and none comes out."""

from __future__ import annotations

import csv
import re
import uuid
import zipfile
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from accord.science.cohort import check_cohort
from accord.service.access.table import SERVICE, Role
from accord.service.fields.classes import CLASSES, Kind
from accord.service.flows.export_cohort import export_cohort
from accord.service.flows.make_export import make_export
from accord.service.studies import actions
from accord.service.studies.actions import make_cohort
from accord.service.studies.queries import exports
from accord.service.studies.rules import columns
from plugins.canaries import personal_fields, plant
from plugins.promises import counted, size

TOKEN = re.compile(rb"zq\d{5}x", re.IGNORECASE)
DATE = re.compile(r"\b(19|20)\d\d-\d\d(-\d\d)?\b")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}", re.IGNORECASE)
PURPOSE = "The proof that no export tells who anybody is."
# Words of accounts, drafts and the audit that belong to no table about a patient, or that are planted under a purpose.
ELSEWHERE = {"people.Account.email", "studies.Export.purpose"}


def texts(folder: Path) -> list[tuple[str, str]]:
    """(where, what) of every text that stands in the files of a cohort: each cell, each line, each name."""
    found = [(path.name, path.relative_to(folder).as_posix()) for path in folder.rglob("*")]
    for path in folder.rglob("*"):
        if path.suffix == ".parquet":
            frame = pl.read_parquet(path)
            found += [(f"{path.parent.name}/{path.name} {name}", value) for name, dtype in frame.schema.items()
                      if dtype == pl.String for value in frame[name].drop_nulls().unique()]  # fmt: skip
        elif path.is_file():
            found += [(path.name, line) for line in path.read_text(encoding="utf-8").splitlines()]
    return found


def hits(folder: Path) -> list[str]:
    return [f"{where}: {text[:80]}" for where, text in texts(folder) if TOKEN.search(text.encode())]


@pytest.mark.django_db(transaction=True)
def test_no_canary_leaves(published, settings, tmp_path):
    settings.DATA_FOLDER = tmp_path / "data"
    planted = plant(published, size(8, 85))
    missing = set(personal_fields()) - planted.places - ELSEWHERE
    assert not missing, f"plant a canary in {sorted(missing)}"
    now, cells, files = published.now + timedelta(hours=2), 0, 0
    for form in ("parquet", "csv"):
        export_cohort(protocol="routine-care", clinic_id=None, out=tmp_path / form, purpose=PURPOSE, by=SERVICE,
                      now=now, form=form)  # fmt: skip
        assert not [finding for finding in check_cohort(tmp_path / form) if not finding.warning]
        found = texts(tmp_path / form)
        cells, files = cells + len(found), files + len(list((tmp_path / form).rglob("*")))
        assert hits(tmp_path / form) == []
    pia = published.add("pia", Role.RESEARCHER)
    row = actions.ask_export(
        clinic=published.clinic, protocol="routine-care", purpose=f"{PURPOSE} zq99999x", form="csv", key=uuid.uuid4(),
        by=published.asker(pia), now=now,
    )  # fmt: skip
    row = make_export(export_id=row.pk, now=now)
    with zipfile.ZipFile(exports.zip_of(row)) as archive:
        names = archive.namelist()
        archive.extractall(tmp_path / "zip")
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert hits(tmp_path / "zip") == []
    assert not TOKEN.search(exports.zip_of(row).read_bytes())
    counted(
        "P16", "exports", canaries=len(planted.tokens), fields=len(planted.places), files=files + len(names),
        texts=cells + len(texts(tmp_path / "zip")), hits=0,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_the_search_finds_what_it_looks_for(published, tmp_path, monkeypatch):
    """The planted fault: with the list of codes open, what somebody typed comes out, and the search says so."""
    from accord.service.studies.queries import people

    plant(published, 2)
    monkeypatch.setattr(people, "code", lambda word, known=None: word)
    make_cohort(protocol="routine-care", clinic_ids=[published.clinic.pk], out=tmp_path / "leaks",
                now=published.now + timedelta(hours=2))  # fmt: skip
    assert hits(tmp_path / "leaks")


@pytest.mark.django_db(transaction=True)
def test_no_date_no_key_and_no_formula_leaves(published, tmp_path):
    plant(published, 3)
    now = published.now + timedelta(hours=2)
    written = export_cohort(protocol="routine-care", clinic_id=None, out=tmp_path / "out", purpose=PURPOSE, by=SERVICE,
                            now=now, form="csv")  # fmt: skip
    cells = 0
    for path in written.made.folder.glob("*.csv"):
        if path.name == "codebook.csv":
            continue
        for row in csv.reader(path.open(encoding="utf-8")):
            for cell in row:
                cells += 1
                assert not DATE.search(cell), f"{path.name}: {cell}"
                assert not UUID.search(cell), f"{path.name}: {cell}"
                number = re.fullmatch(r"-?\d+(\.\d+)?(e-?\d+)?", cell)
                assert number or not cell.lstrip().startswith(("=", "+", "-", "@")), f"{path.name}: {cell}"
    assert cells > 300


def test_a_cell_that_reads_like_a_formula_is_made_harmless(tmp_path):
    """The corpus, through the writer itself: what a site's own codes might begin with."""
    from accord.science.cohort import CohortWriter, Manifest

    corpus = ["=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", "  =1", "plain"]
    with CohortWriter(tmp_path / "out", Manifest(origin="real", title="x"), kind="csv") as writer:
        writer.append({"participants": pl.DataFrame({"participant": [f"p{n}" for n in range(len(corpus))],
                                                     "role": ["patient"] * len(corpus), "site": corpus})})  # fmt: skip
    rows = list(csv.DictReader((tmp_path / "out" / "participants.csv").open(encoding="utf-8", newline="")))
    assert [row["site"][0] == "'" for row in rows] == [True] * 7 + [False]


def test_no_column_is_fed_by_what_is_personal():
    fed = {(table, name): sources for table, found in columns.SOURCES.items() for name, sources in found.items()}
    fed |= {("participants", "background"): columns.BACKGROUND}
    walked = 0
    for (table, name), sources in fed.items():
        for source in sources:
            if source in (columns.COUNTED, columns.FIXED):
                continue
            label, _dot, field = source.rpartition(".")
            assert field in CLASSES[label].kinds, f"{table}.{name} names {source}, which is no field"
            if source != columns.CHANCE:
                assert CLASSES[label].kinds[field] in (Kind.CLINICAL, Kind.TECHNICAL), f"{table}.{name} from {source}"
            walked += 1
    assert walked > 80
