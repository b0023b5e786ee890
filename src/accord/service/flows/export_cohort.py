"""An operator takes a cohort out to a folder of her own: made, and one audited row that says what for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from accord.science.cohort.manifest import FILE
from accord.science.errors import BadInput
from accord.service.access.table import Asker
from accord.service.people.policies import hidden
from accord.service.people.queries import clinics
from accord.service.studies.actions import Made, make_cohort, note_taken
from accord.service.studies.actions.cohort import Said
from accord.service.studies.policies import may_export
from accord.service.studies.rules.exports import LONGEST, SHORTEST, wrong_purpose


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and the row that tells of it."""

    made: Made
    export_id: uuid.UUID
    sha256: str  # of cohort.json, which names the hash of every file


def export_cohort(
    *,
    protocol: str,
    clinic_id: uuid.UUID | None,
    out: Path,
    purpose: str,
    by: Asker,
    now: datetime,
    counted_at: datetime | None = None,
    form: str = "parquet",
    force: bool = False,
    said: Said = lambda stage, share: None,
) -> Written:
    """The cohort of one clinic, or of all of them, in the folder `out`; as things stood at `counted_at` (now).

    Raises NotAllowed; BadInput for a purpose that says nothing, a moment that has not come, a folder that is not empty;
    NotFound for a protocol that was never published. Nothing is written then.
    """
    known = [clinic for clinic in clinics() if clinic_id in (None, clinic.pk)]
    if not known or not all(may_export(by, clinic.pk) for clinic in known):
        raise hidden()
    if wrong_purpose(purpose):
        cure = f"Say in a sentence ({SHORTEST} to {LONGEST} characters) what these data are taken out for."
        raise BadInput(_("An export needs a purpose in words."), cure=cure)
    moment = counted_at or now
    if moment > now:
        raise BadInput(_("That moment has not come yet."), cure=_("Name one that has passed, or leave it out."))
    made = make_cohort(
        protocol=protocol, clinic_ids=[clinic.pk for clinic in known], out=out, now=moment, kind=form, force=force,
        said=said,
    )  # fmt: skip
    digest = sha256((out / FILE).read_bytes()).hexdigest()
    with transaction.atomic(durable=True):
        row = note_taken(
            clinic=known[0] if clinic_id else None, made=made, purpose=purpose, form=form, sha256=digest, by=by, now=now
        )
    return Written(made, row.pk, digest)
