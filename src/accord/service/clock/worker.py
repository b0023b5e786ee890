"""The worker of the outbox: long jobs (counts, exports), one at a time, beside the clock's loop.

A job may take minutes, and an alert may not wait for it: so the clock runs this in a thread of its own. A job says how
far it is and keeps its lease by saying so; one whose worker died is taken up again when the lease ends.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from accord.science.errors import AccordError
from accord.service.access.table import SERVICE, Asker
from accord.service.clock.sender import worker_name
from accord.service.flows.make_export import make_export
from accord.service.flows.review_service import review_service
from accord.service.now import now as moment
from accord.service.outbox.actions import fail, finish, lease_next, say_progress, try_again
from accord.service.people.queries import asker_for
from accord.service.studies.rules.exports import MAKE_EXPORT
from accord.service.studies.rules.reviews import COUNT_NUMBERS

if TYPE_CHECKING:
    from accord.service.outbox.models import Work

log = logging.getLogger(__name__)
Said = Callable[[float], object]  # hears how far a job is, 0 to 1


def work_waiting(*, now: datetime) -> int:
    """Do every job that waits; how many were done."""
    done = 0
    while work := lease_next(worker=worker_name(), now=now, channels=("job",)):
        done += _do(work)
        now = moment()
    return done


def _do(work: Work) -> bool:
    job = KINDS.get(work.kind)
    if job is None:
        fail(work=work, reason=f"There is no job of the kind '{work.kind}'.", now=moment())
        return False
    try:
        job(work, lambda done: say_progress(work=work, done=done, now=moment()))
    except AccordError as error:
        fail(work=work, reason=str(error), now=moment())
        return False
    except Exception as error:
        log.error(f"A job of the kind {work.kind} fails.", exc_info=True)
        try_again(work=work, reason=type(error).__name__, now=moment())
        return False
    return finish(work=work, now=moment())


def _asker(work: Work) -> Asker:
    """Whoever asked, with the roles that she holds now; nobody asked for what the service does by itself."""
    return asker_for(uuid.UUID(work.to), moment()) if work.to else SERVICE


def _count(work: Work, said: Said) -> None:
    assert work.subject_id, "a count names its clinic"
    protocol = work.occasion.partition(":")[0]
    review_service(clinic_id=work.subject_id, protocol=protocol, by=_asker(work), now=moment(), said=said)


def _export(work: Work, said: Said) -> None:
    assert work.subject_id, "an export's job names its row"
    make_export(export_id=work.subject_id, now=moment(), attempt=work.attempts + 1, said=said)


KINDS: dict[str, Callable[[Work, Said], None]] = {COUNT_NUMBERS: _count, MAKE_EXPORT: _export}
