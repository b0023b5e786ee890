"""What the access table cannot say about assessments: when an answer may still be given."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.assessments.models import Assessment
from accord.service.assessments.rules.questions import TOPICS
from accord.service.errors import NotAllowed, NotNow


def check_can_answer(by: Asker, assessment: Assessment, now: datetime) -> None:
    """Only who is asked answers, while the window is open and nothing was sent. Raises NotAllowed, NotNow."""
    if not Assessment.objects.for_(by, Action.ANSWER).filter(pk=assessment.pk).exists():
        raise NotAllowed(_("There are no questions here that you may answer."))
    if assessment.submitted_at is not None:
        cure = _("Nothing was changed. If an answer was wrong, write a message and say so.")
        raise NotNow(_("These answers have been sent already."), cure=cure)
    if now < assessment.opens_at:
        raise NotNow(_("These questions are not open yet."), cure=_("Your page says when they open."))
    if assessment.closed_at is not None or (assessment.closes_at is not None and now >= assessment.closes_at):
        cure = _("What you answered before is kept. Your page says what comes next.")
        raise NotNow(_("The time for these questions has passed."), cure=cure)


def check_can_open(wordings: dict[str, str]) -> None:
    """In production nothing is asked in words that are not the instrument's own (C6). Raises NotNow."""
    missing = [name for name, shown in wordings.items() if shown == TOPICS]
    if missing and settings.PRODUCTION:
        cure = _("Import their wording packs (accord instruments import-wording), then this can go on.")
        names = ", ".join(missing)
        raise NotNow(_("These questionnaires have no official wording here: %(names)s.") % {"names": names}, cure=cure)


def can_answer(by: Asker, assessment: Assessment, now: datetime) -> bool:
    try:
        check_can_answer(by, assessment, now)
    except (NotAllowed, NotNow):
        return False
    return True
