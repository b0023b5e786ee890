"""Nobody waits for her first lesson because a page was closed too early: the clock looks for who is ready."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import transaction

from accord.science.errors import AccordError
from accord.service.access.table import SERVICE
from accord.service.episodes.actions import set_anchor
from accord.service.programmes.actions import begin_course
from accord.service.programmes.queries import ready, without_course

if TYPE_CHECKING:
    from accord.service.episodes.models import Episode


def start_courses(*, now: datetime) -> int:
    """Begin the course of everybody enrolled who is ready and has none; returns how many.

    Where one cannot begin (its programme was never published), the others do, and then the first error is raised.
    """
    begun, problems = 0, []
    for episode in without_course():
        try:
            begun += _begun(episode, now)
        except AccordError as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
    return begun


def _begun(episode: Episode, now: datetime) -> bool:
    with transaction.atomic(durable=True):
        plan = ready(episode, now)
        if plan is None:
            return False
        set_anchor(episode=episode, name="treatment-start", at=now, by=SERVICE, now=now)
        begin_course(
            episode=episode, snapshot=plan.snapshot, length=plan.length, modules=plan.modules, by=SERVICE, now=now
        )
        return True
