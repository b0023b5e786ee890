"""What she practised, and her flares."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.errors import NotAllowed, Refusal, Stale
from accord.service.people.policies import check_may
from accord.service.programmes.actions.parts import locked, told
from accord.service.programmes.models import Course, Flare, Practised
from accord.service.programmes.policies import (
    FELT,
    check_can_follow,
    check_value,
)
from accord.service.programmes.queries import (
    flare_of,
    programme_of,
    today_of,
)
from accord.service.programmes.rules.days import local_day
from accord.service.programmes.rules.flares import LASTS

if TYPE_CHECKING:
    from accord.service.people.models import Person

MOST_MINUTES = 600  # of a practice on one day
BACK = timedelta(days=31)  # how far back a practice may be noted


def log_practice(
    *, course: Course, practice: str, on: date, minutes: int, felt: str = "", note: str = "", key: uuid.UUID,
    by: Asker, now: datetime,
) -> Practised:  # fmt: skip
    """Note a practice of one of her days; a second note for the same day replaces the first, zero takes it back.

    Raises NotAllowed (no such practice), Refusal (a day to come or too long ago, too many minutes), Stale.
    """
    check_can_follow(by, course)
    _check_practice(course, practice, on, minutes, felt, note, now)
    with transaction.atomic():
        locked(course)
        if known := course.practised.filter(key=key).first():
            same = (known.practice, known.on, known.minutes, known.felt, known.note) == (
                practice, on, minutes, felt, note,
            )  # fmt: skip
            if same:
                return known
            raise Stale(_("This page was used before to note something else."), cure=_("Open the page again."),
                        held=known, given=(practice, on, minutes, felt, note))  # fmt: skip
        last = course.practised.filter(practice=practice, on=on).order_by("-revision").first()
        if last is not None and (last.minutes, last.felt, last.note) == (minutes, felt, note):
            return last
        row = Practised.objects.create(
            course=course, practice=practice, on=on, revision=last.revision + 1 if last else 1, minutes=minutes,
            felt=felt, note=note, key=key, at=now, by=by.person_id,
        )  # fmt: skip
        facts = {"practice": practice, "on": on.isoformat(), "minutes": minutes, "felt": felt}
        told(course.person_id, "practice.noted", course, by, now, facts=facts, personal={"note": note} if note else {})
        return row


def _check_practice(course: Course, practice: str, on: date, minutes: int, felt: str, note: str, now: datetime) -> None:
    if practice not in programme_of(course).practices:
        raise NotAllowed(_("There is no such practice in this course."))
    today = today_of(course, now)
    if not today - BACK <= on <= today:
        raise Refusal(_("A practice can be noted for today and the days before it."), cure=_("Choose another day."))
    if not 0 <= minutes <= MOST_MINUTES:
        raise Refusal(_("The minutes do not fit into a day."), cure=_("Give the minutes as a number; 0 takes it back."))
    if felt not in FELT:
        raise Refusal(_("There is no such answer."), cure=_("Open the page again."))
    check_value({"note": note})


def begin_flare(*, person: Person, new_pain: bool, key: uuid.UUID, by: Asker, now: datetime) -> Flare:
    """Today the short version: lessons and practices wait for 48 hours, and nothing else does (C7).

    While one runs, the same day again changes nothing; on a later day, or with a new kind of pain, it goes on from now.
    """
    check_may(by, Resource.COURSE, Action.ANSWER, person)
    with transaction.atomic():
        if known := Flare.objects.filter(key=key).first():
            if known.person_id != person.pk:
                raise NotAllowed(_("There is nothing here that you may change."))
            return known
        running = flare_of(person.pk, now)
        if running is not None:
            today = local_day(running.began_at, person.zone()) == local_day(now, person.zone())
            if today and (running.new_pain or not new_pain):
                return running
            end_flare(flare=running, by=by, now=now)
        try:
            with transaction.atomic():
                flare = Flare.objects.create(
                    person=person, new_pain=new_pain, began_at=now, ends_at=now + LASTS, key=key, by=by.person_id
                )
        except IntegrityError:  # the same post at the same moment
            return Flare.objects.get(key=key, person=person)
        told(person.pk, "flare.begun", flare, by, now, facts={"new_pain": new_pain})
        return flare


def end_flare(*, flare: Flare, by: Asker, now: datetime) -> Flare:
    """She says that it is over; it would end by itself. Saying it twice, or late, changes nothing."""
    check_may(by, Resource.COURSE, Action.ANSWER, flare.person)
    with transaction.atomic():
        if now < flare.ends_at and Flare.objects.filter(pk=flare.pk, ended_at=None).update(ended_at=now):
            told(flare.person_id, "flare.over", flare, by, now)
        flare.refresh_from_db(fields=["ended_at"])
        return flare
