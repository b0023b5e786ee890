"""What the record fills into a letter before a clinician edits it: names, dates, programme, scores with what they mean.

What the record does not know becomes a gap, `[[…]]`, that a human fills or takes out: nothing is guessed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils import dateformat
from django.utils.translation import gettext as _

from accord.science.errors import AccordError
from accord.service.assessments import queries as assessments
from accord.service.assessments.rules.change import changed
from accord.service.episodes import queries as episodes
from accord.service.episodes.rules import ADMINISTRATIVE, StepKind
from accord.service.library import queries as library
from accord.service.people import queries as people
from accord.service.programmes import queries as programmes
from accord.service.ui.pathway import named

if TYPE_CHECKING:
    from accord.science.instruments import Scale
    from accord.service.access.table import Asker
    from accord.service.assessments.queries import Point
    from accord.service.episodes.models import Episode

NO_OUTCOME = ("safety_check", "red_flags")  # asked for safety: no score of a letter
PRIVATE = ("alliance", "cohesion")  # ratings of the work together stay where they were given (C8)
_FIELD = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter as the record fills it."""

    kind: str
    addressee: str
    subject: str
    body: str
    head: str
    snapshot_id: uuid.UUID


def draft(asker: Asker, episode: Episode, kind: str, now: datetime) -> Draft:
    """The published text of this kind with the record's facts in it; administrative kinds get no clinical fact.

    Raises the library's NotFound when no text of this kind is published.
    """
    text = library.text(f"letter-{kind.replace('_', '-')}", episode.person.language)
    head = library.text("letter-head", episode.person.language)
    known = facts(asker, episode, now, clinical=kind not in ADMINISTRATIVE)
    lines = [fill(line, known) for line in head.body.splitlines()]
    return Draft(
        kind, _addressee(episode, kind), fill(text.title, known), fill(text.body, known),
        "\n".join(line for line in lines if line.strip()), text.snapshot_id,
    )  # fmt: skip


def _addressee(episode: Episode, kind: str) -> str:
    """Whoever sent her, where the letter answers a referral and that was written down; else a gap."""
    sent_by = episode.referral.referrer if episode.referral and kind == "referral_received" else ""
    return sent_by or _("[[name and address]]")


def fill(text: str, known: Mapping[str, str]) -> str:
    """Each `{name}` becomes what the record says; one that it does not know stays a gap."""
    return _FIELD.sub(lambda found: known.get(found[1], f"[[{found[1].replace('_', ' ')}]]"), text)


def facts(asker: Asker, episode: Episode, now: datetime, *, clinical: bool) -> dict[str, str]:
    """What can be said of an episode, in words. An unknown fact is left out."""
    person, clinic = episode.person, episode.clinic
    zone = clinic.zone()

    def day(moment: datetime) -> str:
        return dateformat.format(moment.astimezone(zone), "j F Y")

    steps = next((steps for way, steps in episodes.ways_of(asker, person.pk) if way.pk == episode.pk), [])
    ended = next((one for one in reversed(steps) if one.kind in (StepKind.DISCHARGED, StepKind.STOPPED)), None)
    anchors = episodes.anchors(episode)
    started = anchors.get("treatment-start") or anchors.get("enrolment")
    known = {
        "today": day(now), "person": person.name, "clinic": clinic.name, "phone": clinic.phone,
        "clinician": people.me(asker).name, "programme": _programme(episode),
        "referred_on": day(episode.opened_at), "started_on": day(started) if started else "",
        "ended_on": day(ended.at) if ended else "",
        "source": named(episode.referral.source) if episode.referral else "",
        "therapist": people.accountable_for(person.pk, now).name,
    }  # fmt: skip
    if not clinic.phone:
        known["phone"] = ""
    if clinical:
        known |= {
            "reason": named(ended.reason) if ended and ended.reason else "", "lessons": _lessons(episode, now),
            "onward": _onward(asker, episode, now), "scores": _scores(episode, zone),
        }  # fmt: skip
    return {name: words for name, words in known.items() if words or name == "phone"}


def _programme(episode: Episode) -> str:
    try:
        return library.protocol(episode.snapshot_id).title
    except AccordError:
        return ""


def _lessons(episode: Episode, now: datetime) -> str:
    found = programmes.summaries([episode.person_id], now).get(episode.person_id)
    if found is None:
        return ""
    return _("%(done)s of %(total)s lessons were finished.") % {"done": found.done, "total": found.total}


def _onward(asker: Asker, episode: Episode, now: datetime) -> str:
    rows = [row for row in episodes.onward_of(asker, episode.person_id, now) if row.onward.episode_id == episode.pk]
    if not rows:
        return ""
    return _("Sent on to: %(names)s.") % {"names": ", ".join(named(row.onward.to) for row in rows)}


# ---------------------------------------------------------------------------------------------------- scores


def _scores(episode: Episode, zone: object) -> str:
    """Each outcome in a line; empty when nothing was answered, so that a clinician is asked."""
    every = assessments.series([episode.person_id]).get(episode.person_id, {})
    lines = []
    for ref in sorted(every):
        points = [point for point in every[ref] if point.at >= episode.opened_at]
        if points and (line := score_line(ref, points, zone)):
            lines.append(f"- {line}")
    return "\n".join(lines)


def score_line(ref: str, points: Sequence[Point], zone: object) -> str:
    """One scale: first and last score with their days, the range, which way is better, and what may be said of it.

    A score that does not come from the official wording is not given at all (C6): a letter leaves the building, and a
    number under the questionnaire's name would pass for its score. A change is claimed only beyond the ordinary (C38).
    """
    instrument, _dot, name = ref.partition(".")
    if instrument in NO_OUTCOME:
        return ""
    try:
        found = assessments.instrument(instrument.removeprefix("demo:").removeprefix("demo_"))
    except AccordError:
        return ""
    scale = found.scales.get(name)
    if scale is None or scale.maximum - scale.minimum <= 1:
        return ""
    if any(word in (found.construct or "").lower() for word in PRIVATE):
        return ""
    if any(point.demo for point in points):
        return _("%(name)s: asked in demonstration wording, so there is no score to report.") % {"name": scale.name}
    return _line(scale, points, zone)


def _line(scale: Scale, points: Sequence[Point], zone: object) -> str:
    better = _("higher is better") if scale.direction == "higher_better" else _("lower is better")
    said = {"name": scale.name, "low": f"{scale.minimum:g}", "high": f"{scale.maximum:g}", "better": better,
            "first": _value(scale, points[0]), "on": _day(points[0], zone)}  # fmt: skip
    if len(points) == 1:
        return _("%(name)s: %(first)s on %(on)s (from %(low)s to %(high)s, %(better)s).") % said
    said |= {"last": _value(scale, points[-1]), "then": _day(points[-1], zone), "claim": _claim(scale, points)}
    return (
        _("%(name)s: %(first)s on %(on)s, %(last)s on %(then)s (from %(low)s to %(high)s, %(better)s): %(claim)s.")
        % said
    )


def _claim(scale: Scale, points: Sequence[Point]) -> str:
    verdict = changed([point.value for point in points], scale)
    return {
        "better": _("better by more than this person's usual ups and downs"),
        "worse": _("harder by more than this person's usual ups and downs"),
        "same": _("within what is ordinary from one time to the next"),
    }.get(verdict.kind, _("too little is known to call it a change"))


def _value(scale: Scale, point: Point) -> str:
    return f"{point.value:.{0 if scale.maximum - scale.minimum > 12 else 1}f}"


def _day(point: Point, zone: object) -> str:
    return dateformat.format(point.at.astimezone(zone), "j F Y")  # type: ignore[arg-type]
