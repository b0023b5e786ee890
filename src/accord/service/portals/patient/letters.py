"""The letters about her that were sent: she reads every one of them, to whomever it went."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.episodes import queries as episodes
from accord.service.errors import NotNow
from accord.service.people.queries import me
from accord.service.ui import letter_pages

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


@never_cache
@require_GET
@page(Resource.LETTER, Action.VIEW)
def letters(request: Asked) -> HttpResponse:
    """What was written about her and to her, the newest first."""
    rows = [(row, row.words.subject) for row in episodes.own_letters(request.asker)]
    return render(request, "patient/letters.html", {"rows": rows, "zone": me(request.asker).zone(), "nav": ""})


@never_cache
@require_GET
@page(Resource.LETTER, Action.VIEW)
def letter(request: Asked, letter_id: uuid.UUID) -> HttpResponse:
    """One letter, word for word."""
    return _letter(request, letter_id)


def _letter(request: Asked, letter_id: uuid.UUID, refusal: NotNow | None = None) -> HttpResponse:
    row = episodes.own_letter(request.asker, letter_id)
    context = letter_pages.shown(row) | {"zone": me(request.asker).zone(), "refusal": refusal, "nav": ""}
    return render(request, "patient/letter.html", context, status=refusal.status if refusal else 200)


@never_cache
@require_GET
@page(Resource.LETTER, Action.VIEW)
def letter_pdf(request: Asked, letter_id: uuid.UUID) -> HttpResponse:
    """The same as a PDF to keep."""
    row = episodes.own_letter(request.asker, letter_id)
    try:
        return letter_pages.pdf(row)
    except NotNow as refusal:
        return _letter(request, letter_id, refusal)
