"""What a clinician reads: reasons, states and steps in words. Facts come in, sentences go out; nothing is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accord.service.care.queries import AlertPage, CaseRow, Flagged, Meeting, Standing, Told
from accord.service.care.rules.handling import BY_HAND, MORE, Stage
from accord.service.care.rules.needs import Need, Reason
from accord.service.care.rules.sessions import SessionState
from accord.service.care.rules.support import SupportStage
from accord.service.episodes.rules import State
from accord.service.ui.moments import said, since

if TYPE_CHECKING:
    from accord.service.care.models import Contact, SessionStep, SupportStep
    from accord.service.messaging.queries import Waiting
    from accord.service.outbox.queries import Mail
    from accord.service.people.models import Person

TRACKS = {
    "risk": gettext_lazy("Safety"),
    "health": gettext_lazy("Health"),
    "change": gettext_lazy("Getting worse"),
    "silence": gettext_lazy("Quiet"),
    "safeguarding": gettext_lazy("Safeguarding"),
}
TIERS = {
    "r3": gettext_lazy("highest, act at once"),
    "r2": gettext_lazy("high, act within the hour"),
    "r1": gettext_lazy("watch, one working day"),
    "d2": gettext_lazy("a doctor should see this, two working days"),
    "d1": gettext_lazy("this week"),
    "i1": gettext_lazy("one working day"),
    "i2": gettext_lazy("one working day"),
    "safe": gettext_lazy("high, act within the hour"),
}
MODES = {
    "phone": gettext_lazy("telephone"),
    "message": gettext_lazy("message"),
    "video": gettext_lazy("video"),
    "in-person": gettext_lazy("in person"),
}
OUTCOMES = {
    "reached": gettext_lazy("reached"),
    "left-message": gettext_lazy("left a message"),
    "not-reached": gettext_lazy("not reached"),
}
REASONS = {
    "reached-and-safe": gettext_lazy("Reached; safe, and what to do next is agreed"),
    "urgent-help-came": gettext_lazy("Emergency or crisis help has arrived"),
    "handed-over": gettext_lazy("Handed over, and the other side confirmed"),
    "answered-by-mistake": gettext_lazy("Answered by mistake, confirmed in person"),
    "not-reached-letter": gettext_lazy("Not reached after three attempts; letter sent"),
    "other": gettext_lazy("Another reason, in the note"),
}
STATES = {
    State.REFERRED: gettext_lazy("referred"),
    State.SCREENING: gettext_lazy("answering the first questions"),
    State.NOT_ELIGIBLE: gettext_lazy("not eligible"),
    State.ELIGIBLE: gettext_lazy("eligible, not yet consented"),
    State.CONSENTED: gettext_lazy("consented"),
    State.ENROLLED: gettext_lazy("enrolled"),
    State.STOPPED: gettext_lazy("ended the treatment, still answers"),
    State.DISCHARGED: gettext_lazy("discharged"),
    State.WITHDRAWN: gettext_lazy("withdrew"),
}
FILTERS = {
    "needs": gettext_lazy("Needs somebody"), "mine": gettext_lazy("Mine"), "covered": gettext_lazy("Covered"),
    "not-started": gettext_lazy("Not started"), "quiet": gettext_lazy("Quiet"), "all": gettext_lazy("All I may see"),
}  # fmt: skip
FIRST = {"bpi_interference.total": 0, "phq_9.total": 1}  # what a row of a list shows first
TIME_POINTS = {
    "screening": gettext_lazy("Screening"), "baseline": gettext_lazy("First questions (baseline)"),
    "weekly": gettext_lazy("Weekly check-in"), "mid": gettext_lazy("Half way"),
    "post": gettext_lazy("After the programme"), "follow_up": gettext_lazy("Three months after"),
}  # fmt: skip
MAILS = {
    "assessment-due": gettext_lazy("Questions are open"), "lesson-open": gettext_lazy("A lesson has opened"),
    "lesson-waiting": gettext_lazy("A lesson waits"), "message-of-the-week": gettext_lazy("The message of the week"),
    "message-waiting": gettext_lazy("A message waits"), "flare-over": gettext_lazy("After a flare"),
    "session-changed": gettext_lazy("A session was planned or moved"),
    "confirm-referral": gettext_lazy("Confirm the referral"), "person-assigned": gettext_lazy("Your therapist"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Why:
    """The reason somebody stands on the list: a headline, what to know besides, how loud, and what to do."""

    headline: str
    detail: str
    tone: str  # alert, warm, or nothing
    do: str
    to: str  # the page to open: alert, thread, support, sessions, lesson_answers, patient


def why(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    """A reason in words, and the one thing to open."""
    return _WHY[reason.need](reason, row, zone, now)


def nothing() -> Why:
    return Why(_("Nothing is waiting"), "", "", _("Open"), "patient")


def _alert(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    one = row.alert
    if one is None or one.alert.pk != reason.about:
        return Why(next(iter(reason.words), _("An alert is open")), "", "alert", _("Open the alert"), "alert")
    in_hand = reason.need is Need.ALERT_IN_HAND
    text = f"{raised(one, zone, now)} {due(one, zone, now)}"
    return Why(headline(one), text, "warm" if in_hand else "alert", _("Go on with it") if in_hand else
               _("Open the alert"), "alert")  # fmt: skip


def _reply(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    late = reason.need is Need.LATE_REPLY
    headline_ = _("Waits for a reply that is late") if late else _("Waits for your reply")
    told = promised(row.waiting, zone, now).words if row.waiting else ""
    return Why(headline_, told, "warm" if late else "", _("Reply"), "thread")


def _flag(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    return Why(flag_name(reason.kind), " ".join(reason.words), "warm", _("What could help"), "support")


def _look_again(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    headline_ = _("Three weeks ago: %(what)s. Did it help?") % {"what": flag_name(reason.kind)}
    return Why(headline_, "", "warm", _("Look again"), "support")


def _soft_flag(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    """What a list says of silence: by a flag, or by itself."""
    if reason.kind:
        return Why(flag_name(reason.kind), " ".join(reason.words), "", _("What could help"), "support")
    if reason.need is Need.NOT_STARTED:
        detail = _("The course opened %(when)s.") % {"when": since(reason.at, now)}
        return Why(_("Has not started"), detail, "", _("Call and log"), "patient")
    headline_ = _("Nothing heard since %(when)s") % {"when": said(reason.at, zone, now)}
    return Why(headline_, _("No answer, message, lesson or contact since then."), "", _("Call and log"), "patient")


def _came_back(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    headline_ = _("Is back: was flagged as “%(what)s”") % {"what": flag_name(reason.kind)}
    return Why(headline_, _("Heard of since. The flag stays until you say what you do."), "", _("Open"), "support")


def _session(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    when = said(reason.at, zone, now)
    if reason.at < now:
        headline_ = _("Session %(when)s: was it held?") % {"when": when}
    else:
        headline_ = _("Session %(when)s") % {"when": when}
    return Why(headline_, "", "", _("Sessions"), "sessions")


def _unfinished(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    detail = _("Opened %(when)s. What was answered is kept.") % {"when": since(reason.at, now)}
    return Why(_("Began the questions and did not go on"), detail, "", _("Call and log"), "patient")


def _no_contact(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    return Why(_("No contact yet"), _("Nobody has called or written yet."), "", _("Call and log"), "patient")


def _unread(reason: Reason, row: CaseRow, zone: ZoneInfo, now: datetime) -> Why:
    count = row.summary.unread_entries if row.summary else 0
    headline_ = unread(count)
    return Why(headline_[:1].upper() + headline_[1:], "", "", _("Read"), "lesson_answers")


_WHY: dict[Need, Callable[[Reason, CaseRow, ZoneInfo, datetime], Why]] = {
    Need.ALERT: _alert, Need.ALERT_IN_HAND: _alert, Need.LATE_REPLY: _reply, Need.REPLY: _reply, Need.FLAG: _flag,
    Need.SESSION: _session, Need.LOOK_AGAIN: _look_again, Need.NOT_STARTED: _soft_flag, Need.QUIET: _soft_flag,
    Need.UNFINISHED: _unfinished, Need.NO_CONTACT: _no_contact, Need.SAME: _soft_flag, Need.CAME_BACK: _came_back,
    Need.UNREAD: _unread,
}  # fmt: skip


# ---------------------------------------------------------------------------------------------------- alerts


def headline(one: Standing) -> str:
    """The first reason of an alert, as the ladder says it; what was added last stands first."""
    return next(iter(one.reasons()), str(TRACKS.get(one.alert.track, one.alert.track)))


def raised(one: Standing, zone: ZoneInfo, now: datetime) -> str:
    return _("Raised %(when)s.") % {"when": said(one.alert.raised_at, zone, now)}


def due(one: Standing, zone: ZoneInfo, now: datetime) -> str:
    """What is due next and by when; what has passed and who was told."""
    state = one.state
    if state.stage is Stage.CLOSED:
        return _("Closed.")
    told = ngettext("One person further up was told.", "It has risen %(n)s times.", state.level) % {"n": state.level}
    if state.due is None:
        return _("Somebody has it in hand.")
    when = said(state.due, zone, now)
    open_, late = {
        Stage.RAISED: (_("Acknowledge by %(when)s."), _("To be acknowledged by %(when)s: that has passed.")),
        Stage.HANDED_OVER: (_("Hand-over to be confirmed by %(when)s."), _("The hand-over is not confirmed.")),
        Stage.ACKNOWLEDGED: (_("Make contact by %(when)s."), _("Contact was due by %(when)s: that has passed.")),
    }[state.stage]
    text = (late if state.late else open_) % {"when": when}
    return f"{text} {told}" if state.late and state.level else text


def height(one: Standing) -> str:
    """The track and height of an alert in words."""
    track = TRACKS.get(one.alert.track, one.alert.track)
    said_ = TIERS.get(one.alert.clock, one.alert.clock)
    if one.alert.unknown and one.alert.tier == "unknown":
        return _("%(track)s: not known, treated as %(height)s") % {"track": track, "height": said_}
    return _("%(track)s: %(height)s") % {"track": track, "height": said_}


def stage(page: AlertPage) -> str:
    """Who has it, in a sentence."""
    state = page.standing.state
    match state.stage:
        case Stage.CLOSED:
            return _("This alert is closed.")
        case Stage.HANDED_OVER if page.offered_to is not None:
            return _("Handed to %(who)s, who has not confirmed yet.") % {"who": page.offered_to.name}
        case Stage.HANDED_OVER:
            return _("Handed over to the outside, not confirmed yet.")
        case Stage.ACKNOWLEDGED:
            return _("%(who)s has it.") % {"who": page.holder.name if page.holder else _("Somebody")}
        case Stage.RAISED if page.told_first is not None:
            return _("Nobody has it yet. %(who)s was told first.") % {"who": page.told_first.name}
    return _("Nobody has it yet.")


def step(one: Told) -> str:
    """A step of the story, in a sentence."""
    who = one.by or _("The service")
    match one.kind:
        case "acknowledged":
            return _("%(who)s acknowledged it.") % {"who": who}
        case "contact":
            mode, outcome = MODES.get(one.reason, one.reason), OUTCOMES.get(one.outcome, one.outcome)
            return _("%(who)s tried by %(mode)s: %(outcome)s.") % {"who": who, "mode": mode, "outcome": outcome}
        case "handed-over":
            return _("%(who)s handed it to %(to)s.") % {"who": who, "to": one.to or _("the outside")}
        case "receipt" if one.outcome == "taken-back":
            return _("%(who)s took it back.") % {"who": who}
        case "receipt":
            return _("%(who)s confirmed the hand-over.") % {"who": who}
        case "escalated":
            return _("Nobody had acted in time; %(to)s was told.") % {"to": one.to or _("the clinic's page")}
        case "closed":
            return _("%(who)s closed it: %(reason)s.") % {"who": who, "reason": REASONS.get(one.reason, one.reason)}
    if one.outcome == MORE:
        return _("A further answer: %(reason)s") % {"reason": one.reason}
    if one.outcome == "again":
        return _("The button was pressed again.")
    if one.outcome.startswith("later:"):
        return _("A later answer on the same occasion said less; the alert stays as it is.")
    return _("%(who)s noted:") % {"who": who}


# ---------------------------------------------------------------------------------------------------- flags, sessions

BY_HAND_WORDS = {
    ("risk", "r3"): gettext_lazy("Safety, act at once"),
    ("risk", "r2"): gettext_lazy("Safety, act within the hour"),
    ("risk", "r1"): gettext_lazy("Safety, look within one working day"),
    ("safeguarding", "safe"): gettext_lazy("Safeguarding: harm to others, abuse, a child"),
    ("health", "d2"): gettext_lazy("Health: a doctor or prescriber should see this"),
}
FLAGS = {
    "worse": gettext_lazy("Getting worse"),
    "not-on-track": gettext_lazy("No change yet"),
    "quiet": gettext_lazy("Quiet"),
    "not-started": gettext_lazy("Has not started"),
    "flare": gettext_lazy("Three flare days within a week"),
    "new-pain": gettext_lazy("A new kind of pain"),
    "frightened": gettext_lazy("A practice was frightening"),
}
OPTIONS = {
    "talk-about-the-work-together": (
        gettext_lazy("Talk about the two of you"),
        gettext_lazy("“How is this work for you? What helps, and what does not?” Listen first. Plan fifteen minutes."),
    ),
    "smaller-steps": (
        gettext_lazy("Make the steps smaller"),
        gettext_lazy("Halve the next step together, or let the next lesson wait."),
    ),
    "flare-plan": (
        gettext_lazy("Go by the flare plan"),
        gettext_lazy("Read the plan that was written; agree on one very small step beside rest. Lessons wait."),
    ),
    "something-happened": (
        gettext_lazy("Something else happened"),
        gettext_lazy(
            "Ask openly: a loss, work, an illness, somebody who hurts. Where safety is in question, raise an alert."
        ),
    ),
    "refer-on": (
        gettext_lazy("Ask a doctor, or refer on"),
        gettext_lazy("New signs, medicines, or a need that this programme does not meet."),
    ),
    "reach-out": (
        gettext_lazy("Call, then write"),
        gettext_lazy("A short call first. If nobody answers, two sentences in a message, without a reproach."),
    ),
    "practical-help": (
        gettext_lazy("Help with the practical side"),
        gettext_lazy("Log-in, device, reading, time of day, a lesson on paper."),
    ),
    "other": (gettext_lazy("Something else"), gettext_lazy("Say what, below.")),
}
HELPED = {"yes": gettext_lazy("Yes"), "some": gettext_lazy("A little"), "no": gettext_lazy("No")}
MISSED = {
    "she-could-not": gettext_lazy("the person could not come"),
    "not-there": gettext_lazy("nobody was there"),
    "we-could-not": gettext_lazy("we could not"),
    "technical": gettext_lazy("the technique did not work"),
    "other": gettext_lazy("another reason"),
}
CANCELLED = {
    "she-asked": gettext_lazy("the person asked for it"),
    "we-asked": gettext_lazy("we asked for it"),
    "no-longer-needed": gettext_lazy("it is no longer needed"),
    "other": gettext_lazy("another reason"),
}


def by_hand() -> list[tuple[str, object]]:
    """What an alert can be raised as, for a form (C15)."""
    return [(f"{track}:{tier}", BY_HAND_WORDS[track, tier]) for track, tier in BY_HAND]


def flag_name(kind: str) -> str:
    return str(FLAGS.get(kind, kind))


@dataclass(frozen=True, slots=True)
class FlagShown:
    """A flag as a card: what a rule found, where its handling stands, what to open."""

    id: object
    headline: str
    reasons: tuple[str, ...]
    stage: str
    do: str
    tone: str


def flagged(one: Flagged, zone: ZoneInfo, now: datetime) -> FlagShown:
    """A flag in words."""
    stage, raised_ = one.support.stage, _("Found %(when)s.") % {"when": said(one.flag.raised_at, zone, now)}
    chosen = OPTIONS[one.support.option][0] if one.support.option in OPTIONS else one.support.option
    text, do, tone = {
        SupportStage.OPEN: (_("Nothing is chosen yet."), _("What could help"), "warm"),
        SupportStage.WAITING: (
            _("Chosen: %(what)s. Looked at again %(when)s.")
            % {"what": chosen, "when": said(one.support.look_at or now, zone, now)}, _("Open"), "",
        ),
        SupportStage.LOOK_AGAIN: (
            _("Chosen three weeks ago: %(what)s. Did it help?") % {"what": chosen}, _("Look again"), "warm",
        ),
        SupportStage.SETTLED: (_("It helped."), _("Open"), ""),
    }[stage]  # fmt: skip
    if stage is SupportStage.OPEN and one.support.helped:
        text = _("What was tried did not help enough. Choose again.")
    headline_ = flag_name(one.flag.kind)
    return FlagShown(one.flag.pk, headline_, tuple(one.flag.reasons), f"{raised_} {text}", do, tone)


def looked_for(one: Flagged, zone: ZoneInfo, now: datetime) -> str:
    """What was chosen and when; before its day the question may be answered early."""
    chosen = [step_ for step_ in one.steps if step_.kind == "chosen"][-1]
    what = OPTIONS[chosen.option][0] if chosen.option in OPTIONS else chosen.option
    text = _("%(when)s you chose: %(what)s.") % {"when": said(chosen.at, zone, now).capitalize(), "what": what}
    if one.support.stage is SupportStage.WAITING and one.support.look_at:
        text += " " + _("It comes back %(when)s; you may answer earlier.") % {
            "when": said(one.support.look_at, zone, now)
        }
    return text


def supported(step_: SupportStep) -> str:
    """A step of handling a flag."""
    what = OPTIONS[step_.option][0] if step_.option in OPTIONS else step_.option
    if step_.kind == "chosen":
        return _("Chosen: %(what)s") % {"what": what}
    return _("Did “%(what)s” help? %(answer)s") % {"what": what, "answer": HELPED.get(step_.helped, step_.helped)}


def tried_before(step_: SupportStep) -> str:
    """What was tried with this person about another flag, and whether it helped."""
    about = flag_name(step_.flag.kind)
    return f"{about}: {supported(step_)}"


def planned(mode: str, minutes: int) -> str:
    """How and how long a session is."""
    return _("%(mode)s, %(n)s min") % {"mode": MODES.get(mode, mode), "n": minutes}


def met(step_: SessionStep) -> str:
    """What came of a session."""
    match step_.kind:
        case "held":
            return _("Held: %(how)s") % {"how": planned(step_.mode, step_.minutes)}
        case "missed":
            return _("Missed: %(why)s") % {"why": MISSED.get(step_.reason, step_.reason)}
        case "cancelled":
            return _("Called off: %(why)s") % {"why": CANCELLED.get(step_.reason, step_.reason)}
    return _("Planned: %(how)s") % {"how": planned(step_.mode, step_.minutes)}


def session(meeting: Meeting, when: str) -> str:
    """A session on the line of time: planned for when, or what came of it."""
    if meeting.state is SessionState.PLANNED:
        return _("A session was planned for %(when)s") % {"when": when}
    return _("Session %(when)s: %(what)s") % {"when": when, "what": met(meeting.last)}


# ---------------------------------------------------------------------------------------------------- lessons

PATH = {
    "open": (gettext_lazy("Open it now"), gettext_lazy("Whatever the plan says, from today.")),
    "skip": (gettext_lazy("Leave it out"), gettext_lazy("It does not count any more; what was saved in it is kept.")),
    "hold": (gettext_lazy("Let it wait"), gettext_lazy("It stays shut, or no longer presses, until you undo this.")),
    "undo": (gettext_lazy("Undo a change"), gettext_lazy("The lesson goes by the plan again.")),
    "cleared": (
        gettext_lazy("A doctor has looked"),
        gettext_lazy("The signs that a doctor should see no longer shut a lesson, until they are asked again."),
    ),
}
LESSONS = {
    "done": gettext_lazy("done"), "started": gettext_lazy("begun"), "open": gettext_lazy("open"),
    "closed": gettext_lazy("not open yet"), "skipped": gettext_lazy("left out"),
}  # fmt: skip
LESSON_TONES = {"done": "done", "started": "here", "open": "here", "closed": "shut", "skipped": "out"}


def answered(times: int) -> str:
    """How often a lesson was answered."""
    if not times:
        return _("Not answered yet.")
    return ngettext("Answered once.", "Answered %(n)s times.", times) % {"n": times}


def with_names(text: str, person: Person, me: Person) -> str:
    """A template with the two names that are known; every other gap is the therapist's to fill."""
    text = text.replace("[[name]]", person.name) if person.name else text
    return text.replace("[[your name]]", me.name).strip()


def unread(count: int) -> str:
    """How much of what she saved nobody has read."""
    return ngettext("%(n)s thing saved in the lessons is new", "%(n)s things saved in the lessons are new", count) % {
        "n": count
    }


# ---------------------------------------------------------------------------------------------------- contact


def contact(row: Contact) -> str:
    """A contact in a few words."""
    mode, outcome = MODES.get(row.mode, row.mode), OUTCOMES.get(row.outcome, row.outcome)
    return _("Contact by %(mode)s: %(outcome)s, %(n)s min") % {"mode": mode, "outcome": outcome, "n": row.minutes}


@dataclass(frozen=True, slots=True)
class Promised:
    """What is promised to somebody who waits."""

    words: str
    late: bool


def promised(waits: Waiting, zone: ZoneInfo, now: datetime) -> Promised:
    """When she wrote, by when an answer is promised, and how long that is from now."""
    wrote = _("Written %(when)s.") % {"when": said(waits.sent_at, zone, now)}
    if waits.reply_due_at is None:
        return Promised(wrote, late=False)
    due_ = said(waits.reply_due_at, zone, now)
    if waits.reply_due_at < now:
        return Promised(f"{_('Promised by %(due)s; that has passed.') % {'due': due_}} {wrote}", late=True)
    left = _("Promised by %(due)s, %(left)s.") % {"due": due_, "left": until(waits.reply_due_at, now)}
    return Promised(f"{left} {wrote}", late=False)


def until(moment: datetime, now: datetime) -> str:
    """How long it is until a moment, in hours or days."""
    hours = max(int((moment - now).total_seconds() // 3600), 0)
    if not hours:
        return _("within the hour")
    if hours < 48:
        return ngettext("in %(n)s hour", "in %(n)s hours", hours) % {"n": hours}
    return ngettext("in %(n)s day", "in %(n)s days", hours // 24) % {"n": hours // 24}


def mail(row: Mail, zone: ZoneInfo, now: datetime) -> str:
    """What was to be sent, whether it was, and why not (U2)."""
    what = str(MAILS.get(row.kind, row.kind.replace("-", " ")))
    if row.state == "done":
        return _("%(what)s: sent %(when)s") % {"what": what, "when": said(row.at, zone, now)}
    if row.state == "waiting":
        text = _("%(what)s: looked at again %(when)s") % {"what": what, "when": said(row.at, zone, now)}
    else:
        text = _("%(what)s: not sent") % {"what": what}
    return f"{text}. {row.why}".rstrip(". ") + "."
