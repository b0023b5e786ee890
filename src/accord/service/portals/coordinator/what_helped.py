"""What rescues did, as the last count of the service says it: beside people in the same state who had none.

Nothing is counted here: every number stands in the stored review, under its own id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accord.service.access.guard import page
from accord.service.access.table import SERVICE, Action, Resource
from accord.service.portals.coordinator.frame import frame, may, shown, title_of
from accord.service.studies.queries import reviews
from accord.service.ui import rescue_words as words

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

ENOUGH = 10  # people on either side; below that a share says nothing and may point at somebody (C42)
WHATS = ("came", "others", "difference")


@never_cache
@require_GET
@page(Resource.RESCUE, Action.VIEW)
def what_helped(request: Asked) -> HttpResponse:
    """One table for each protocol that is in force at her clinic."""
    context = frame(request, "start-and-stay") | {"may_see_numbers": may(request, Resource.REVIEW, Action.VIEW)}
    clinic = context["me"].clinic_id
    found = []
    for one in reviews.in_force(SERVICE):
        review = reviews.newest(SERVICE, clinic, one.protocol) if one.clinic.pk == clinic else None
        if review is not None:
            rows = list(told(review.result.get("estimates", ())))
            found.append({"protocol": title_of(one.protocol), "counted_at": review.counted_at, "rows": rows})
    return shown(request, "what-helped", context | {"counts": found})


def told(estimates: Any) -> Iterator[dict[str, Any]]:
    """Each kind of rescue in each state: how often, and the three shares where both sides have enough people."""
    by_id: Mapping[str, dict[str, Any]] = {one["id"]: one for one in estimates if one["id"].startswith("rescue.")}
    for id_, given in by_id.items():
        stem, _dot, what = id_.rpartition(".")
        if what != "given":
            continue
        _rescue, why, kind = stem.split(".")
        shares = [by_id.get(f"{stem}.{one}") for one in WHATS]
        enough = all(one is not None and one["value"] is not None for one in shares) and all(
            (one["n"] or 0) >= ENOUGH for one in shares[:2] if one is not None
        )
        yield {
            "why": words.WHYS.get(why.replace("_", "-"), why), "kind": words.KINDS.get(kind.replace("_", "-"), kind),
            "given": given, "shares": [_share(one) for one in shares if one] if enough else None,
        }  # fmt: skip


def _share(one: Mapping[str, Any]) -> dict[str, Any]:
    """A share as it is printed: per cent with its interval, and of how many; a difference in points."""
    low, high = one.get("ci_low"), one.get("ci_high")
    sign = "+" if one["id"].endswith(".difference") else ""
    text = f"{100 * one['value']:{sign}.0f}" + ("" if sign else " %")
    between = (
        _("%(low)s to %(high)s") % {"low": f"{100 * low:{sign}.0f}", "high": f"{100 * high:{sign}.0f}"}
        if low is not None and high is not None else ""
    )  # fmt: skip
    return {"id": one["id"], "value": repr(one["value"]), "text": text, "between": between,
            "n": one["n"] if not sign else None}  # fmt: skip
