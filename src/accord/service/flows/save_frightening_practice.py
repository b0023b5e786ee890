"""She notes a practice; one that frightened her is brought to her therapist's list in the same moment (C10)."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.service.access.table import Asker
from accord.service.care.actions import raise_flag
from accord.service.care.rules.support import FRIGHTENED
from accord.service.programmes.actions import log_practice
from accord.service.programmes.queries import programme_of

if TYPE_CHECKING:
    from accord.service.programmes.models import Course, Practised


def save_frightening_practice(
    *, course: Course, practice: str, on: date, minutes: int, felt: str = "", note: str = "", key: uuid.UUID,
    by: Asker, now: datetime,
) -> Practised:  # fmt: skip
    """Note a practice, however it felt; somebody is told when it frightened her, once for each practice and day.

    Taking the note back later leaves what was told: a person looks at it. Raises as `log_practice`.
    """
    with transaction.atomic(durable=True):
        row = log_practice(
            course=course, practice=practice, on=on, minutes=minutes, felt=felt, note=note, key=key, by=by, now=now
        )
        if row.felt == "frightened" and row.minutes:
            title = programme_of(course).practices[practice].title
            raise_flag(
                person=course.person, episode=course.episode, kind=FRIGHTENED,
                occasion=f"practice:{practice}:{on.isoformat()}",
                reasons=[f"“{title}” brought up something frightening on {on:%A} {on.day} {on:%B}."], by=by, now=now,
            )  # fmt: skip
        return row
