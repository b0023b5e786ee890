"""Who a visitor can be, and how each comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.service.demo.staff import BEA, DORA, ELI, FAY, Member
from accord.service.people.queries import account_with

if TYPE_CHECKING:
    from accord.service.people.models import Account


@dataclass(frozen=True, slots=True)
class Visitor:
    """One of the choices at the door."""

    key: str
    title: str | Promise
    about: str | Promise
    button: str | Promise
    goes_to: str  # the name of the first page
    come: Callable[[datetime], Account]


def _as(member: Member) -> Callable[[datetime], Account]:
    def come(now: datetime) -> Account:
        account = account_with(member.address)
        if account is None:
            raise Http404
        return account

    return come


_ALL = (
    Visitor(
        "therapist", _("A therapist"),
        _("Bea sees her caseload, sorted by who needs her first, with the reason in words."),
        _("Come in as a therapist"), "therapist:caseload", _as(BEA),
    ),
    Visitor(
        "coordinator", _("A coordinator"),
        _("Dora sees who was referred, who waits for a therapist, and who is away."),
        _("Come in as a coordinator"), "coordinator:referrals", _as(DORA),
    ),
    Visitor(
        "duty-clinician", _("The duty clinician"),
        _("Eli answers for everybody who has no therapist yet, and for alerts that nobody took in time."),
        _("Come in as the duty clinician"), "therapist:caseload", _as(ELI),
    ),
    Visitor(
        "supervisor", _("The supervisor"),
        _("Fay leads the service: she sees the whole clinic and is the last to be told of an alert."),
        _("Come in as the supervisor"), "therapist:caseload", _as(FAY),
    ),
)  # fmt: skip
VISITORS = {visitor.key: visitor for visitor in _ALL}
