"""An export that was asked for on the page is made: cohort, report, one file; or the row says why it could not be."""

from __future__ import annotations

import logging
import shutil
import uuid
import zipfile
from collections.abc import Callable
from datetime import datetime
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accord.science.errors import AccordError, BadInput
from accord.service.access.table import SERVICE, Asker
from accord.service.people.queries import asker_for
from accord.service.studies.actions import fail_export, finish_export, make_cohort, say_stage
from accord.service.studies.policies import check_can_export
from accord.service.studies.queries import exports
from accord.service.studies.rules.exports import TRIES

if TYPE_CHECKING:
    from accord.service.studies.actions import Made
    from accord.service.studies.models import Export

log = logging.getLogger(__name__)
THE_SAME = (1980, 1, 1, 0, 0, 0)  # the time of every entry: when a file was written tells nothing


def make_export(
    *, export_id: uuid.UUID, now: datetime, attempt: int = 1, said: Callable[[float], object] = lambda _: None
) -> Export:
    """Done once: what is made, failed or gone is left alone. Whoever asked must still be allowed to have it.

    `said` hears how far it is, 0 to 1. Raises AccordError for what will not get better by trying again (the row is
    failed then); anything else until the last attempt, for which the row is failed too.
    """
    row = exports.export(SERVICE, export_id)
    if row.state != row.State.ASKED:
        return row
    by = asker_for(row.asked_by, now) if row.asked_by else SERVICE
    working = exports.folder() / f".making-{row.pk}"
    try:
        return _made(row, by, working, now, said)
    except AccordError as error:
        _fail(row, str(error), by, now)
        raise
    except Exception as error:
        if attempt < TRIES:
            raise
        log.error("An export could not be made.", exc_info=True)
        problem = _("It could not be made (%(kind)s). The operator's log says more.") % {"kind": type(error).__name__}
        _fail(row, problem, by, now)
        raise BadInput(problem) from error
    finally:
        shutil.rmtree(working, ignore_errors=True)


def _made(row: Export, by: Asker, working: Path, now: datetime, said: Callable[[float], object]) -> Export:
    assert row.clinic_id, "what is asked for on the page is of one clinic"
    check_can_export(by, row.clinic_id)
    shutil.rmtree(working, ignore_errors=True)
    working.mkdir(parents=True, mode=0o700)

    def stage(words: str, share: float) -> None:
        say_stage(row=row, stage=words, progress=share)
        said(share)

    made = make_cohort(
        protocol=row.protocol, clinic_ids=[row.clinic_id], out=working / "cohort", now=now, kind=row.form,
        said=lambda words, share: stage(words, 0.6 * share),
    )  # fmt: skip
    problem = _report(made, working, lambda words: stage(words, 0.8))
    stage("packing", 0.95)
    part = working / "export.zip"
    _pack(part, working)
    with part.open("rb") as file:
        digest = file_digest(file, "sha256").hexdigest()
    size = part.stat().st_size
    if (page := working / "report.html").exists():
        page.replace(exports.report_of(row))
    part.replace(exports.zip_of(row))
    with transaction.atomic(durable=True):
        return finish_export(row=row, made=made, sha256=digest, size=size, problem=problem, by=by, now=now)


def _report(made: Made, working: Path, said: Callable[[str], None]) -> str:
    """The analysis of the cohort as a page; why there is none, where it cannot be judged yet."""
    from accord.science.analyses import analyse
    from accord.science.cohort import read_cohort
    from accord.science.reports import render_report

    try:
        cohort = read_cohort(made.folder, site=settings.SITE_FOLDER)
        invented = cohort.origin == "simulated"
        result = analyse(made.protocol, cohort, protocol_hash=made.protocol_hash, allow_invented=invented, said=said)
    except AccordError as error:
        return str(error)
    (working / "report.html").write_text(render_report(result), encoding="utf-8")
    return ""


def _pack(target: Path, working: Path) -> None:
    """The cohort and its report in one archive. Nothing in it names a person, a clinic or an hour."""
    files = [file for file in sorted((working / "cohort").rglob("*")) if file.is_file()]
    files += [page] if (page := working / "report.html").exists() else []
    target.touch(mode=0o600)
    with zipfile.ZipFile(target, "w") as archive:
        for file in files:
            entry = zipfile.ZipInfo(file.relative_to(working).as_posix(), THE_SAME)
            entry.compress_type = zipfile.ZIP_STORED if file.suffix == ".parquet" else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with file.open("rb") as source, archive.open(entry, "w", force_zip64=True) as packed:
                shutil.copyfileobj(source, packed, 1 << 20)


def _fail(row: Export, problem: str, by: Asker, now: datetime) -> None:
    with transaction.atomic(durable=True):
        fail_export(row=row, problem=problem, by=by, now=now)
