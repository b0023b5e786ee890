"""Everything she gave us: to see, and to take away as one file (a page to read and the same for machines)."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.assessments import queries as assessments
from accord.service.assessments.rules.questions import shown
from accord.service.care import queries as care
from accord.service.episodes import queries as episodes
from accord.service.library.queries import text_of
from accord.service.messaging.queries import conversation
from accord.service.people.queries import me
from accord.service.portals.patient.questions import Sheet
from accord.service.portals.patient.shared import who_answers
from accord.service.portals.patient.today import TITLES
from accord.service.programmes import queries as programmes
from accord.service.ui.instrument_form import in_words

LONGEST_TALK = 100_000


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of thing that we hold: its rows as plain values, ready for a page and for JSON."""

    name: str
    title: str
    why: str
    rows: list[dict[str, Any]]


@page(Resource.PERSON, Action.ANSWER)
@require_GET
def data(request: Asked) -> HttpResponse:
    """What we hold, why, who reads it, and how to take it away or to stop."""
    person = me(request.asker)
    context = {"parts": _parts(request, person), "clinician": who_answers(person, request.now),
               "zone": person.zone(), "nav": "data", "you": _said_of(person)}  # fmt: skip
    return render(request, "patient/data.html", context)


@page(Resource.PERSON, Action.ANSWER)
@require_POST
def download(request: Asked) -> HttpResponse:
    """One file: a page that any browser opens, and the same as JSON. It is made now and kept nowhere."""
    person = me(request.asker)
    parts = _parts(request, person)
    made = {"made_at": request.now, "parts": {part.name: part.rows for part in parts}}
    written = json.dumps(made, default=_plain, ensure_ascii=False, indent=1)
    context = {"parts": parts, "zone": person.zone(), "now": request.now, "you": _said_of(person)}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("my-data.html", render_to_string("patient/data-file.html", context))
        file.writestr("my-data.json", written)
    answer = HttpResponse(packed.getvalue(), content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="my-data-{request.now.date()}.zip"'
    answer["Cache-Control"] = "no-store"
    return answer


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime | date) else str(value)


def _parts(request: Asked, person: Any) -> list[Part]:
    asker, now = request.asker, request.now
    episode = episodes.current_episode(asker, person.pk)
    course = programmes.course_of(asker, person.pk)
    own = assessments.assessments_of(asker, person.pk)
    return [
        Part("you", _("You, and how we reach you"), _("To call you, and to send help to where you are."),
             [_you(person)]),
        Part("consents", _("What you agreed to"), _("So that everybody can see what you said yes to."),
             _consents(asker, episode) if episode else []),
        Part("questions", _("Your answers"), _("So that you and your therapist see how you are."),
             [_answers(asker, one) for one in own]),
        Part("lessons", _("What you wrote in lessons"), _("For you; your therapist reads it to answer you."),
             [{"lesson": one.lesson_title, "title": one.title, "at": one.at, "said": list(one.said)}
              for one in programmes.entries(asker, person.pk)]),
        Part("practice", _("What you practised"), _("For you, and to talk about with your therapist."),
             _practised(course) if course else []),
        Part("hard_days", _("Days with the short version"), _("So that lessons waited for you on these days."),
             [{"from": one.began_at, "until": one.ended_at or one.ends_at, "new_pain": one.new_pain}
              for one in programmes.flares_of([person.pk], person.made_at)[person.pk]]),
        Part("messages", _("Messages"), _("So that nothing gets lost between you."),
             [{"at": line.sent_at, "from": line.author, "text": line.text}
              for line in conversation(asker, person.pk, shown=LONGEST_TALK).lines]),
        Part("talks", _("Talks that were planned"), _("So that both of you know when."),
             [{"at": one.last.starts_at, "minutes": one.last.minutes, "how": one.last.mode, "state": str(one.state)}
              for one in care.sessions_of(asker, person.pk)]),
        Part("made", _("This file"), _("So that you know when it was true."), [{"made_at": now}]),
    ]  # fmt: skip


def _you(person: Any) -> dict[str, Any]:
    names = ("name", "phone", "email", "where", "emergency_contact", "country", "language")
    given = {name: getattr(person, name) for name in names}
    return given | {"time_zone": str(person.zone()), "reminders": person.reminders, "since": person.made_at}


YOU = {
    "name": gettext_lazy("Name"), "phone": gettext_lazy("Telephone"), "email": gettext_lazy("Mail"),
    "where": gettext_lazy("Where you are"), "emergency_contact": gettext_lazy("Whom to call for you"),
    "country": gettext_lazy("Country"), "language": gettext_lazy("Language"),
    "time_zone": gettext_lazy("Your clock"), "reminders": gettext_lazy("Reminders"),
    "since": gettext_lazy("With us since"),
}  # fmt: skip


def _said_of(person: Any) -> list[tuple[str, Any]]:
    """The same with words that people use."""
    given = _you(person) | {"reminders": _("on") if person.reminders else _("off")}
    return [(str(YOU[name]), value) for name, value in given.items() if value]


def _consents(asker: Any, episode: Any) -> list[dict[str, Any]]:
    return [
        {"text": text_of(one.snapshot_id).title, "version": one.snapshot.version, "to": list(one.scopes),
         "given_at": one.given_at, "taken_back_at": one.withdrawn_at}
        for one in episodes.consents_of(asker, episode)
    ]  # fmt: skip


def _answers(asker: Any, row: Any) -> dict[str, Any]:
    """One asking: every question as it was shown, with her answer in words, and the scores made of them."""
    answers = assessments.current(row)
    one = Sheet(row, assessments.slots(row), answers, assessments.held(answers))
    said = []
    for slot in shown(one.slots, one.values()):
        if slot.key in one.held:
            value: Any = one.held[slot.key].value
            form = one.form(slot, value)
            said.append((form.legend, in_words(form, value)))
    scores = [
        {"of": score.instrument, "scale": score.scale, "value": score.value, "valid": score.valid}
        for score in assessments.scores(asker, row)
    ]
    return {"title": str(TITLES.get(row.time_point, row.time_point)), "asked_at": row.opens_at,
            "sent_at": row.submitted_at, "closed_at": row.closed_at, "said": said, "scores": scores}  # fmt: skip


def _practised(course: Any) -> list[dict[str, Any]]:
    programme = programmes.programme_of(course)
    return [
        {"practice": programme.practices[one.practice].title if one.practice in programme.practices else one.practice,
         "day": one.on, "minutes": one.minutes, "felt": one.felt, "note": one.note}
        for one in programmes.practised(course, date.min)
    ]  # fmt: skip
