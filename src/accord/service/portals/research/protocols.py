"""Which protocols stand, who follows which version of them, how many came, how much was answered."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accord.science.figures import NARROW, WIDE, BarRow, Bars
from accord.science.protocols.occasions import occasions
from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.people.policies import hidden
from accord.service.portals.research.frame import frame
from accord.service.studies.queries.cast import invented
from accord.service.studies.queries.protocols import InForce, in_force
from accord.service.studies.rules.tally import completeness, recruitment

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

MONTHS = 24  # months of recruitment in the picture; the table has them all


@never_cache
@require_GET
@page(Resource.EXPORT, Action.VIEW)
def protocols(request: Asked) -> HttpResponse:
    """Every protocol under which somebody came."""
    return render(request, "research/protocols.html", frame(request, "protocols") | {"rows": in_force(request.asker)})


@never_cache
@require_GET
@page(Resource.EXPORT, Action.VIEW)
def protocol(request: Asked, clinic_id: uuid.UUID, slug: str) -> HttpResponse:
    """One protocol at one clinic: versions, recruitment against the plan, completeness."""
    rows = in_force(request.asker)
    one = next((row for row in rows if row.clinic.pk == clinic_id and row.slug == slug), None)
    if one is None:
        raise hidden()
    counts = one.tally.counts if one.tally else {}
    months = recruitment(counts.get("enrolled", {}))
    names = [occasion.name for occasion in occasions(one.protocol)]
    enrolled, target = months[-1][2] if months else 0, one.protocol.sample_size.n
    found = frame(request, "protocols") | {
        "one": one, "months": list(reversed(months)), "enrolled": enrolled, "target": target,
        "share": min(100, round(100 * enrolled / target)) if target else None, "picture": _picture(months),
        "narrow": _picture(months, NARROW), "completeness": completeness(counts, names),
        "answers": counts.get("answers", {}),
    }  # fmt: skip
    return render(request, "research/protocol.html", found)


def _picture(months: list[tuple[str, int, int]], width: int = WIDE) -> str:
    """People enrolled month by month, as far as a page holds them."""
    if not months:
        return ""
    last = months[-MONTHS:]
    drawn = Bars(
        _("People enrolled each month"), _("%(n)s months, until %(last)s.") % {"n": len(last), "last": last[-1][0]},
        [BarRow(name, float(n)) for name, n, _total in last], _("people"), invented=invented(),
    )  # fmt: skip
    return mark_safe(drawn.svg(ident=f"recruitment-{width}", width=width))  # noqa: S308 - drawn by the science, which escapes what it writes


def titles(rows: list[InForce]) -> dict[tuple[uuid.UUID, str], str]:
    """What each choice of the form is called."""
    several = len({row.clinic.pk for row in rows}) > 1
    return {
        (row.clinic.pk, row.slug): f"{row.clinic.name}: {row.protocol.title}" if several else row.protocol.title
        for row in rows
    }
