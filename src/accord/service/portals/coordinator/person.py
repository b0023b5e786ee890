"""One person as the office sees her: the way so far, who answers, what comes next. No clinical fact stands here."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accord.service.access.guard import page, viewed
from accord.service.access.table import Action, Resource
from accord.service.care import queries as care
from accord.service.episodes import actions
from accord.service.episodes import queries as episodes
from accord.service.episodes.policies import discharge_reasons
from accord.service.episodes.queries.protocols import TAKES_IN
from accord.service.episodes.rules import ENDED, ONWARD_REASONS, State, StepKind, acknowledge_by, state_after
from accord.service.errors import Refusal
from accord.service.fields.keys import new_id
from accord.service.flows.discharge_person import discharge_person
from accord.service.flows.refer_again import CAME, refer_again
from accord.service.people import queries as people
from accord.service.people.policies import covers_in_words, hidden
from accord.service.people.rules.fitness import PLACE, TREATING
from accord.service.portals.coordinator.frame import frame, posted, shown
from accord.service.ui.letter_pages import KINDS
from accord.service.ui.pathway import CAME as CAME_WORDS
from accord.service.ui.pathway import LOOP, REASONS_ON, STATES, STEPS, TOLD, named
from accord.service.ui.posted import key_of

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.episodes.models import Episode, Referral, Step
    from accord.service.people.models import Accountability

SAID = ("letter", "phone", "email")  # how the office acknowledges a referral
ENDINGS = (StepKind.DISCHARGED,)  # steps whose reason the office may read: words of the protocol


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of her way through the service."""

    at: datetime
    text: str
    more: str = ""


@never_cache
@require_safe
@page(Resource.EPISODE, Action.ACT)
def person(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """One person: her way so far, who answers for her, what comes next."""
    return one_person(request, person_id)


def one_person(request: Asked, person_id: uuid.UUID, refusal: Refusal | None = None) -> HttpResponse:
    her = people.person(request.asker, person_id, Action.ACT)
    viewed(request, person_id)
    ways = episodes.ways_of(request.asker, person_id)
    referrals = episodes.referrals_of(request.asker, person_id)
    onward = episodes.onward_of(request.asker, person_id, request.now)
    names = people.accountability_history(request.asker, person_id)
    state = _state(ways[0][1]) if ways else None
    named_now = next((row for row in names if row.until is None), None)
    owed = next((row for row in referrals if _is_owed(row)), None)
    context = frame(request, "person") | {
        "person": her, "their_zone": her.zone(), "refusal": refusal, "given": request.POST if refusal else {},
        "state": STATES[state] if state else _("the link was not used yet"), "named": named_now,
        "treated": named_now is not None and named_now.reason in TREATING,
        "next": _next(request, state, owed, named_now, onward), "owed": owed,
        "said": [(how, TOLD[how]) for how in SAID],
        "line": _line(request, person_id, ways, referrals, names, onward), "before": _before(ways),
        "referral": _sent_by(referrals[0]) if referrals else None, "key": new_id(), "step": request.POST.get("form"),
        "unused": next((row for row in referrals if row.confirmed_at is None), None),
        "group": care.group_of(request.asker, person_id),
        "onward": [(row, named(row.onward.to), LOOP[row.steps[-1].kind] if row.steps else "") for row in onward],
    }  # fmt: skip
    return shown(request, "person", context | _forms(ways[0][0] if ways else None, state))


def _state(steps: list[Step]) -> State:
    return state_after(step.kind for step in steps) or State.REFERRED


def _forms(episode: Episode | None, state: State | None) -> dict[str, Any]:
    """What can be done from here, in the words of her protocol."""
    if episode is None or state is None:
        return {}
    open_ = state not in (State.DISCHARGED, State.WITHDRAWN)
    return {
        "episode": episode,
        "discharge": [(one, named(one)) for one in discharge_reasons(episode)] if open_ else [],
        "services": [(one, named(one)) for one in episodes.onward_services(episode)],
        "whys": [(one, REASONS_ON[one]) for one in ONWARD_REASONS],
        "again": [(one, named(one)) for one in episodes.referral_sources(TAKES_IN)] if state in ENDED else [],
        "came": [(one, CAME_WORDS[one]) for one in CAME],
    }


def _sent_by(referral: Referral) -> tuple[Any, str, str]:
    return referral, named(referral.source), str(CAME_WORDS[referral.came])


def _before(ways: list[tuple[Episode, list[Step]]]) -> list[tuple[datetime, datetime, str]]:
    """When she was here before, and how it ended."""
    return [
        (episode.opened_at, steps[-1].at, f"{STATES[_state(steps)]}{_why(steps[-1])}")
        for episode, steps in ways[1:] if steps
    ]  # fmt: skip


def _why(step: Step) -> str:
    return f": {named(step.reason)}" if step.kind in ENDINGS and step.reason else ""


# ---------------------------------------------------------------------------------------------------- the way so far


def _line(
    request: Asked, person_id: uuid.UUID, ways: list[tuple[Episode, list[Step]]], referrals: list[Referral],
    names: list[Accountability], onward: list[episodes.OnwardRow],
) -> list[Happened]:  # fmt: skip
    """Everything of the way through the service with its moment, the newest first."""
    found = [
        Happened(step.at, str(STEPS[StepKind(step.kind)]), named(step.reason) if _why(step) else "")
        for _episode, steps in ways for step in steps
    ]  # fmt: skip
    for row in referrals:
        found += _referral_line(row)
    found += [Happened(row.since, _name_line(row)) for row in names]
    for one in onward:
        found.append(Happened(one.onward.made_at, _("Sent on: %(where)s") % {"where": named(one.onward.to)}))
        found += [
            Happened(step.at, f"{named(one.onward.to)}: {LOOP[step.kind]}{f'. {step.note}' if step.note else ''}")
            for step in one.steps
        ]
    found += [
        Happened(row.at, _("Chosen without: %(what)s") % {"what": _missing(row.covers)}, row.reason)
        for row in people.overrides(request.asker, patient_id=person_id)
    ]
    found += [Happened(row.at, _("Help to start or to stay")) for row in care.rescues_of(request.asker, person_id)]
    for paper in episodes.letters_of(request.asker, person_id):
        kind = {"kind": KINDS.get(paper.letter.kind, paper.letter.kind)}
        found.append(Happened(paper.letter.made_at, _("Letter signed: %(kind)s") % kind))
        if paper.sent and paper.step is not None:
            found.append(Happened(paper.step.at, _("Letter sent: %(kind)s") % kind))
    return sorted(found, key=lambda one: one.at)[::-1]  # of one moment, the later line first


def _missing(covers: str) -> str:
    return _("a free place") if covers == PLACE else covers_in_words(covers)


def _referral_line(row: Referral) -> list[Happened]:
    came = _("Referral: %(source)s, %(came)s") % {"source": named(row.source), "came": CAME_WORDS[row.came]}
    found = [Happened(row.made_at, came)]
    said = getattr(row, "acknowledgement", None)
    if said is not None:
        found.append(Happened(said.at, _("Acknowledged %(how)s") % {"how": TOLD[said.how]}))
    return found


def _name_line(row: Accountability) -> str:
    said = {"who": row.clinician.name}
    if row.reason == "duty":
        return _("%(who)s answers, on duty") % said
    if row.reason in TREATING:
        return _("%(who)s is the therapist") % said
    return _("%(who)s stays the one to ask") % said


def _next(
    request: Asked, state: State | None, owed: Referral | None, named_now: Accountability | None,
    onward: list[episodes.OnwardRow],
) -> tuple[str, str, str]:  # fmt: skip
    """What comes next: the words, and where that is done (a page's name, its words); what is owed is done here."""
    if owed is not None:
        hours = episodes.acknowledgement_hours(owed.protocol)
        late = hours is not None and acknowledge_by(owed.made_at, hours) < request.now
        said = _("Whoever sent this person has not been told that it arrived.")
        overdue = _("The hours that were promised for it are over.")
        return f"{said} {overdue}" if late else said, "", ""
    if state is None:
        return _("The link was not used yet: call, or send it again."), "", ""
    treated = named_now is not None and named_now.reason in TREATING
    if state in episodes.WAITS and not treated:
        return _("Waits for a therapist."), "coordinator:choose", _("Choose a therapist")
    if any(row.next and not row.steps for row in onward):
        return _("Is to be sent on, and nothing has gone out yet."), "coordinator:loops", _("Say that it was sent")
    if any(row.late for row in onward):
        return _("It is not known what became of the way on."), "coordinator:loops", _("Ask, and write it down")
    return _nothing(state, named_now), "", ""


def _is_owed(row: Referral) -> bool:
    return getattr(row, "acknowledgement", None) is None and row.came != "page"


def _nothing(state: State, named_now: Accountability | None) -> str:
    if state in ENDED:
        return _("Nothing: this way has ended.")
    if state in (State.REFERRED, State.SCREENING):
        return _("Nothing for the office: the first questions are being answered.")
    who = named_now.clinician.name if named_now else ""
    return _("Nothing for the office: %(who)s goes on from here.") % {"who": who}


# ---------------------------------------------------------------------------------------------------- what is done


@require_POST
@page(Resource.DISCHARGE, Action.ACT)
def discharge(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """End her way here, with a reason of the protocol."""

    def do() -> None:
        discharge_person(
            person_id=person_id, reason=request.POST.get("reason", ""), note=request.POST.get("note", ""),
            by=request.asker, now=request.now,
        )  # fmt: skip

    return posted(request, do, one_person, "coordinator:person", said=_("Discharged."), person_id=person_id)


@require_POST
@page(Resource.DISCHARGE, Action.CREATE)
def send_on(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """Send her on to another service."""

    def do() -> None:
        episode = episodes.current_episode(request.asker, person_id)
        if episode is None:
            raise hidden()
        actions.refer_onward(
            episode=episode, to=request.POST.get("to", ""), reason=request.POST.get("reason", ""),
            note=request.POST.get("note", ""), key=key_of(request), by=request.asker, now=request.now,
        )  # fmt: skip

    said = _("Kept. Say among the loops when it has gone out.")
    return posted(request, do, one_person, "coordinator:person", said=said, person_id=person_id)


@require_POST
@page(Resource.EPISODE, Action.CREATE)
def again(request: Asked, person_id: uuid.UUID) -> HttpResponse:
    """She was here before and is referred once more."""

    def do() -> None:
        given = {name: request.POST.get(name, "") for name in ("source", "came", "referrer", "note")}
        refer_again(
            person_id=person_id, protocol=TAKES_IN, told=request.POST.get("told") == "yes", key=key_of(request),
            by=request.asker, now=request.now, **given,
        )  # fmt: skip

    return posted(request, do, one_person, "coordinator:person", said=_("Referred again."), person_id=person_id)
