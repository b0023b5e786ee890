"""The page of numbers as files: its pictures, a sheet of paper (PDF), a table (CSV). No name stands in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accord.science.analyses.definitions import definition
from accord.science.estimates.estimate import Estimate
from accord.science.reports.files import as_csv
from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.errors import NotNow
from accord.service.library.queries import protocol as published
from accord.service.people.policies import hidden
from accord.service.portals.manager.frame import Chosen, chosen, heading
from accord.service.portals.manager.laid import Page
from accord.service.portals.manager.numbers import laid_out, signed
from accord.service.portals.manager.paper import printed
from accord.service.portals.manager.worded import as_estimate
from accord.service.studies.rules.reviews import family

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.studies.models import Review

# A picture that is loaded as an image stands outside of the page's style: it brings its own dark colours.
_DARK = (
    "--ink:#eef1ee;--soft:#c6cfce;--line:#36434a;--edge:#8b9898;--card:#1c2326;--sunk:#232c2f;--calm:#7fd0c6;"
    "--calm-wash:#173230;--warm:#f0a27c;--warm-wash:#3a2519;--good:#93d3a2;--alert:#ff9aa2"
)
_STYLE = f"<style>@media (prefers-color-scheme: dark){{svg{{{_DARK}}}}}</style>"
COLUMNS = ("id", "label", "value", "ci_low", "ci_high", "n", "missing", "unit", "definition", "data")


@require_GET
@page(Resource.REVIEW, Action.VIEW)
def picture(request: Asked, picture: str) -> HttpResponse:
    """A picture of the newest count, wide for a desk or narrow for a telephone."""
    choice = chosen(request)
    found = choice.review.result["pictures"].get(picture) if choice.review else None
    if found is None:
        raise hidden()
    svg = found["narrow" if request.GET.get("size") == "narrow" else "wide"]
    response = HttpResponse(svg.replace("</desc>", f"</desc>{_STYLE}", 1), content_type="image/svg+xml")
    response["Cache-Control"] = "private, max-age=86400"  # its address names the count
    return response


@never_cache
@require_GET
@page(Resource.REVIEW, Action.VIEW)
def table(request: Asked) -> HttpResponse:
    """Every number of the page as CSV that no spreadsheet takes for a formula."""
    choice, review = _counted(request)
    laid = laid_out(request, choice, with_names=False)
    stamp = _("invented data") if review.result["invented"] else review.result["origin"]
    promised = published(review.snapshot_id)

    def words(name: str) -> str:
        told = definition(promised, name)
        return f"{told.words} ({told.formula})"

    rows = tuple(
        (one.id, one.label, one.value, one.ci_low, one.ci_high, one.n, one.missing, one.unit, words(one.id), stamp)
        for one in _ordered(laid)
    )
    # A spreadsheet takes the text for UTF-8 only with this mark before it, and prints “ and × wrong without.
    return _file(as_csv(COLUMNS, rows).encode("utf-8-sig"), "text/csv; charset=utf-8", review, "csv")


@never_cache
@require_GET
@page(Resource.REVIEW, Action.VIEW)
def paper(request: Asked) -> HttpResponse:
    """The same numbers on paper."""
    choice, review = _counted(request)
    laid = laid_out(request, choice, with_names=False)
    who = signed(choice.counted.clinic.pk, review.snapshot_id)
    counted = review.counted_at.astimezone(choice.counted.clinic.zone())
    content = printed(
        laid, title=heading(review), clinic=choice.counted.clinic.name, counted=f"{counted:%A %-d %B %Y, %H:%M}",
        version=f"{review.protocol} {review.result['protocol_version']}", sha256=review.snapshot.sha256,
        signed=_("Definitions signed.") if who else _("Definitions not signed yet."),
    )  # fmt: skip
    return _file(content, "application/pdf", review, "pdf")


def _counted(request: Asked) -> tuple[Chosen, Review]:
    choice = chosen(request)
    if choice.review is None:
        raise NotNow(_("Nothing has been counted yet."), cure=_("Press “Count now” on the page of numbers first."))
    return choice, choice.review


def _ordered(laid: Page) -> list[Estimate]:
    """What stands on the page, in the order of its parts."""
    order = [name for part in laid.parts() for name in part.part.families]
    place = {name: number for number, name in enumerate(order)}
    found = [as_estimate(one) for one in laid.result["estimates"]]
    return sorted(found, key=lambda one: place.get(family(one.id), len(place)))


def _file(content: bytes, kind: str, review: Review, end: str) -> HttpResponse:
    """A file whose name says what it is: the protocol, the day, and that it is invented where it is (C12)."""
    mark = "-invented" if review.result["invented"] else ""
    name = f"numbers-{review.protocol}-{review.counted_at:%Y-%m-%d}{mark}.{end}"
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
