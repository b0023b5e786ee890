"""Letters about one person, for a clinician: written once, sent or withdrawn, printed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.portals.therapist.frame import beside, clinical
from accord.service.ui import letter_pages

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person

PORTAL = "therapist"


def _shown(request: Asked, template: str, person: Person, context: dict[str, Any]) -> HttpResponse:
    refusal = context.get("refusal")
    every = beside(request, person) | {"u": letter_pages.names(PORTAL)} | context
    return render(request, f"ui/{template}.html", every, status=refusal.status if refusal else 200)


def _person(request: Asked, person_id: uuid.UUID) -> Person:
    person = clinical(request, person_id)
    viewed(request, person_id)
    return person


@never_cache
@require_GET
@page(Resource.LETTER, Action.CREATE)
def letters(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Every letter about her, and what can be written."""
    person = _person(request, person_id)
    return _shown(request, "letters", person, letter_pages.listed(request, person))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.LETTER, Action.CREATE)
def letter_desk(request: Asked, person_id: uuid.UUID, kind: str) -> HttpResponse:
    """A letter as the record fills it, to be edited; a POST signs it."""
    person = _person(request, person_id)
    if request.method != "POST":
        return _shown(request, "letter-desk", person, letter_pages.desk(request, person, kind))
    try:
        made = letter_pages.sign(request, person, kind)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _shown(request, "letter-desk", person, letter_pages.desk(request, person, kind, refusal))
    return redirect(f"{PORTAL}:letter", person_id=person_id, letter_id=made.pk)


@never_cache
@require_GET
@page(Resource.LETTER, Action.CREATE)
def letter(request: Asked, person_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
    """One letter, word for word, as it is printed."""
    return _letter(request, person_id, letter_id)


def _letter(request: Asked, person_id: uuid.UUID, letter_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    person = _person(request, person_id)
    row = letter_pages.one_of(request, person, letter_id)
    return _shown(request, "letter", person, letter_pages.shown(row) | {"refusal": refusal})


@never_cache
@require_GET
@page(Resource.LETTER, Action.CREATE)
def letter_pdf(request: Asked, person_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
    """The same as a PDF; where none can be made, the page says why and is printed instead."""
    row = letter_pages.one_of(request, _person(request, person_id), letter_id)
    try:
        return letter_pages.pdf(row)
    except NotNow as refusal:
        return _letter(request, person_id, letter_id, refusal)


@require_POST
@page(Resource.LETTER, Action.ACT)
def letter_step(request: Asked, person_id: uuid.UUID, letter_id: uuid.UUID, step: str) -> HttpResponse:
    """It went, or it does not go."""
    letter_pages.one_of(request, _person(request, person_id), letter_id, Action.ACT)
    try:
        letter_pages.step(request, letter_id, step)
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _letter(request, person_id, letter_id, refusal)
    return redirect(f"{PORTAL}:letter", person_id=person_id, letter_id=letter_id)
