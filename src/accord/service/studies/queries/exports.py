"""Reads about exports: who asked for what, how far it is, where its file lies."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource, Scope
from accord.service.errors import NotAllowed, NotNow
from accord.service.people.queries import clinics
from accord.service.studies.models import Export, Tally

if TYPE_CHECKING:
    from accord.service.people.models import Clinic


def may_export_at(asker: Asker) -> list[Clinic]:
    """The clinics whose cohorts she may take out, in the order they opened."""
    if asker.service:
        return clinics()
    hers = asker.clinics(Resource.EXPORT, Action.CREATE, Scope.CLINIC)
    return [clinic for clinic in clinics() if clinic.pk in hers]


def sees_data_of(asker: Asker) -> list[Clinic]:
    """The clinics whose protocols, tallies and exports she may see."""
    hers = asker.clinics(Resource.EXPORT, Action.VIEW, Scope.CLINIC)
    return [clinic for clinic in clinics() if asker.service or clinic.pk in hers]


def exports(asker: Asker) -> QuerySet[Export]:
    """Every export that she may see, the newest first; for a list by pages."""
    rows = Export.objects.for_(asker, Action.VIEW).select_related("clinic", "snapshot")
    return rows.order_by("-asked_at", "-id")


def export(asker: Asker, export_id: uuid.UUID) -> Export:
    """One export. Raises NotAllowed as for one that does not exist."""
    found = exports(asker).filter(pk=export_id).first()
    if found is None:
        raise NotAllowed(_("There is no export here that you may see."))
    return found


def folder() -> Path:
    """Where files of exports lie."""
    return Path(settings.DATA_FOLDER) / "exports"


def zip_of(row: Export) -> Path:
    return folder() / f"{row.pk}.zip"


def report_of(row: Export) -> Path:
    return folder() / f"{row.pk}.html"


def file_of(row: Export, path: Path) -> Path:
    """A file of an export that is there. Raises NotNow when it is not made yet, or no longer."""
    if row.state == Export.State.ASKED:
        raise NotNow(_("This export is not made yet."), cure=_("Its page shows how far it is."))
    if row.state != Export.State.MADE or not path.is_file():
        cure = _("Ask for it again; it is made from what stands now.")
        raise NotNow(_("This file is not there, or no longer."), cure=cure)
    return path


def tally(asker: Asker, clinic_id: uuid.UUID, protocol: str) -> Tally | None:
    """The counts of the last cohort that was made of a clinic under a protocol."""
    return Tally.objects.for_(asker, Action.VIEW).filter(clinic=clinic_id, protocol=protocol).first()
