"""What she is typing is kept before it is an answer."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import transaction

from accord.service.access.table import Action, Asker
from accord.service.assessments import actions
from accord.service.assessments.queries import assessment as find_assessment


def keep_draft(
    *, assessment_id: uuid.UUID, instrument: str, item: str, text: str, revision: int, by: Asker, now: datetime
) -> int:
    """The draft's new revision. Raises Stale when a newer text is kept from another page."""
    with transaction.atomic(durable=True):
        assessment = find_assessment(by, assessment_id, Action.ANSWER)
        draft = actions.keep_draft(
            assessment=assessment, instrument=instrument, item=item, text=text, revision=revision, by=by, now=now
        )
        return draft.revision
