"""Nobody waits for her first lesson because a page was closed too early: the clock looks for who is ready."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accord.service.access.table import SERVICE
from accord.service.episodes.actions import set_anchor
from accord.service.programmes.actions import begin_course
from accord.service.programmes.queries import ready, without_course


def start_courses(*, now: datetime) -> int:
    """Begin the course of everybody enrolled who is ready and has none; returns how many."""
    begun = 0
    for episode in without_course():
        with transaction.atomic(durable=True):
            plan = ready(episode, now)
            if plan is None:
                continue
            set_anchor(episode=episode, name="treatment-start", at=now, by=SERVICE, now=now)
            begin_course(
                episode=episode, snapshot=plan.snapshot, length=plan.length, modules=plan.modules, by=SERVICE, now=now
            )
            begun += 1
    return begun
