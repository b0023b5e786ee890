"""Somebody telephones: find a person by name, telephone number or e-mail address.

What is looked for is posted, so that no name stands in an address, a history or a log.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accord.service.access.guard import page, viewed_many
from accord.service.access.table import Action, Resource
from accord.service.people import queries as people
from accord.service.portals.coordinator.frame import frame, shown

if TYPE_CHECKING:
    from accord.service.access.guard import Asked

SHOWN = 20  # people found that are shown; more of them means that more must be written
LEAST = 2  # letters or digits that are looked for
MOST = 100
WHOLE = 6  # digits; fewer are part of a number, and the end of many


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
    keys = [who for who, value in people.written(request.asker, _field(wanted), but=staff) if fits(value, wanted)]
    viewed_many(request, keys[:SHOWN])  # numbers and addresses stand here, as on the call list
    known, stands = people.people_with(keys[:SHOWN]), people.accountability(keys[:SHOWN])
    return {"rows": [(known[who], stands.get(who)) for who in keys[:SHOWN]], "count": len(keys)}


def _field(wanted: str) -> str:
    """What is looked for: an address has its sign, a number no letter."""
    if "@" in wanted:
        return "email"
    return "name" if any(one.isalpha() for one in wanted) else "phone"


def fits(value: str, wanted: str) -> bool:
    """An address holds what is wanted, a number its digits; of a name each word begins a part."""
    match _field(wanted):
        case "email":
            return wanted.casefold() in value.casefold()
        case "phone":
            digits = _digits(wanted).lstrip("0")
            return bool(digits) and digits in _digits(value)
    parts = _plain(value).split()
    return all(any(part.startswith(word) for part in parts) for word in _plain(wanted).split())


def same_number(value: str, typed: str) -> bool:
    """Whether two telephone numbers are one, written with the country's code or without."""
    one, other = sorted((_digits(value).lstrip("0"), _digits(typed).lstrip("0")), key=len)
    return len(one) >= WHOLE and other.endswith(one)


def _digits(text: str) -> str:
    return "".join(one for one in text if one.isdigit())


def _plain(text: str) -> str:
    """Without accents, capitals and hyphens: who telephones is written down as she sounds."""
    if not text.isascii():
        text = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return text.casefold().replace("-", " ")
