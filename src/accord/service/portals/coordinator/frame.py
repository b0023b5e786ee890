"""What the pages of the office share: the frame, and a form as it was posted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render

from accord.science.errors import NotFound
from accord.service.access.table import CLINICIANS, Action, Resource, Scope, scope_of
from accord.service.errors import NotAllowed, Refusal
from accord.service.library.queries import latest, protocol
from accord.service.people import queries as people

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

PAGE = 50  # rows of a list (E26)


def may(request: Asked, resource: Resource, action: Action) -> bool:
    """Whether one of her roles may do this to anybody: what the frame offers follows from it."""
    return scope_of(request.asker, resource, action) is not Scope.NONE


def frame(request: Asked, here: str) -> dict[str, Any]:
    """What every page of the office needs: who asks, the zone of its times, where the navigation stands."""
    me = people.me(request.asker)
    return {
        "me": me, "zone": me.clinic.zone(), "now": request.now, "here": here,
        "clinical": request.asker.holds(*CLINICIANS), "office": may(request, Resource.EPISODE, Action.ACT),
        "numbers": may(request, Resource.REVIEW, Action.VIEW),
        "staff_list": may(request, Resource.STAFF_LIST, Action.VIEW),
        "rescues": may(request, Resource.RESCUE, Action.VIEW),
        "complaints_here": may(request, Resource.COMPLAINT, Action.ACT),
    }  # fmt: skip


def shown(request: Asked, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page, with the status of the refusal that it carries."""
    refusal = context.get("refusal")
    return render(request, f"coordinator/{template}.html", context, status=refusal.status if refusal else 200)


def title_of(slug: str) -> str:
    """A protocol's title; its slug when it is no longer published."""
    try:
        return protocol(latest("protocol", slug)).title
    except NotFound:
        return slug


# ---------------------------------------------------------------------------------------------------- what was posted


def minutes_given(text: str) -> int:
    """Whole minutes; -1 for what is no number, which no rule accepts."""
    text = text.strip() or "0"
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1


def posted(
    request: Asked, do: Callable[[], object], again: Callable[..., HttpResponse], to: str, *, said: str = "",
    **where: Any,
) -> HttpResponse:  # fmt: skip
    """Do it, say that it was done, and go on; a refusal shows the page again with its words and what was typed.

    What is said names nobody: it waits in a cookie until the next page is shown.
    """
    try:
        do()
    except NotAllowed:
        raise
    except Refusal as refusal:
        return again(request, *where.values(), refusal)
    if said:
        notices.success(request, said)
    return redirect(to, **where)
