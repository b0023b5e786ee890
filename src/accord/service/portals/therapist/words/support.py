"""Flags, what could help, and sessions, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.service.care.queries import Flagged, Meeting
from accord.service.care.rules.handling import BY_HAND
from accord.service.care.rules.sessions import SessionState
from accord.service.care.rules.support import SupportStage
from accord.service.portals.therapist.words.labels import MODES
from accord.service.ui.moments import said

if TYPE_CHECKING:
    from accord.service.care.models import SessionStep, SupportStep


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
