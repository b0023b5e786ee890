"""What happens by itself: how often, and what. One line for each; each is safe to run twice and at two places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from accord.service.access.buckets import forget_full_buckets
from accord.service.access.read_log import seal_reads
from accord.service.audit.actions import write_checkpoint
from accord.service.clock.sender import send_waiting
from accord.service.clock.worker import work_waiting
from accord.service.flows.ask_for_reviews import ask_for_reviews
from accord.service.flows.end_course import end_course
from accord.service.flows.escalate_alerts import escalate_alerts
from accord.service.flows.forget_exports import forget_exports
from accord.service.flows.open_due_assessments import open_due_assessments
from accord.service.flows.remind import remind
from accord.service.flows.start_courses import start_courses
from accord.service.flows.sweep_unfinished import sweep_unfinished
from accord.service.flows.sweep_unread import sweep_unread
from accord.service.flows.watch_progress import watch_progress


@dataclass(frozen=True, slots=True)
class Job:
    """`run(now=…)` every so many seconds. While one that is `vital` fails, the clock counts as standing still; one that
    is `long` runs beside the loop, since no alert may wait for it."""

    name: str
    every: float
    run: Callable[..., Any]
    vital: bool = False
    long: bool = False


def _checkpoint(*, now: datetime) -> int:
    return write_checkpoint(folder=settings.CHECKPOINT_FOLDER, now=now) or 0


JOBS = (
    Job("escalate-alerts", 5, escalate_alerts, vital=True),
    Job("sweep-unfinished", 10, sweep_unfinished, vital=True),
    Job("sweep-unread", 30, sweep_unread, vital=True),
    Job("send-waiting", 1, send_waiting, vital=True),
    Job("open-due-assessments", 60, open_due_assessments),
    Job("start-courses", 60, start_courses),
    Job("end-course", 600, end_course),
    Job("remind", 300, remind),
    Job("watch-progress", 300, watch_progress),
    Job("ask-for-reviews", 600, ask_for_reviews),
    Job("work-waiting", 1, work_waiting, long=True),
    Job("seal-reads", 60, seal_reads),
    Job("forget-exports", 3600, forget_exports),
    Job("forget-buckets", 3600, forget_full_buckets),
    Job("write-checkpoint", 60, _checkpoint),
)
