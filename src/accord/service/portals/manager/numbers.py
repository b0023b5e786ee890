"""The page of numbers: what was counted last, and the button that counts again."""

from __future__ import annotations

import uuid
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from django.conf.locale import LANG_INFO
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accord.science.errors import AccordError
from accord.service.access.guard import page
from accord.service.access.table import Action, Resource, Scope, scope_of
from accord.service.errors import Refusal
from accord.service.fields.keys import new_id
from accord.service.library.queries import ladder, ladder_snapshot, protocol_snapshot, questions
from accord.service.library.queries import protocol as published
from accord.service.people import queries as people
from accord.service.portals.manager.frame import Chosen, chosen, frame, heading
from accord.service.portals.manager.laid import Page, colleagues, named
from accord.service.studies.actions.reviews import ask_for_review
from accord.service.studies.queries.reviews import before, counting, people_behind, signature

if TYPE_CHECKING:
    from accord.science.protocols import Protocol
    from accord.service.access.guard import Asked
    from accord.service.outbox.models import Work


@never_cache
@require_GET
@page(Resource.REVIEW, Action.VIEW)
def numbers(request: Asked) -> HttpResponse:
    """What stands in the newest count of a clinic under a protocol; nothing is computed here."""
    choice = chosen(request)
    job = counting(choice.counted.clinic.pk, choice.counted.protocol)
    context = frame(request, "numbers", choice) | {
        "title": heading(choice.review), "key": new_id(), "counting": _state(job), "again": request.get_full_path(),
        "signed": signed(choice.counted.clinic.pk, _snapshot(choice)),
    }  # fmt: skip
    laid = laid_out(request, choice)
    found = {"parts": list(laid.parts()), "short": laid.short(), "earlier": laid.earlier_at}
    return render(request, "manager/numbers.html", context | found)


def laid_out(request: Asked, choice: Chosen, *, with_names: bool = True) -> Page:
    """The newest count laid out; an empty one while nothing was counted."""
    review = choice.review
    if review is None:
        return Page({"estimates": [], "sections": [], "pictures": {}, "times": {}})
    then, promised = before(review), published(review.snapshot_id)
    first = promised.endpoints.primary
    return Page(
        review.result, promised.stages, then.result if then else None, then.counted_at if then else None,
        _names(request, choice) if with_names else {}, f"{first.scale}.{first.at}", _spoken(promised),
    )  # fmt: skip


def _spoken(promised: Protocol) -> dict[str, dict[str, str]]:
    """What the codes of tiers, answers and languages are called; the code stands where nobody names it."""
    found = {name: dict(question.options) for name, question in questions().items() if question.options}
    found["language"] = {code: one["name"] for code, one in LANG_INFO.items() if "name" in one}
    with suppress(AccordError):
        tiers = ladder(ladder_snapshot(promised.safety.ladder)).tiers
        found["tier"] = {name: tier.label for name, tier in tiers.items()}
    return found


def _names(request: Asked, choice: Chosen) -> dict[str, str]:
    """Whose load it is, where the asker may see the list of staff: pseudonym -> name."""
    if scope_of(request.asker, Resource.STAFF_LIST, Action.VIEW) is Scope.NONE or choice.review is None:
        return {}
    behind = people_behind(choice.counted.protocol, colleagues(choice.review.result))
    return named(behind, {row.person.pk: row.person.name for row in people.staff(request.asker, request.now)})


def _snapshot(choice: Chosen) -> uuid.UUID:
    """The version that was counted by; the newest while nothing was counted."""
    return choice.review.snapshot_id if choice.review else protocol_snapshot(choice.counted.protocol).pk


def signed(clinic_id: uuid.UUID, snapshot_id: uuid.UUID) -> dict[str, Any] | None:
    """Who signed the definitions of a version of the protocol, and when."""
    row = signature(clinic_id, snapshot_id)
    if row is None:
        return None
    who = people.person_with(row.by) if row.by else None
    return {"by": who.name if who else "", "at": row.at}


def _state(job: Work | None) -> dict[str, Any] | None:
    """What became of the last job: it waits, it runs and is so far, or it failed and why."""
    if job is None or job.state in (job.State.DONE, job.State.DROPPED):
        return None
    if job.state == job.State.FAILED:
        return {"failed": job.reason, "at": job.done_at}
    return {"since": job.made_at, "percent": round(100 * job.progress)}


@require_POST
@page(Resource.REVIEW, Action.ACT)
def count_now(request: Asked) -> HttpResponse:
    """Ask for a count; the clock does it beside its other work."""
    choice = chosen(request)
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        raise Refusal(_("The form was not complete."), cure=_("Nothing was counted. Go back and try again.")) from None
    ask_for_review(
        clinic_id=choice.counted.clinic.pk, protocol=choice.counted.protocol, key=key, by=request.asker,
        now=request.now,
    )  # fmt: skip
    return redirect(f"{reverse('manager:numbers')}?{choice.query}")
