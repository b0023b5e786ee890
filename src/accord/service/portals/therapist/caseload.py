"""The caseload: who needs somebody, in the order of need, with the reasons in words and what to open."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accord.service.access.guard import page
from accord.service.access.table import Action, Asker, Resource, Scope, scope_of
from accord.service.assessments import queries as assessments
from accord.service.care import queries as care
from accord.service.care.rules.needs import Need
from accord.service.messaging import queries as messages
from accord.service.messaging.rules import kept
from accord.service.people import queries as people
from accord.service.portals.therapist import pictures, scores, words
from accord.service.portals.therapist.frame import common, named
from accord.service.programmes import queries as programmes
from accord.service.ui.moments import said, since

if TYPE_CHECKING:
    from accord.service.access.guard import Asked
    from accord.service.people.models import Person

PAGE = 50  # rows of a list (E26)
SPARKS = 2  # scales of a row
FOUR_WEEKS = timedelta(days=28)

Filter = Callable[[care.CaseRow, Asker], bool]
FILTERS: dict[str, Filter] = {
    "needs": lambda row, asker: row.need is not Need.NOTHING,
    "mine": lambda row, asker: row.clinician_id == asker.person_id,
    "covered": lambda row, asker: row.clinician_id in asker.covers,
    "not-started": lambda row, asker: any(one.need is Need.NOT_STARTED for one in row.needs),
    "quiet": lambda row, asker: any(one.need is Need.QUIET for one in row.needs),
    "all": lambda row, asker: True,
}


@never_cache
@require_GET
@page(Resource.ALERT, Action.VIEW)
def caseload(request: Asked) -> HttpResponse:
    """Everybody she answers for (or, for a duty clinician and a supervisor, the clinic), sorted by need."""
    frame = common(request, here="caseload")
    asker = request.asker
    rows = care.caseload(asker, request.now)
    counts = {name: sum(keep(row, asker) for row in rows) for name, keep in FILTERS.items()}
    names = [name for name in FILTERS if name in ("needs", "not-started", "quiet", "all") or _offers(name, asker)]
    show = request.GET.get("show", "needs")
    show = show if show in names else "needs"
    page_ = Paginator([row for row in rows if FILTERS[show](row, asker)], PAGE).get_page(request.GET.get("page"))
    frame |= {
        "title": _headline(counts["needs"]), "show": show, "shown": page_,
        "filters": [(name, words.FILTERS[name], counts[name]) for name in names],
        "lines": _lines(list(page_), frame, asker),
        "numbers": _numbers(rows, request.now),
    }  # fmt: skip
    return render(request, "therapist/caseload.html", frame)


def _offers(name: str, asker: Asker) -> bool:
    """Who covers for nobody and sees only her own people needs no filter for them."""
    wide = scope_of(asker, Resource.ALERT, Action.VIEW) in (Scope.CLINIC, Scope.ALL)
    return bool(asker.covers) or (wide and name == "mine")


def _headline(count: int) -> str:
    if not count:
        return _("Nobody is waiting for you")
    return ngettext("%(n)s person needs you", "%(n)s people need you", count) % {"n": count}


def _numbers(rows: list[care.CaseRow], now: datetime) -> list[tuple[str, str]]:
    """How many, how much, and how promises of an answer were kept in the last four weeks."""
    active = [row for row in rows if row.state not in care.ENDED]
    minutes = round(sum(row.minutes for row in active) / len(active)) if active else 0
    promised = messages.promises([row.person_id for row in rows], since=now - FOUR_WEEKS)
    share = kept([one for mine in promised.values() for one in mine], now).share
    found = [
        (str(len(active)), _("active")),
        (str(sum(row.alerts for row in rows)), _("open alerts")),
        (str(sum(row.waiting is not None for row in rows)), _("replies due")),
        (_("%(n)s min") % {"n": minutes}, _("per person so far")),
    ]
    return found if share is None else [*found, (f"{share:.0%}".replace("%", " %"), _("answered in time, four weeks"))]


# ---------------------------------------------------------------------------------------------------- one row


@dataclass(frozen=True, slots=True)
class Road:
    """The lessons as dots (the names of the elements that draw them), the same in words, and what comes now."""

    dots: tuple[str, ...]
    words: str
    under: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row as it is printed."""

    person: Any
    name: str
    under: str
    tone: str
    headline: str
    detail: str
    more: tuple[str, ...]
    sparks: tuple[pictures.Spark, ...]
    road: Road | None
    next: tuple[str, ...]
    do: str
    url: str
    page: str


def _lines(rows: list[care.CaseRow], frame: dict[str, Any], asker: Asker) -> list[Line]:
    """The rows of this page; only of these people the record, the course and the scores are read."""
    whose = [row.person_id for row in rows]
    known = people.people_with([*whose, *(row.clinician_id for row in rows if row.clinician_id)])
    beats = {row.person_id: row.course for row in rows if row.course}
    courses, series = programmes.summaries(list(beats), frame["now"], beats), assessments.series(whose)
    contacts = care.last_contacts(whose)
    found = []
    for row in rows:
        who = row.person_id
        found.append(_line(row, known, courses.get(who), series[who], contacts.get(who), frame, asker))
    return found


def _line(
    row: care.CaseRow, known: dict[uuid.UUID, Person], course: programmes.CourseSummary | None,
    series: dict[str, list[assessments.Point]], contact: care.LastContact | None, frame: dict[str, Any], asker: Asker,
) -> Line:  # fmt: skip
    person, clinician = known[row.person_id], known.get(row.clinician_id) if row.clinician_id else None
    zone, now = frame["zone"], frame["now"]
    told = [words.why(one, row, zone, now) for one in row.needs] or [words.nothing()]
    why, rest = told[0], told[1:]
    return Line(
        person=person, name=named(person), under=_under(row, course, clinician, asker), tone=why.tone,
        headline=why.headline, detail=why.detail, more=tuple(one.headline for one in rest), sparks=sparks(series),
        road=road(course) if course else None, next=_next(row, contact, zone, now), do=why.do, url=_url(row, why.to),
        page=_short("patient", person.pk),
    )  # fmt: skip


def _url(row: care.CaseRow, to: str) -> str:
    about = row.needs[0].about if row.needs else None
    if to == "alert":
        return _short("alert", about)
    return _short(to, row.person_id, about) if to == "support" else _short(to, row.person_id)


def _short(name: str, *args: object) -> str:
    """An address as it is written on this page: from here on, since fifty rows have a hundred of them (E29)."""
    return reverse(f"therapist:{name}", args=args).removeprefix(reverse("therapist:caseload"))


def _under(row: care.CaseRow, course: programmes.CourseSummary | None, clinician: Person | None, asker: Asker) -> str:
    """Where she is on the way, and who answers for her when that is somebody else."""
    parts = [_("week %(n)s") % {"n": course.day // 7 + 1} if course else str(words.STATES[row.state])]
    if course and course.flare_since:
        parts.append(_("in a flare"))
    if clinician is not None and clinician.pk != asker.person_id:
        parts.append(_("for %(who)s") % {"who": clinician.name})
    return " · ".join(parts)


def sparks(series: dict[str, list[assessments.Point]]) -> tuple[pictures.Spark, ...]:
    """The one or two scales of which there is most to see, interference and mood before others; no alliance (C8)."""
    open_ = {ref: points for ref, points in series.items() if not scores.private(ref)}
    found = (
        pictures.spark(ref, [(one.at, one.value) for one in points]) for ref, points in scores.shown(open_, SPARKS)
    )
    return tuple(one for one in found if one)


def road(course: programmes.CourseSummary) -> Road:
    """The lessons as dots: full is done, a ring is open."""
    dots = tuple({"done": "b", "started": "i", "open": "i", "skipped": "u"}.get(one, "s") for one in course.states)
    done = ngettext("%(done)s of %(n)s lesson", "%(done)s of %(n)s lessons", course.total) % {
        "done": course.done, "n": course.total,
    }  # fmt: skip
    return Road(dots, done, course.current_title or done)


def _next(row: care.CaseRow, contact: care.LastContact | None, zone: Any, now: datetime) -> tuple[str, ...]:
    """The next session, the hour of the promise, the last contact."""
    found = []
    if one := row.next_session:
        text = _("Session %(when)s: was it held?") if one.waits_for_word(now) else _("Session %(when)s")
        found.append(text % {"when": said(one.last.starts_at, zone, now)})
    if row.reply_due is not None:
        found.append(_("Reply by %(when)s") % {"when": said(row.reply_due, zone, now)})
    if contact is not None:
        found.append(f"{words.MODES.get(contact.mode, contact.mode)}, {since(contact.at, now)}".capitalize())
    else:
        found.append(_("No contact yet"))
    return tuple(found)
