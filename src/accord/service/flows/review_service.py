"""The numbers of a clinic are counted: the analysis of what an export of this moment holds, kept as one row."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from accord.science.cohort.manifest import FILE
from accord.science.errors import BadInput
from accord.service.access.table import Asker
from accord.service.people.policies import hidden
from accord.service.people.queries import clinics
from accord.service.studies.actions import make_cohort
from accord.service.studies.actions.reviews import keep_review
from accord.service.studies.policies import check_can_count

if TYPE_CHECKING:
    from accord.service.studies.actions import Made
    from accord.service.studies.models import Review


def review_service(
    *, clinic_id: uuid.UUID, protocol: str, by: Asker, now: datetime, said: Callable[[float], object] = lambda _: None
) -> Review:
    """Make the cohort in a folder that goes again, judge it by the protocol as it stands published, keep the result.

    A cohort that cannot be judged yet (nobody enrolled, nothing answered) is kept too, as what is missing. `said`
    hears how far it is, 0 to 1. Raises NotAllowed; NotFound for a protocol that was never published.
    """
    check_can_count(by, clinic_id)
    clinic = next((one for one in clinics() if one.pk == clinic_id), None)
    if clinic is None:
        raise hidden()

    def making(_stage: str, share: float) -> None:
        said(0.6 * share)

    with tempfile.TemporaryDirectory(prefix="accord-review-") as folder:
        out = Path(folder) / "cohort"
        made = make_cohort(protocol=protocol, clinic_ids=[clinic_id], out=out, now=now, said=making)
        result = _judged(made)
        cohort_hash = sha256((out / FILE).read_bytes()).hexdigest()  # it names the hash of every table
    said(0.95)
    with transaction.atomic(durable=True):
        return keep_review(
            clinic=clinic, protocol=protocol, snapshot_id=made.snapshot_id, cohort_hash=cohort_hash, result=result,
            by=by, now=now,
        )  # fmt: skip


def _judged(made: Made) -> dict[str, Any]:
    """The same call as `accord analyse` makes, so that both give the same numbers."""
    from accord.science.analyses import analyse
    from accord.science.cohort import read_cohort
    from accord.service.studies.rules.kept import as_kept, nothing_counted

    cohort = read_cohort(made.folder, site=settings.SITE_FOLDER)
    invented = cohort.origin == "simulated"
    try:
        result = analyse(made.protocol, cohort, protocol_hash=made.protocol_hash, allow_invented=invented)
    except BadInput as error:
        found = error.finding
        return nothing_counted(
            made.protocol, origin=made.origin, problem=found.what, cure=found.cure, facts={"people": made.people}
        )
    return as_kept(result, made.protocol)
