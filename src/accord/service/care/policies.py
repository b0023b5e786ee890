"""What the access table cannot say of this room: whose turn it is, and in what state. Pairs: check raises, can asks."""

from __future__ import annotations

import re
import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from accord.service.access.table import Action, Asker
from accord.service.care.models import Alert, Complaint, Flag, Group, Harm, MeetingStep, Session, SessionStep
from accord.service.care.rules.complaints import LONGEST as LONGEST_COMPLAINT
from accord.service.care.rules.complaints import ComplaintStage
from accord.service.care.rules.groups import EVERY, PLACES, SERIES, telling_word, why_not_join, wrong_series
from accord.service.care.rules.groups import MINUTES as MEETING_MINUTES
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
from accord.service.care.rules.rescue import LATER, Turn
from accord.service.care.rules.sessions import LONGEST, SHORTEST, wrong_plan
from accord.service.care.rules.support import HELPED, OPTIONS, Support, SupportStage
from accord.service.care.rules.support import NEED_NOTE as NEED_WITH_NOTE
from accord.service.errors import NotAllowed, NotNow, Refusal

LONGEST_NAME = 80  # characters of a group's name


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


# ---------------------------------------------------------------------------------------------------- sessions


def the_session(session_id: uuid.UUID, by: Asker, action: Action) -> Session:
    """A session that `by` may see or act on. Raises NotAllowed (404) as for one that does not exist."""
    rows = Session.objects.for_(by, action).select_related("person__clinic", "episode")
    if (found := rows.filter(pk=session_id).first()) is None:
        raise NotAllowed(_("There is no session here that you may see."))
    return found


def check_session_open(kind: str) -> None:
    """Nothing is changed about a session that is over."""
    if kind in SessionStep.ENDS:
        words = {"held": _("was held"), "missed": _("was missed"), "cancelled": _("was cancelled")}
        cure = _("Plan a new session if one is needed; this one stays as it was.")
        raise NotNow(_("This session %(what)s. Nothing was stored.") % {"what": words[kind]}, cure=cure)


def can_change_session(kind: str) -> bool:
    return kind not in SessionStep.ENDS


def check_plan(*, mode: str, starts_at: datetime, minutes: int, now: datetime) -> None:
    """A session is planned for a time to come, in a way that two people can meet."""
    match wrong_plan(mode=mode, starts_at=starts_at, minutes=minutes, now=now):
        case "mode":
            raise Refusal(_("Choose how you will meet."), cure=_("Nothing was stored."))
        case "minutes":
            sizes = {"low": SHORTEST, "high": LONGEST}
            raise Refusal(_("A session takes from %(low)s to %(high)s minutes.") % sizes, cure=_("Nothing was stored."))
        case "past":
            cure = _("Choose a time to come. What has taken place already is logged as a contact.")
            raise Refusal(_("That time has passed."), cure=cure)
        case "far":
            raise Refusal(_("That is more than a year ahead."), cure=_("Check the year. Nothing was stored."))


# ---------------------------------------------------------------------------------------------------- flags


def the_flag(flag_id: uuid.UUID, by: Asker, action: Action) -> Flag:
    """A flag that `by` may see or act on. Raises NotAllowed (404) as for one that does not exist."""
    rows = Flag.objects.for_(by, action).select_related("person__clinic", "alert")
    if (found := rows.filter(pk=flag_id).first()) is None:
        raise NotAllowed(_("There is nothing here that you may see."))
    return found


def check_can_choose(support: Support, *, option: str, note: str) -> None:
    """What to do about a flag is chosen while nothing is tried, or when the time to look again has come."""
    if option not in OPTIONS:
        raise Refusal(_("Choose what you will do."), cure=_("Nothing was stored."))
    if option in NEED_WITH_NOTE and not note.strip():
        raise Refusal(_("Say in a few words what you will do."), cure=_("Nothing was stored."))
    if support.stage is SupportStage.SETTLED:
        raise NotNow(_("Somebody has said that what was tried helped."), cure=_("Write a note if something is new."))


def check_can_look_again(support: Support, *, helped: str) -> None:
    """Whether it helped is said of something that was chosen."""
    if helped not in HELPED:
        raise Refusal(_("Choose whether it helped."), cure=_("Nothing was stored."))
    if support.stage not in (SupportStage.WAITING, SupportStage.LOOK_AGAIN):
        raise NotNow(_("Nothing is being tried at the moment."), cure=_("Choose what you will do first."))


def can_choose(support: Support) -> bool:
    return support.stage is not SupportStage.SETTLED


def can_look_again(support: Support) -> bool:
    return support.stage in (SupportStage.WAITING, SupportStage.LOOK_AGAIN)


ABOUT = re.compile(r"(message|entry|answer|note|contact|session|flag):[0-9a-f-]{1,36}")


def check_about(about: str) -> None:
    """What a note or an alert is about is named by its kind and id, or not at all."""
    if about and not ABOUT.fullmatch(about):
        raise Refusal(_("What this is about cannot be read."), cure=_("Open the page again and try once more."))


# ---------------------------------------------------------------------------------------------------- groups


def the_group(group_id: uuid.UUID, by: Asker, action: Action) -> Group:
    """A group that `by` may see or act on. Raises NotAllowed (404) as for one that does not exist."""
    if (found := Group.objects.for_(by, action).select_related("clinic").filter(pk=group_id).first()) is None:
        raise NotAllowed(_("There is no group here that you may see."))
    return found


def check_can_join(*, form: str, places: int, taken: int, first_begun: bool, ended: bool) -> None:
    """Who joins finds a place, in a group that still takes people."""
    match why_not_join(form=form, places=places, taken=taken, first_begun=first_begun, ended=ended):
        case "ended":
            raise NotNow(_("This group has ended."), cure=_("Choose another group, or make a new one."))
        case "begun":
            cure = _("Choose an open group, or a closed one that has not met yet.")
            raise NotNow(_("This is a closed group and it has met: nobody joins it any more."), cure=cure)
        case "full":
            cure = _("Choose another group, or make a new one.")
            raise NotNow(_("All %(places)s places of this group are taken.") % {"places": places}, cure=cure)


def can_join(*, form: str, places: int, taken: int, first_begun: bool, ended: bool) -> bool:
    return not why_not_join(form=form, places=places, taken=taken, first_begun=first_begun, ended=ended)


def check_series(
    *, first: datetime, every_days: int, number: int, minutes: int, mode: str, now: datetime
) -> None:  # fmt: skip
    """Meetings are planned for a time to come, in a way that people can meet."""
    nothing = _("Nothing was stored.")
    words = {
        "mode": _("Choose how the group will meet."),
        "number": _("Plan from %(low)s to %(high)s meetings at once.") % _from_to(SERIES),
        "every": _("From one meeting to the next it is %(low)s to %(high)s days.") % _from_to(EVERY),
        "minutes": _("A meeting takes from %(low)s to %(high)s minutes.") % _from_to(MEETING_MINUTES),
        "past": _("That time has passed."),
        "far": _("That is more than two years ahead."),
    }
    wrong = wrong_series(first=first, every_days=every_days, number=number, minutes=minutes, mode=mode, now=now)
    if wrong:
        raise Refusal(words[wrong], cure=_("Choose a time to come.") if wrong == "past" else nothing)


def check_meeting_open(kind: str) -> None:
    """Nothing is changed about a meeting that is over."""
    if kind in MeetingStep.ENDS:
        words = {"held": _("was held"), "cancelled": _("was called off")}
        cure = _("Plan a new meeting if one is needed; this one stays as it was.")
        raise NotNow(_("This meeting %(what)s. Nothing was stored.") % {"what": words[kind]}, cure=cure)


def can_change_meeting(kind: str) -> bool:
    return kind not in MeetingStep.ENDS


def check_group(*, name: str, form: str, places: int) -> None:
    """A group has a neutral name, a form and places."""
    nothing = _("Nothing was stored.")
    if not name.strip() or len(name) > LONGEST_NAME or "\0" in name:
        raise Refusal(_("Give the group a name of at most %(n)s characters.") % {"n": LONGEST_NAME}, cure=nothing)
    if word := telling_word(name):
        cure = _("It stands in the members' calendars, which others may read: say a day or a colour instead.")
        raise Refusal(_("The name tells what the group is for (“%(word)s”).") % {"word": word}, cure=cure)
    if form not in Group.Form.values:
        raise Refusal(_("Choose whether the group is closed or open."), cure=nothing)
    if not PLACES[0] <= places <= PLACES[1]:
        raise Refusal(_("A group has from %(low)s to %(high)s places.") % _from_to(PLACES), cure=nothing)


def _from_to(limits: tuple[int, int]) -> dict[str, int]:
    return {"low": limits[0], "high": limits[1]}


# ---------------------------------------------------------------------------------------------------- start and stay


def check_can_rescue(turn: Turn | None, kind: str) -> None:
    """She is on the list, it is nobody's turn before ours, and nobody has contacted her today. `turn` None: she is not
    on the list any more."""
    if turn is None:
        cure = _("Open the list again: it shows where things stand.")
        raise NotNow(_("Nothing holds her up at the moment, so nothing was sent or logged."), cure=cure)
    if turn is Turn.THERAPIST:
        cure = _("Nobody else calls or writes meanwhile. Nothing was sent or logged.")
        raise NotNow(_("Her therapist has this."), cure=cure)
    if turn is Turn.TODAY and kind != LATER:
        cure = _("Nobody is contacted twice on one day. Tomorrow she can be tried again.")
        raise NotNow(_("Somebody has contacted her today."), cure=cure)


def can_rescue(turn: Turn | None, kind: str) -> bool:
    try:
        check_can_rescue(turn, kind)
    except NotNow:
        return False
    return True


def check_rescue(wrong: str) -> None:
    """What was filled in about an attempt; `wrong` is what care.rules.rescue.wrong_rescue found."""
    words = {
        "kind": _("Choose what you did."), "outcome": _("Choose what came of it."),
        "reason": _("Choose a reason from the list."), "then": _("Choose what comes next."),
        "again_on": _("Choose the day: after today, and within three months."),
        "minutes": _("Minutes are a number from 0 to 600."),
    }  # fmt: skip
    if wrong:
        raise Refusal(words[wrong], cure=_("Nothing was logged; what you filled in is still there."))


# ---------------------------------------------------------------------------------------------------- adverse events


def the_harm(harm_id: uuid.UUID, by: Asker, action: Action) -> Harm:
    """An adverse event that `by` may see or correct. Raises NotAllowed (404) as for one that does not exist."""
    found = Harm.objects.for_(by, action).select_related("person__clinic").filter(pk=harm_id).first()
    if found is None:
        raise NotAllowed(_("There is nothing here that you may see."))
    return found


def check_harm(wrong: str) -> None:
    """What was filled in about an adverse event; `wrong` is what care.rules.harm.wrong_harm found."""
    words = {
        "what": _("Choose what happened."), "on": _("Choose the day on which it happened, today or before."),
        "severity": _("Choose how bad it was."), "causality": _("Choose whether the treatment had to do with it."),
        "serious": _("A death and a stay in hospital are always serious."),
        "note": _("Say in a few words what it was."),
    }  # fmt: skip
    if wrong:
        raise Refusal(words[wrong], cure=_("Nothing was stored; what you filled in is still there."))


# ---------------------------------------------------------------------------------------------------- complaints


def the_complaint(complaint_id: uuid.UUID, by: Asker, action: Action) -> Complaint:
    """A complaint that `by` may see or act on. Raises NotAllowed (404) as for one that does not exist."""
    rows = Complaint.objects.for_(by, action).select_related("clinic", "person")
    if (found := rows.filter(pk=complaint_id).first()) is None:
        raise NotAllowed(_("There is no complaint here that you may see."))
    return found


def check_complaint(wrong: str) -> None:
    """What was said; `wrong` is what care.rules.complaints.wrong_complaint found."""
    words = {
        "about": _("Choose what it is about."), "empty": _("Write what was not right."),
        "nul": _("The text holds a character that cannot be stored. Please look once more."),
        "long": _("The text is too long: at most %(limit)s characters fit.") % {"limit": LONGEST_COMPLAINT},
    }  # fmt: skip
    if wrong:
        raise Refusal(words[wrong], cure=_("Nothing was sent; what you wrote is still there."))


def check_complaint_step(stage: ComplaintStage, kind: str) -> None:
    """A closed complaint stays as it is; it is acknowledged once and before all else; it is closed when answered."""
    if stage is ComplaintStage.CLOSED:
        raise NotNow(_("This complaint was closed. Nothing was stored."), cure=_("Enter a new one if it goes on."))
    if kind == ComplaintStage.ACKNOWLEDGED and stage is not ComplaintStage.NEW:
        raise NotNow(_("Somebody has acknowledged this before."), cure=_("Go on with the answer."))
    if kind == ComplaintStage.CLOSED and stage is not ComplaintStage.ANSWERED:
        raise NotNow(_("There is no answer yet."), cure=_("Write down what you answered first; then it can be closed."))


def can_step_complaint(stage: ComplaintStage, kind: str) -> bool:
    try:
        check_complaint_step(stage, kind)
    except NotNow:
        return False
    return True
