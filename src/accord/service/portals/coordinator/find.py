"""Somebody telephones: find a person by name, telephone number or e-mail address.

What is looked for is posted, so that no name stands in an address, a history or a log.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accord.service.access.guard import page
from accord.service.access.table import Action, Resource
from accord.service.people import queries as people
from accord.service.portals.coordinator.frame import frame, shown

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person

SHOWN = 20  # people found that are shown; more of them means that more must be written
LEAST = 2  # letters or digits that are looked for
MOST = 100


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.PERSON, Action.ACT)
def find(request: Asked) -> HttpResponse:
    """The form, and whom it found."""
    wanted = " ".join(request.POST.get("wanted", "")[:MOST].split())
    context = frame(request, "referrals") | {"wanted": wanted, "asked": request.method == "POST", "most": SHOWN}
    context |= _found(request, wanted) if _enough(wanted) else {"short": bool(context["asked"])}
    return shown(request, "find", context)


def _enough(wanted: str) -> bool:
    return sum(one.isalnum() for one in wanted) >= LEAST


def _found(request: Asked, wanted: str) -> dict[str, Any]:
    """Who fits; names are encrypted, so they are opened one by one: the office looks for one person, not for many."""
    staff = {row.person.pk for row in people.staff(request.asker, request.now)}
    everybody = people.people(request.asker, Resource.PERSON, Action.ACT)
    found = [one for one in everybody if one.pk not in staff and fits(one, wanted)]
    stands = people.accountability([one.pk for one in found[:SHOWN]])
    return {"rows": [(one, stands.get(one.pk)) for one in found[:SHOWN]], "count": len(found)}


def fits(person: Person, wanted: str) -> bool:
    """Each word begins a part of the name, or it is part of the address, or the digits are part of the number."""
    digits = "".join(one for one in wanted if one.isdigit())
    if digits and not any(one.isalpha() for one in wanted):
        return bool(digits.strip("0")) and digits.lstrip("0") in "".join(one for one in person.phone if one.isdigit())
    plain = _plain(wanted)
    parts = _plain(person.name).replace("-", " ").split()
    begun = all(any(part.startswith(word) for part in parts) for word in plain.replace("-", " ").split())
    return begun or ("@" in plain and plain in person.email.casefold())


def _plain(text: str) -> str:
    """Without accents and capitals: who telephones is written down as she sounds."""
    return "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)).casefold()
