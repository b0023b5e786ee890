"""She stops: the treatment, everything, or one use of her answers. What stays and what goes is said before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notices
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import ASKED, State
from accord.service.flows.leave import EVERYTHING, TREATMENT
from accord.service.flows.leave import leave as leave_flow
from accord.service.people.queries import me
from accord.service.portals.patient.shared import may_be_text, who_answers

EVALUATION = "service-evaluation"
CHOICES: dict[str, dict[str, Any]] = {
    EVALUATION: {
        "title": gettext_lazy("Do not use my answers to see how well the service works"),
        "what": gettext_lazy("Your treatment goes on as it is. From now on your answers are left out of such counts."),
        "stays": gettext_lazy("Counts that were made before cannot be undone; nobody can tell you from them."),
    },
    TREATMENT: {
        "title": gettext_lazy("End the treatment, and go on answering questions now and then"),
        "what": gettext_lazy("Lessons and talks with your therapist end. You get no reminders about lessons."),
        "stays": gettext_lazy("What you wrote stays in your record, and you can still read it. We ask how you are at "
                              "the times that were planned. Who reads these answers stays the same."),
    },
    EVERYTHING: {
        "title": gettext_lazy("End everything"),
        "what": gettext_lazy("We ask you nothing more and send you nothing more. Open questions are closed."),
        "stays": gettext_lazy("Your record is kept for as long as the law asks of a clinic, and you can read and "
                              "download it. If somebody is looking after an answer of yours at this moment, she still "
                              "contacts you."),
    },
}  # fmt: skip
LONGEST = 300


@page(Resource.CONSENT, Action.ANSWER)
@require_http_methods(["GET", "POST"])
def leave(request: Asked) -> HttpResponse:
    """A choice, a page that says what follows, and a second yes."""
    person = me(request.asker)
    episode = episodes.current_episode(request.asker, person.pk)
    state = episodes.state(episode) if episode else None
    offered = _offered(request, episode, state)
    what = request.POST.get("what", "")
    fault = ""
    if request.method == "POST" and what not in offered:
        fault = _("Choose what you want to end. Nothing has been changed.")
    elif request.method == "POST" and request.POST.get("sure") == "yes":
        reason = request.POST.get("reason", "").replace("\0", "")[:LONGEST]
        leave_flow(person_id=person.pk, what=what, reason=reason, by=request.asker, now=request.now)
        notices.success(request, _("Done. It counts from now on."))
        return redirect("patient:leave" if what == EVALUATION else "patient:today")
    context = {
        "offered": [(name, CHOICES[name]) for name in offered], "fault": fault, "state": str(state or ""),
        "chosen": (what, CHOICES[what]) if what in offered else None, "clinician": who_answers(person, request.now),
        "longest": LONGEST, "text": may_be_text("leaving"), "nav": "settings",
    }  # fmt: skip
    return render(request, "patient/leave.html", context, status=400 if fault else 200)


def _offered(request: Asked, episode: Any, state: State | None) -> list[str]:
    """What there is to end."""
    if episode is None or state in (State.WITHDRAWN, State.DISCHARGED, None):
        return []
    consent = episodes.consent_of(request.asker, episode)
    scopes = consent.scopes if consent else []
    offered = [EVALUATION] if EVALUATION in scopes and state in ASKED else []
    return [*offered, *([TREATMENT] if state is State.ENROLLED and scopes else []), EVERYTHING]
