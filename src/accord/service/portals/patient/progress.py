"""How it goes: a sentence first, then a picture with a table behind it. Change is claimed only outside her own ordinary
variation; every number names its questionnaire and how many answers it rests on (C38, U19, U20)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import dateformat
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accord.science.figures.own_course import OwnCourse
from accord.science.instruments import Scale
from accord.science.programmes.words import unwanted
from accord.service.access.guard import Asked, page
from accord.service.access.table import Action, Resource
from accord.service.assessments import queries as assessments
from accord.service.assessments.queries import Point
from accord.service.assessments.rules.change import Verdict, changed
from accord.service.episodes import queries as episodes
from accord.service.library.queries import protocol
from accord.service.people.queries import me
from accord.service.portals.patient.shared import who_answers

WIDE, NARROW = 560, 264
OFTEN = ("diary.pain", "diary.fatigue", "diary.sleep", "diary.mood")
ASIDE = (
    "safety_check",
    "red_flags",
    "satisfaction",
    "neq_20",
    "pgic",
    "unwanted_events",
    "medicines",
    "other_treatment",
)


@dataclass(frozen=True, slots=True)
class Course:
    """One scale as its page shows it."""

    ref: str
    title: str
    sentence: str
    usual: str
    basis: str
    instrument: str
    n: int
    wide: SafeString
    narrow: SafeString
    rows: tuple[tuple[str, str], ...]
    demo: bool


@page(Resource.SCORE, Action.VIEW)
@require_GET
def progress(request: Asked) -> HttpResponse:
    """Her own scores in her own words."""
    person = me(request.asker)
    episode = episodes.current_episode(request.asker, person.pk)
    courses = _courses(person, episode, pictures=True) if episode else []
    context = {
        "courses": [one for one in courses if one.n > 1],
        "once": [one for one in courses if one.n == 1],
        "clinician": who_answers(person, request.now),
        "nav": "progress",
    }
    return render(request, "patient/progress.html", context)


def headline(person: Any, episode: Any) -> str:
    """One sentence for today: the protocol's primary scale, or the first that has something to say."""
    found = _courses(person, episode, pictures=False)
    return found[0].sentence if found else ""


def _courses(person: Any, episode: Any, *, pictures: bool) -> list[Course]:
    own = assessments.series([person.pk])[person.pk]
    primary = protocol(episode.snapshot_id).endpoints.primary.scale
    order = [primary, *OFTEN, *sorted(own)]
    found = []
    for ref in dict.fromkeys(order):
        name, _dot, part = ref.partition(".")
        if ref not in own or name in ASIDE:
            continue
        scale = assessments.instrument(name).scales.get(part)
        if scale is not None and scale.direction != "none" and _whole(name, part):
            found.append(_course(scale, own[ref], person, pictures=pictures))
    return found


def _whole(name: str, part: str) -> bool:
    """The main scale of an instrument, or one of several that stand for themselves; no part of a total."""
    scales = assessments.instrument(name).scales
    return part == "total" or "total" not in scales


def _course(scale: Scale, points: list[Point], person: Any, *, pictures: bool) -> Course:
    demo = any(point.demo for point in points)
    values = [point.value for point in points]
    verdict = changed(values, scale, demo=demo)
    zone = person.zone()
    days = [dateformat.format(point.at.astimezone(zone), "j M") for point in points]
    sentence = _sentence(scale, verdict, demo=demo)
    wide = narrow = mark_safe("")
    if pictures:
        figure = _figure(scale, points, days, verdict, sentence)
        wide = mark_safe(figure.svg(ident=f"{_ident(scale)}-wide", width=WIDE))  # noqa: S308 - our own drawing
        narrow = mark_safe(figure.svg(ident=f"{_ident(scale)}-narrow", width=NARROW))  # noqa: S308
    return Course(
        ref=scale.ref, title=_title(scale), sentence=sentence, usual=_usual(verdict),
        basis=_basis(verdict, demo=demo), instrument=_named(scale.instrument), n=len(points),
        wide=wide, narrow=narrow, rows=tuple(zip(days, (_number(value) for value in values), strict=True)), demo=demo,
    )  # fmt: skip


def _figure(scale: Scale, points: list[Point], days: list[str], verdict: Verdict, sentence: str) -> OwnCourse:
    start = points[0].at
    band = None
    if verdict.limit is not None:
        band = (max(verdict.start - verdict.limit, scale.minimum), min(verdict.start + verdict.limit, scale.maximum))
    return OwnCourse(
        title=_capital(scale.patient_name), description=sentence,
        points=[((point.at - start).total_seconds() / 86400, point.value, day)
                for point, day in zip(points, days, strict=True)],
        low=scale.minimum, high=scale.maximum, better="down" if scale.direction == "higher_worse" else "up", band=band,
    )  # fmt: skip


def _sentence(scale: Scale, verdict: Verdict, *, demo: bool) -> str:
    said = {"name": _title(scale), "start": _number(verdict.start), "now": _number(verdict.now)}
    if verdict.kind == "first":
        return _("%(name)s: %(now)s. One answer alone says nothing about change yet.") % said
    if verdict.kind == "unknown":
        words = _("%(name)s: %(start)s at the start, %(now)s now. We do not know yet which ups and downs are ordinary "
                  "for you, so we do not call it a change.")  # fmt: skip
        return words % said
    if verdict.kind == "same":
        return _("%(name)s: about the same so far. %(start)s at the start, %(now)s now.") % said
    said["way"] = _("lower is better") if scale.direction == "higher_worse" else _("higher is better")
    if verdict.kind == "better":
        return _("%(name)s: better than at the start. %(start)s then, %(now)s now; %(way)s.") % said
    words = _("%(name)s: harder than at the start. %(start)s then, %(now)s now; %(way)s. Your therapist sees this too.")
    return words % said


def _usual(verdict: Verdict) -> str:
    if verdict.usual is None or verdict.basis == "published":
        return ""
    return _("Your own answers usually differ by about %(size)s.") % {"size": _number(verdict.usual * 1.13)}


def _basis(verdict: Verdict, *, demo: bool) -> str:
    """What the claim, or its absence, rests on."""
    limit = {"limit": _number(verdict.limit)} if verdict.limit is not None else {}
    if verdict.basis in ("own", "own and published"):
        return (
            _("We speak of a change when your last two answers differ from the first two by %(limit)s or more.") % limit
        )
    if verdict.basis == "published":
        return _("We speak of a change from %(limit)s on: less can be chance from one day to another.") % limit
    if verdict.basis == "agreed":
        return _("We speak of a change from %(limit)s on, as other services do.") % limit
    if demo and verdict.n > 1:
        return _("These are not the official words of the questionnaire, so we do not judge the number.")
    return ""


def _title(scale: Scale) -> str:
    """Its name for her; the ratings of check-ins say so, as others measure the same in more detail."""
    name = _capital(scale.patient_name)
    return _("%(name)s, by your check-ins") % {"name": name} if scale.ref in OFTEN else name


def _named(instrument: str) -> str:
    """The questionnaire: its full name, or its letters where the name holds a word that blames (C37)."""
    name = assessments.instrument(instrument).name
    return name if not unwanted(name) else instrument.upper().replace("_", "-")


def _ident(scale: Scale) -> str:
    return scale.ref.replace(".", "-")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _number(value: float) -> str:
    """One decimal where there is one."""
    return f"{value:.1f}".removesuffix(".0")
