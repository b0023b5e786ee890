"""Exports: asked for, on their way, made, failed, let go of. Each is one row and stands in the audit (E23)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.science.errors import NotFound
from accord.service.access.table import Asker
from accord.service.audit.actions import record
from accord.service.errors import NotAllowed, NotNow
from accord.service.library.queries import protocol_snapshot
from accord.service.outbox.actions import enqueue
from accord.service.studies.models import Export
from accord.service.studies.policies import check_can_export
from accord.service.studies.queries.exports import folder, report_of, zip_of
from accord.service.studies.rules.exports import FORMS, KEPT_FOR, LONGEST, MAKE_EXPORT, SHORTEST, wrong_purpose

if TYPE_CHECKING:
    from accord.service.people.models import Clinic
    from accord.service.studies.actions.cohort import Made


def ask_export(
    *, clinic: Clinic, protocol: str, purpose: str, form: str, key: uuid.UUID, by: Asker, now: datetime
) -> Export:
    """Let the cohort of a clinic under a protocol be made as a job. The same key again is the same export.

    Raises NotAllowed (not hers to take out), NotNow (no purpose in words, no such protocol or format).
    """
    check_can_export(by, clinic.pk)
    with transaction.atomic():
        known = Export.objects.filter(key=key).first()
        if known is not None:
            return _replayed(known, clinic, protocol, by)
        row = _row(clinic, protocol, purpose, form, key, by, now)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:  # the same form, sent twice at once
            return _replayed(Export.objects.get(key=key), clinic, protocol, by)
        enqueue(
            kind=MAKE_EXPORT, to=by.person_id, occasion=f"export:{row.pk}", channel="job", subject_id=row.pk, now=now
        )
        _told(row, "ask_export", by, now, {"form": form}, {"purpose": row.purpose})
    return row


def _replayed(known: Export, clinic: Clinic, protocol: str, by: Asker) -> Export:
    """The export that this key stands for; a key that was used for something else is nobody's."""
    if (known.clinic_id, known.protocol, known.asked_by) != (clinic.pk, protocol, by.person_id):
        raise NotAllowed(_("There is no export here that you may see."))
    return known


def _row(
    clinic: Clinic | None, protocol: str, purpose: str, form: str, key: uuid.UUID, by: Asker, now: datetime
) -> Export:
    """The row as it is asked for. Raises NotNow with the cure for what is wrong."""
    said = {
        "nul": _("The purpose holds a character that is no text."), "short": _("What is it for? Say it in a sentence."),
        "long": _("The purpose is longer than %(limit)s characters.") % {"limit": LONGEST},
    }  # fmt: skip
    if wrong := wrong_purpose(purpose):
        cure = _("%(few)s to %(many)s characters; it stands in the audit.") % {"few": SHORTEST, "many": LONGEST}
        raise NotNow(said[wrong], cure=cure)
    if form not in FORMS:
        raise NotNow(_("There is no such format."), cure=_("Choose Parquet or CSV."))
    try:
        snapshot = protocol_snapshot(protocol)
    except NotFound as unknown:
        raise NotNow(_("There is no such protocol here."), cure=_("Choose one from the list.")) from unknown
    return Export(
        clinic=clinic, protocol=protocol, snapshot=snapshot, purpose=purpose.strip(), form=form, asked_by=by.person_id,
        asked_at=now, key=key,
    )  # fmt: skip


def say_stage(*, row: Export, stage: str, progress: float) -> None:
    """How far it is, for the page. Not audited."""
    Export.objects.filter(pk=row.pk, state=Export.State.ASKED).update(stage=stage[:60], progress=progress)


def finish_export(*, row: Export, made: Made, sha256: str, size: int, problem: str, by: Asker, now: datetime) -> Export:
    """Its file is there. `problem`: why the report could not be made, if so; the data are there all the same."""
    with transaction.atomic():
        changed = Export.objects.filter(pk=row.pk, state=Export.State.ASKED).update(
            state=Export.State.MADE, stage="", progress=1.0, people=made.people, rows=made.rows, sha256=sha256,
            size=size, finished_at=now, expires_at=now + KEPT_FOR, problem=problem[:300], snapshot=made.snapshot_id,
        )  # fmt: skip
        row.refresh_from_db()
        if changed:
            _told(row, "make_export", by, now, {"people": made.people, "rows": made.rows, "sha256": sha256})
    return row


def fail_export(*, row: Export, problem: str, by: Asker, now: datetime) -> None:
    """It could not be made, because."""
    with transaction.atomic():
        failed = Export.objects.filter(pk=row.pk, state=Export.State.ASKED)
        if failed.update(state=Export.State.FAILED, stage="", problem=problem[:300], finished_at=now):
            _told(row, "fail_export", by, now, {})


def note_taken(
    *, clinic: Clinic | None, made: Made, purpose: str, form: str, sha256: str, by: Asker, now: datetime
) -> Export:
    """An operator has written a cohort to a folder of her own: one row, with what for. No file is kept here."""
    with transaction.atomic():
        row = _row(clinic, made.protocol.slug, purpose, form, uuid.uuid4(), by, now)
        row.state, row.progress, row.people, row.rows = Export.State.TAKEN, 1.0, made.people, made.rows
        row.sha256, row.finished_at = sha256, now
        row.save(force_insert=True)
        facts = {"people": made.people, "rows": made.rows, "sha256": sha256, "form": form}
        _told(row, "take_export", by, now, facts, {"purpose": row.purpose})
    return row


def note_download(*, row: Export, what: str, by: Asker, now: datetime) -> None:
    """Somebody took the file (`data`) or looked at the report."""
    with transaction.atomic():
        _told(row, "download_export", by, now, {"what": what, "sha256": row.sha256})


def forget_exports(*, by: Asker, now: datetime) -> int:
    """Delete the files whose time is over, and what a job that died left behind; returns how many exports are gone."""
    gone = 0
    for row in Export.objects.filter(state=Export.State.MADE, expires_at__lte=now):
        with transaction.atomic():
            Export.objects.filter(pk=row.pk).update(state=Export.State.GONE)
            _told(row, "forget_export", by, now, {})
        for path in (zip_of(row), report_of(row)):
            path.unlink(missing_ok=True)
        gone += 1
    _sweep()
    return gone


def _sweep() -> None:
    """Files of exports that are gone, or that no row knows."""
    there = {path: path.name.split(".")[0] for path in folder().glob("*.*") if path.suffix in (".zip", ".html")}
    kept = {str(pk) for pk in Export.objects.filter(state=Export.State.MADE).values_list("pk", flat=True)}
    asked = {str(pk) for pk in Export.objects.filter(state=Export.State.ASKED).values_list("pk", flat=True)}
    for path, name in there.items():
        if name not in kept | asked:
            path.unlink(missing_ok=True)


def _told(
    row: Export, action: str, by: Asker, now: datetime, facts: dict[str, Any], personal: dict[str, str] | None = None
) -> None:
    clinic = str(row.clinic_id) if row.clinic_id else "all"
    record(
        stream=f"study:{row.protocol}", action=action, resource="export", resource_id=row.pk, by=by.person_id,
        role=by.main_role(), now=now, facts={"clinic": clinic, **facts}, personal=personal or {},
    )  # fmt: skip
