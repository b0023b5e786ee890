"""What stands on a person's page: facts of several rooms, one call each, joined into one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.science.errors import AccordError
from accord.service.access.table import Asker
from accord.service.assessments import queries as assessments
from accord.service.care import queries as alerts
from accord.service.care.rules.handling import BY_HAND, Stage
from accord.service.episodes import queries as episodes
from accord.service.messaging import queries as messages
from accord.service.people import queries as people
from accord.service.portals.therapist import words

if TYPE_CHECKING:
    from accord.service.assessments.models import Assessment, Score
    from accord.service.people.models import Person

SAFETY = "safety_check"
SHOWN = 40  # events of the line of time
SENT = 2  # assessments whose scores are shown


def safety_answers(asked: Assessment) -> list[tuple[str, str]]:
    """The safety questions of one asking with what was answered, in the words of the form."""
    given = assessments.current(asked)
    found = []
    for item in assessments.instrument(SAFETY).items:
        if (answer := given.get((SAFETY, item.id))) is None:
            continue
        text = _("left out") if answer.value is None else item.options.get(float(answer.value), str(answer.value))
        found.append((item.text or item.topic, text))
    return found


_BY_HAND = {
    ("risk", "r3"): gettext_lazy("Safety, act at once"),
    ("risk", "r2"): gettext_lazy("Safety, act within the hour"),
    ("risk", "r1"): gettext_lazy("Safety, look within one working day"),
    ("safeguarding", "safe"): gettext_lazy("Safeguarding: harm to others, abuse, a child"),
    ("health", "d2"): gettext_lazy("Health: a doctor or prescriber should see this"),
}


def tiers_by_hand() -> list[tuple[str, Any]]:
    """What an alert can be raised as, for a form."""
    return [(f"{track}:{tier}", _BY_HAND[track, tier]) for track, tier in BY_HAND]


@dataclass(frozen=True, slots=True)
class Event:
    """One thing on the line of time."""

    at: datetime
    kind: str  # alert, contact, answer, step, hand
    text: str
    note: str = ""
    alert_id: object = None


@dataclass(frozen=True, slots=True)
class Measured:
    """One score as its table shows it."""

    name: str
    value: str
    low: float
    high: float
    better: str
    number: float | None
    band: str
    note: str

    @property
    def at(self) -> str:
        """Where the score stands on a line from 4 to 116, for the picture."""
        share = (self.number - self.low) / (self.high - self.low) if self.number is not None else 0
        return f"{4 + 112 * share:.1f}"


def patient_page(asker: Asker, person: Person, now: datetime) -> dict[str, Any]:
    """Everything of a person's page but its forms."""
    way = episodes.current_episode(asker, person.pk)
    state = episodes.state(way) if way else None
    asked = assessments.assessments_of(asker, person.pk)
    raised = alerts.alerts_of(asker, person.pk, now)
    contacts = alerts.contacts_of(asker, person.pk)
    hands = people.accountability_history(asker, person.pk)
    sent = [one for one in asked if one.submitted_at][-SENT:]
    return {
        "way": way, "state": words.STATES.get(state) if state else "",
        "consent": way and episodes.consent_of(asker, way), "hands": hands,
        "clinician": hands[-1].clinician if hands and hands[-1].until is None else None,
        "open_alerts": [(words.headline(one), words.due(one, person.clinic.zone(), now), one)
                        for one in raised if one.state.stage is not Stage.CLOSED],
        "waiting": messages.waiting([person.pk]).get(person.pk),
        "measured": [_sent(asker, one) for one in reversed(sent)],
        "open_assessments": [(_name(one), one.made_at) for one in asked if not one.submitted_at],
        "minutes": sum(one.minutes for one in contacts), "contacts": len(contacts),
        "events": _events(raised, contacts, asked, hands, way)[:SHOWN],
    }  # fmt: skip


def _name(asked: Assessment) -> str:
    return str(words.TIME_POINTS.get(asked.time_point, asked.time_point.replace("_", " ").capitalize()))


def _sent(asker: Asker, asked: Assessment) -> tuple[str, datetime | None, bool, list[Measured]]:
    """An assessment that was sent: its name, when, whether a wording was not the official one (C6), its scores."""
    scores = assessments.scores(asker, asked)
    demo = any(score.instrument.startswith("demo:") for score in scores)
    return _name(asked), asked.submitted_at, demo, [_one(score) for score in scores]


def _one(score: Score) -> Measured:
    """A score with its range and which way is better; without its instrument only the number."""
    bare = score.instrument.removeprefix("demo:")
    try:
        scale = assessments.instrument(bare).scales.get(score.scale)
    except AccordError:
        scale = None
    value = "–" if score.value is None else f"{round(score.value, 1):g}"
    if scale is None:
        return Measured(f"{score.instrument} {score.scale}", value, 0, 0, "", score.value, score.band, score.note)
    better = _("higher is better") if scale.direction == "higher_better" else _("lower is better")
    if scale.maximum - scale.minimum <= 1:  # a yes or no, with no range to show
        answer = {"0": _("no"), "1": _("yes")}.get(value, value)
        return Measured(scale.name, answer, 0, 0, "", None, "", score.note)
    return Measured(scale.name, value, scale.minimum, scale.maximum, better, score.value, score.band, score.note)


def _events(raised: Any, contacts: Any, asked: Any, hands: Any, way: Any) -> list[Event]:
    """The line of time, the newest first."""
    found = [Event(one.alert.raised_at, "alert", words.headline(one), alert_id=one.alert.pk) for one in raised]
    for one in raised:
        found += [Event(step.at, "alert", _("The alert was closed"), alert_id=one.alert.pk)
                  for step in one.steps if step.kind == "closed"]  # fmt: skip
    found += [Event(one.at, "contact", _contact(one), one.note) for one in contacts]
    found += [
        Event(one.submitted_at, "answer", _("%(what)s sent") % {"what": _name(one)})
        for one in asked
        if one.submitted_at
    ]
    found += [
        Event(one.since, "hand", _("%(who)s answers for this person") % {"who": one.clinician.name}) for one in hands
    ]
    if way is not None:
        found.append(Event(way.opened_at, "step", _("Came to the service")))
    return sorted(found, key=lambda event: event.at, reverse=True)


def _contact(one: Any) -> str:
    mode, outcome = words.MODES.get(one.mode, one.mode), words.OUTCOMES.get(one.outcome, one.outcome)
    return _("Contact by %(mode)s: %(outcome)s, %(n)s min") % {"mode": mode, "outcome": outcome, "n": one.minutes}
