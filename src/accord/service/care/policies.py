"""What the access table cannot say about alerts: whose turn it is, and in what state. Pairs: check raises, can asks."""

from __future__ import annotations

import uuid

from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.care.models import Alert
from accord.service.care.rules.handling import (
    ATTEMPTS,
    HANDED,
    NEED_CONTACT,
    NEED_NOTE,
    REASONS,
    UNREACHED,
    AlertState,
    Stage,
)
from accord.service.errors import NotAllowed, NotNow, Refusal


def the_alert(alert_id: uuid.UUID, by: Asker, action: Action) -> Alert:
    """An alert that `by` may see or act on. Raises NotAllowed (404) as for one that does not exist."""
    found = Alert.objects.for_(by, action).select_related("person", "clinic").filter(pk=alert_id).first()
    if found is None:
        raise NotAllowed(_("There is no alert here that you may see."))
    return found


def check_can_act(state: AlertState) -> None:
    """Nothing is done about an alert that was closed."""
    if state.stage is Stage.CLOSED:
        cure = _("Raise a new alert if something new has happened; this one stays as it was.")
        raise NotNow(_("This alert was closed. Nothing you wrote was stored."), cure=cure)


def can_act(state: AlertState) -> bool:
    return state.stage is not Stage.CLOSED


def check_can_confirm(state: AlertState, by: Asker) -> None:
    """A hand-over is confirmed by whom it was handed to; one to the outside by whoever handed it over or has it."""
    check_can_act(state)
    if state.stage is not Stage.HANDED_OVER:
        raise NotNow(_("No hand-over of this alert is waiting to be confirmed."))
    if state.offered_to is not None and state.offered_to != by.person_id:
        raise NotNow(_("This hand-over is confirmed by the person it was handed to, not by you."))


def can_confirm(state: AlertState, by: Asker) -> bool:
    try:
        check_can_confirm(state, by)
    except NotNow:
        return False
    return True


def check_can_close(state: AlertState, *, tier: str, reason: str, note: str) -> None:
    """An alert closes with a reason that what was done bears out: nobody is called safe whom nobody spoke with."""
    check_can_act(state)
    if reason not in REASONS:
        raise Refusal(_("Choose why this alert can be closed."), cure=_("Nothing was closed."))
    if state.stage is Stage.RAISED:
        raise NotNow(_("Nobody has acknowledged this alert."), cure=_("Acknowledge it first; then it can be closed."))
    if state.stage is Stage.HANDED_OVER:
        cure = _("Wait for the receipt, or take the alert back by acknowledging it.")
        raise NotNow(_("The hand-over has not been confirmed."), cure=cure)
    if reason in NEED_CONTACT and not state.reached:
        cure = _("Log the call in which you spoke, or choose another reason.")
        raise NotNow(_("No contact is logged in which you reached each other."), cure=cure)
    if reason == HANDED and not state.received:
        raise NotNow(_("No hand-over was confirmed."), cure=_("Hand the alert over and let the other side confirm it."))
    if reason == UNREACHED and state.attempts < ATTEMPTS:
        cure = _("Log %(count)s attempts by two ways first.") % {"count": ATTEMPTS}
        raise NotNow(_("Too few attempts are logged to close it as not reached."), cure=cure)
    if reason in NEED_NOTE and not note.strip():
        raise Refusal(_("Say in a few words why."), cure=_("Nothing was closed; the note is needed for this reason."))


def can_close(state: AlertState, *, tier: str, reason: str, note: str) -> bool:
    try:
        check_can_close(state, tier=tier, reason=reason, note=note)
    except Refusal:
        return False
    return True
