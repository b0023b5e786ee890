"""What she answered, as her therapist reads it: scores with range and direction, and how they moved, without a claim
that her own ordinary variation does not carry (C38)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from accord.science.errors import AccordError
from accord.service.access.table import Asker
from accord.service.assessments import queries as assessments
from accord.service.assessments.rules.change import Verdict, changed
from accord.service.care import queries as care
from accord.service.library import queries as library
from accord.service.portals.therapist import pictures, words

if TYPE_CHECKING:
    from accord.service.assessments.models import Assessment, Score
    from accord.service.episodes.models import Episode

SAFETY = "safety_check"
ASKED_FIRST = (SAFETY, "red_flags")  # what is asked for safety is no outcome: it stands with its alert
OUTCOMES = 5  # scales on the line of time
PRIVATE = ("alliance", "cohesion")  # constructs of which a therapist sees no rating, unless the protocol says so (C8)


def private(ref: str) -> bool:
    """A rating of the work together, which was not given for her therapist to read (C8)."""
    try:
        construct = assessments.instrument(ref.partition(".")[0].removeprefix("demo:")).construct or ""
    except AccordError:
        return False
    return any(word in construct.lower() for word in PRIVATE)


def may_see_alliance(way: Episode | None) -> bool:
    """Whether the protocol, her consent and the time let her ratings stand on her therapist's page (C8)."""
    return way is not None and care.alliance_visible(library.protocol(way.snapshot_id), way)


def of(person_id: uuid.UUID, *, alliance: bool) -> dict[str, list[assessments.Point]]:
    """Every score of a person that her therapist may see, by scale."""
    every = assessments.series([person_id]).get(person_id, {})
    return {ref: points for ref, points in every.items() if alliance or not private(ref)}


def shown(
    series: Mapping[str, list[assessments.Point]], most: int = OUTCOMES
) -> list[tuple[str, list[assessments.Point]]]:
    """The outcomes of which there is most to see: the service's first ones, then those with the most answers."""
    known = [ref for ref in series if ref.partition(".")[0] not in ASKED_FIRST and _ranges(pictures.scale_of(ref))]
    order = sorted(known, key=lambda ref: (words.FIRST.get(ref, len(words.FIRST)), -len(series[ref]), ref))
    return [(ref, series[ref]) for ref in order[:most]]


def _ranges(scale: pictures.Scale | None) -> bool:
    """More than a yes or no."""
    return scale is not None and scale.high - scale.low > 1


def told(one: Any) -> dict[str, list[str]]:
    """Each scale in a sentence, with how often it was answered; and what all this does not say (U19)."""
    rows = shown(one.series)
    found = [_moved(ref, points) for ref, points in rows]
    limits = (
        [_("One person's scores move by themselves from week to week. They do not say what made them move.")]
        if rows
        else []
    )
    if any(point.demo for _ref, points in rows for point in points):
        limits.append(
            _("Restricted questionnaires were shown by topic only, not in their official wording: no band and no "
              "cut-off applies to these scores.")
        )  # fmt: skip
    return {"said": found or [_("Nothing has been measured yet.")], "limits": limits}


def verdict(ref: str, points: list[assessments.Point]) -> Verdict | None:
    """Whether a scale moved by more than her own ordinary variation."""
    instrument, _dot, name = ref.partition(".")
    scale = assessments.instrument(instrument).scales.get(name)
    if scale is None:
        return None
    return changed([point.value for point in points], scale, demo=any(point.demo for point in points))


def band(ref: str, points: list[assessments.Point]) -> tuple[float, float] | None:
    """Around her start: where a score says nothing yet. None where nothing is known of what is ordinary."""
    found, scale = verdict(ref, points), pictures.scale_of(ref)
    if found is None or found.limit is None or scale is None:
        return None
    return max(found.start - found.limit, scale.low), min(found.start + found.limit, scale.high)


def _moved(ref: str, points: list[assessments.Point]) -> str:
    scale, found = pictures.scale_of(ref), verdict(ref, points)
    assert scale is not None
    facts = {"name": scale.name, "low": f"{scale.low:g}", "high": f"{scale.high:g}", "better": pictures.better(scale),
             "last": pictures.told(scale, points[-1].value), "first": pictures.told(scale, points[0].value),
             "n": len(points), "said": _claim(found, scale)}  # fmt: skip
    if len(points) == 1:
        return _("%(name)s: %(last)s (%(low)s–%(high)s, %(better)s; answered once).") % facts
    return (
        _("%(name)s: %(first)s at first, %(last)s now: %(said)s (%(low)s–%(high)s, %(better)s; %(n)s answers).") % facts
    )


def _claim(found: Verdict | None, scale: pictures.Scale) -> str:
    """What may be said of a change; in doubt nothing (C38)."""
    kind = found.kind if found else "unknown"
    if found is None or kind in ("unknown", "first") or found.limit is None:
        return _("too little is known to call it a change")
    limit = f"{found.limit:.1f}"
    if kind == "same":
        return _("about the same so far, since up to %(n)s either way is ordinary") % {"n": limit}
    text = (
        _("better by more than the ordinary %(n)s") if kind == "better" else _("worse by more than the ordinary %(n)s")
    )
    return text % {"n": limit}


# ---------------------------------------------------------------------------------------------------- one asking


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


def name_of(asked: Assessment) -> str:
    """What an asking is called."""
    name = str(words.TIME_POINTS.get(asked.time_point, asked.time_point.replace("_", " ").capitalize()))
    return f"{name} {asked.occasion}" if asked.occasion else name


def sent(asker: Asker, asked: Assessment, *, alliance: bool) -> tuple[str, datetime | None, bool, list[Measured]]:
    """An assessment that was sent: its name, when, whether a wording was not the official one (C6), its scores."""
    every = assessments.scores(asker, asked)
    found = [one for one in every if alliance or not private(f"{one.instrument}.{one.scale}")]
    demo = any(score.instrument.startswith("demo:") for score in found)
    return name_of(asked), asked.submitted_at, demo, [_one(score) for score in found]


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
