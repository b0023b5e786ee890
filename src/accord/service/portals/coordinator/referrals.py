"""Who came, and how: referrals to acknowledge and to enter, links not used yet, where each one is on the way (C39)."""

from __future__ import annotations

import uuid
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accord.service.access.guard import page, viewed_many
from accord.service.access.table import Action, Resource
from accord.service.episodes import actions
from accord.service.episodes import queries as episodes
from accord.service.episodes.queries.protocols import TAKES_IN
from accord.service.episodes.rules import ENDED, State
from accord.service.errors import NotAllowed, Refusal
from accord.service.fields.keys import new_id
from accord.service.flows.enter_referral import CAME, enter_referral
from accord.service.flows.send_link import send_link
from accord.service.people import queries as people
from accord.service.portals.coordinator.find import same_number
from accord.service.portals.coordinator.frame import PAGE, frame, posted, shown
from accord.service.portals.coordinator.person import SAID, one_person
from accord.service.ui.pathway import CAME as CAME_WORDS
from accord.service.ui.pathway import STATES, TOLD, named
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person

ON_THE_WAY = tuple(state for state in State if state not in ENDED)
SHOWN: dict[str, tuple[State, ...]] = {"open": ON_THE_WAY, "ended": ENDED, "all": ()}
NAMED = 5  # people with one number that are shown
OWED = 20  # referrals to acknowledge that are shown at once


@never_cache
@require_safe
@page(Resource.EPISODE, Action.ACT)
def referrals(request: Asked) -> HttpResponse:
    """Everybody who came, the newest first; before them, whose arrival was not acknowledged yet."""
    return _list(request)


def _list(request: Asked, refusal: Refusal | None = None, show: str = "") -> HttpResponse:
    show = show or request.GET.get("show", "open")
    show = show if show in (*SHOWN, "link") else "open"
    sources = episodes.referral_sources(TAKES_IN)
    source = request.GET.get("source", "")
    source = source if source in sources else ""
    counts = episodes.how_many(request.asker)
    unused = episodes.not_confirmed(request.asker, source=source)
    context = frame(request, "referrals") | {
        "show": show, "source": source, "refusal": refusal, "more": f"&source={source}" if source else "",
        "sources": [(one, named(one)) for one in sources], "given": request.POST if refusal else {},
        "said": [(how, TOLD[how]) for how in SAID], **_owed(request, show == "open" and not source),
        "filters": [
            ("open", _("On the way"), sum(counts.get(state, 0) for state in ON_THE_WAY)),
            ("link", _("Link not used yet"), unused.count()),
            ("ended", _("Ended"), sum(counts.get(state, 0) for state in ENDED)),
            ("all", _("All"), sum(counts.values())),
        ],
    }  # fmt: skip
    rows: Any = unused if show == "link" else episodes.who_came(request.asker, *SHOWN[show], source=source)
    context["shown"] = part = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    if show == "link":
        context["unused"] = [(one, named(one.source), one.expires_at and one.expires_at < request.now) for one in part]
    else:
        named_for = people.accountability([row.episode.person_id for row in part])
        context["rows"] = [
            (row, STATES[row.state], _from(row.episode.referral), named_for.get(row.episode.person_id)) for row in part
        ]
    return shown(request, "referrals", context)


def _owed(request: Asked, listed: bool) -> dict[str, Any]:
    """Whose arrival nobody has acknowledged, the longest overdue first; the next come up as these are done."""
    found = episodes.unacknowledged(request.asker) if listed else []
    rows = [
        (one, named(one.referral.source), CAME_WORDS[one.referral.came], bool(one.due and one.due < request.now))
        for one in found[:OWED]
    ]
    return {"owed": rows, "owed_count": len(found), "owed_more": max(len(found) - OWED, 0)}


def _from(referral: Any) -> str:
    return named(referral.source) if referral else _("not said")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page(Resource.EPISODE, Action.CREATE)
def enter(request: Asked) -> HttpResponse:
    """Enter a referral that came by letter or telephone."""
    if request.method != "POST":
        return _form(request)
    given = {name: request.POST.get(name, "") for name in ("name", "phone", "email", "referrer", "note")}
    try:
        _check_number(request)
        made = enter_referral(
            **given, clinic=people.me(request.asker).clinic, protocol=TAKES_IN,
            source=request.POST.get("source", ""), came=request.POST.get("came", ""),
            told=request.POST.get("told") == "yes", key=key_of(request), by=request.asker, now=request.now,
        )  # fmt: skip
    except NotAllowed:
        raise
    except Refusal as refusal:
        return _form(request, refusal)
    return redirect("coordinator:person", person_id=made.person_id)


def _form(request: Asked, refusal: Refusal | None = None) -> HttpResponse:
    context = frame(request, "referrals") | {
        "refusal": refusal, "given": request.POST if refusal else {}, "key": new_id(),
        "sources": [(one, named(one)) for one in episodes.referral_sources(TAKES_IN)],
        "came": [(one, CAME_WORDS[one]) for one in CAME],
        "hours": episodes.acknowledgement_hours(TAKES_IN), "known": _known(request) if refusal else [],
    }  # fmt: skip
    return shown(request, "referral-enter", context)


def _check_number(request: Asked) -> None:
    """A number is no proof of who somebody is, as an address with an account is: the office says whether she is new."""
    if request.POST.get("new") != "yes" and not episodes.referral_with(key_of(request)) and _of_number(request):
        cure = _("Open the page of whoever it is, to refer that person again; or say below that this is somebody else.")
        raise Refusal(_("Somebody with this telephone number is known already."), cure=cure)


def _of_number(request: Asked) -> list[uuid.UUID]:
    """The people in care with the number that was typed, the newest first."""
    typed = request.POST.get("phone", "")
    staff = {row.person.pk for row in people.staff(request.asker, request.now)}
    written = people.written(request.asker, "phone", but=staff) if typed.strip() else []
    return [who for who, value in written if same_number(value, typed)][:NAMED]


def _known(request: Asked) -> list[Person]:
    """Who has the number or the address that was typed, where the office keeps them: they are referred again there."""
    keys = _of_number(request)
    viewed_many(request, keys)
    found = list(people.people_with(keys).values())
    account = people.account_with(request.POST.get("email", ""))
    if account is None or account.person_id is None or account.person_id in keys:
        return found
    try:
        mine = people.in_care(account.person_id)
        return [*found, people.person(request.asker, account.person_id, Action.ACT)] if mine else found
    except NotAllowed:
        return found


@require_http_methods(["POST"])
@page(Resource.EPISODE, Action.ACT)
def acknowledge(request: Asked, referral_id: uuid.UUID) -> HttpResponse:
    """Whoever sent somebody was told that it has arrived."""

    def do() -> None:
        row = episodes.referral(request.asker, referral_id)
        actions.acknowledge_referral(referral=row, how=request.POST.get("how", ""), by=request.asker, now=request.now)

    if request.POST.get("from") == "person":
        row = episodes.referral(request.asker, referral_id)
        return posted(request, do, one_person, "coordinator:person", said=_("Acknowledged."), person_id=row.person_id)
    return posted(request, do, _list, "coordinator:referrals", said=_("Acknowledged."))


@require_http_methods(["POST"])
@page(Resource.EPISODE, Action.ACT)
def link(request: Asked, referral_id: uuid.UUID) -> HttpResponse:
    """Send the link once more, to the address that is written."""

    def do() -> None:
        email = request.POST.get("email", "")
        send_link(referral_id=referral_id, email=email[:254], by=request.asker, now=request.now)

    said = _("The link is on its way; it counts for two weeks.")
    if request.POST.get("from") == "person":
        row = episodes.referral(request.asker, referral_id)
        return posted(request, do, one_person, "coordinator:person", said=said, person_id=row.person_id)
    return posted(request, do, partial(_list, show="link"), f"{reverse('coordinator:referrals')}?show=link", said=said)
