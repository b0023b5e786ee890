"""The five pages about the letters of one person, for whichever portal: written once, sent or withdrawn, printed.

A portal gives its name, how it finds the person (and refuses who is not hers to see), and what stands around the page.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.errors import NotAllowed, NotNow, Refusal
from accord.service.ui import letter_pages

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person

Find = Callable[["Asked", uuid.UUID], "Person"]
Around = Callable[["Asked", "Person"], dict[str, Any]]


def letter_urls(portal: str, *, find: Find, around: Around) -> list[URLPattern]:
    """The addresses of one portal, each with its view. Opening one is written to the read log of the person."""

    def person_of(request: Asked, person_id: uuid.UUID) -> Person:
        person = find(request, person_id)
        viewed(request, person_id)
        return person

    def shown(request: Asked, template: str, person: Person, context: dict[str, Any]) -> HttpResponse:
        refusal = context.get("refusal")
        every = around(request, person) | {"u": letter_pages.names(portal)} | context
        return render(request, f"ui/{template}.html", every, status=refusal.status if refusal else 200)

    def one(request: Asked, person_id: uuid.UUID, letter_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
        person = person_of(request, person_id)
        row = letter_pages.one_of(request, person, letter_id)
        return shown(request, "letter", person, letter_pages.shown(row) | {"refusal": refusal})

    @never_cache
    @require_GET
    @page(Resource.LETTER, Action.CREATE)
    def letters(request: Asked, person_id: uuid.UUID) -> HttpResponse:
        """Every letter about her, and what can be written."""
        person = person_of(request, person_id)
        return shown(request, "letters", person, letter_pages.listed(request, person))

    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @page(Resource.LETTER, Action.CREATE)
    def letter_desk(request: Asked, person_id: uuid.UUID, kind: str) -> HttpResponse:
        """A letter as the record fills it, to be edited; a POST signs it."""
        person = person_of(request, person_id)
        if request.method != "POST":
            return shown(request, "letter-desk", person, letter_pages.desk(request, person, kind))
        try:
            made = letter_pages.sign(request, person, kind)
        except NotAllowed:
            raise
        except Refusal as refusal:
            return shown(request, "letter-desk", person, letter_pages.desk(request, person, kind, refusal))
        return redirect(f"{portal}:letter", person_id=person_id, letter_id=made.pk)

    @never_cache
    @require_GET
    @page(Resource.LETTER, Action.CREATE)
    def letter(request: Asked, person_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
        """One letter, word for word, as it is printed."""
        return one(request, person_id, letter_id)

    @never_cache
    @require_GET
    @page(Resource.LETTER, Action.CREATE)
    def letter_pdf(request: Asked, person_id: uuid.UUID, letter_id: uuid.UUID) -> HttpResponse:
        """The same as a PDF; where none can be made, the page says why and is printed instead."""
        row = letter_pages.one_of(request, person_of(request, person_id), letter_id)
        try:
            return letter_pages.pdf(row)
        except NotNow as refusal:
            return one(request, person_id, letter_id, refusal)

    @require_POST
    @page(Resource.LETTER, Action.ACT)
    def letter_step(request: Asked, person_id: uuid.UUID, letter_id: uuid.UUID, step: str) -> HttpResponse:
        """It went, or it does not go."""
        letter_pages.one_of(request, person_of(request, person_id), letter_id, Action.ACT)
        try:
            letter_pages.step(request, letter_id, step)
        except NotAllowed:
            raise
        except Refusal as refusal:
            return one(request, person_id, letter_id, refusal)
        return redirect(f"{portal}:letter", person_id=person_id, letter_id=letter_id)

    hers = "people/<uuid:person_id>/letters/"
    return [
        path(hers, letters, name="letters"),
        path(f"{hers}write/<slug:kind>/", letter_desk, name="letter_desk"),
        path(f"{hers}<uuid:letter_id>/", letter, name="letter"),
        path(f"{hers}<uuid:letter_id>/pdf/", letter_pdf, name="letter_pdf"),
        path(f"{hers}<uuid:letter_id>/<slug:step>/", letter_step, name="letter_step"),
    ]
