"""What every page of a researcher begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from accord.service.access.table import Action, Resource, Scope, scope_of
from accord.service.people import queries as people
from accord.service.studies.queries.cast import invented

if TYPE_CHECKING:
    from accord.service.access.guard import Asked


def frame(request: Asked, here: str) -> dict[str, Any]:
    me = people.me(request.asker)
    return {
        "me": me, "zone": me.clinic.zone(), "now": request.now, "here": here,
        "numbers": scope_of(request.asker, Resource.REVIEW, Action.VIEW) is not Scope.NONE, "invented": invented(),
        "may_ask": scope_of(request.asker, Resource.EXPORT, Action.CREATE) is not Scope.NONE,
    }  # fmt: skip
