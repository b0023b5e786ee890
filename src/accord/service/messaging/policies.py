"""Who may write into a conversation: the patient herself, and who answers for her. Pairs: check raises, can asks."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker, Resource
from accord.service.errors import NotAllowed, Refusal
from accord.service.messaging.rules import LONGEST, gaps, impersonal, problem
from accord.service.people.policies import check_may
from accord.service.people.queries import person_with


def check_can_write(person_id: uuid.UUID, by: Asker) -> None:
    """`by` may write into this person's conversation."""
    person = person_with(person_id)
    if person is None:
        raise NotAllowed(_("There is no conversation here that you may see."))
    check_may(by, Resource.MESSAGE, Action.ANSWER, person)


def can_write(person_id: uuid.UUID, by: Asker) -> bool:
    try:
        check_can_write(person_id, by)
    except NotAllowed:
        return False
    return True


def check_personal(text: str, templates: Iterable[str]) -> None:
    """A text begun from a template was made personal: nothing is left to fill in, and it is not the template itself."""
    match impersonal(text, templates):
        case "gaps":
            cure = _("Fill in or take out what stands in double brackets. What you wrote is still on the page.")
            raise Refusal(_("Not everything is filled in yet: %(what)s.") % {"what": ", ".join(gaps(text))}, cure=cure)
        case "unchanged":
            cure = _("Add something that only this person could have been told. What you wrote is still on the page.")
            raise Refusal(_("This is the template as it stands."), cure=cure)


def can_send_as_personal(text: str, templates: Iterable[str]) -> bool:
    try:
        check_personal(text, templates)
    except Refusal:
        return False
    return True


def check_text(text: str) -> None:
    """The text can be stored and read. Refuses with what to do; the page keeps what was written."""
    match problem(text):
        case "nul":
            cure = _("Remove it and send again. What you wrote is still on the page.")
            raise Refusal(_("The message holds a character that cannot be stored (NUL)."), cure=cure)
        case "empty":
            raise Refusal(_("There is nothing written yet."), cure=_("Write your message, then send it."))
        case "long":
            sizes = {"found": len(text), "limit": LONGEST}
            cure = _("Send it in two parts. What you wrote is still on the page.")
            raise Refusal(_("The message has %(found)s characters; at most %(limit)s fit.") % sizes, cure=cure)
