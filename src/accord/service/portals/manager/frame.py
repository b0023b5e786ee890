"""What every page of a manager begins with: which clinic, which protocol, which count. The address is the state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from accord.service.access.table import CLINICIANS, Action, Resource, Scope, scope_of
from accord.service.people import queries as people
from accord.service.people.policies import hidden
from accord.service.studies.policies import may_count
from accord.service.studies.queries.reviews import Counted, in_force, newest

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.studies.models import Review


@dataclass(frozen=True, slots=True)
class Tab:
    """One choice of clinic and protocol."""

    label: str
    query: str
    here: bool


@dataclass(frozen=True, slots=True)
class Chosen:
    """The clinic and the protocol that the address names, or the first that she may see."""

    counted: Counted
    review: Review | None
    tabs: list[Tab]

    @property
    def query(self) -> str:
        return query(self.counted)


def query(counted: Counted) -> str:
    return urlencode({"clinic": counted.clinic.pk, "protocol": counted.protocol})


def chosen(request: Asked) -> Chosen:
    """Raises NotAllowed for a clinic or a protocol that she may not see, the same as for one that is not there."""
    every = in_force(request.asker)
    given = request.POST if request.method == "POST" else request.GET
    clinic, protocol = given.get("clinic", ""), given.get("protocol", "")
    found = [one for one in every if clinic in ("", str(one.clinic.pk)) and protocol in ("", one.protocol)]
    if not found:
        raise hidden()
    return Chosen(found[0], newest(request.asker, found[0].clinic.pk, found[0].protocol), _tabs(every, found[0]))


def _tabs(every: list[Counted], here: Counted) -> list[Tab]:
    several = len({one.clinic.pk for one in every}) > 1
    return [
        Tab(f"{one.clinic.name}: {words(one.protocol)}" if several else words(one.protocol), query(one), one == here)
        for one in every
    ]


def words(protocol: str) -> str:
    return protocol.replace("-", " ").capitalize()


def frame(request: Asked, here: str, choice: Chosen) -> dict[str, Any]:
    me = people.me(request.asker)
    review = choice.review
    return {
        "me": me, "zone": choice.counted.clinic.zone(), "now": request.now, "here": here, "choice": choice,
        "clinic": choice.counted.clinic, "protocol": words(choice.counted.protocol), "review": review,
        "query": choice.query, "invented": bool(review and review.result["invented"]),
        "may_count": may_count(request.asker, choice.counted.clinic.pk),
        "clinical": request.asker.holds(*CLINICIANS),
        "office": scope_of(request.asker, Resource.EPISODE, Action.ACT) is not Scope.NONE,
        "complaints_here": scope_of(request.asker, Resource.COMPLAINT, Action.ACT) is not Scope.NONE,
        "research": scope_of(request.asker, Resource.EXPORT, Action.VIEW) is not Scope.NONE,
        "listed": scope_of(request.asker, Resource.STAFF_LIST, Action.VIEW) is not Scope.NONE,
    }  # fmt: skip


def heading(review: Review | None) -> str:
    """The title of the page; of invented people it says so (C12)."""
    if review is None or not (people_ := review.result["facts"].get("people")):
        return _("The numbers of the service")
    if review.result["invented"]:
        return _("How %(n)s invented people changed during the course") % {"n": f"{people_:,}"}
    return _("How %(n)s people came and changed during the course") % {"n": f"{people_:,}"}
