"""What each person of the past was asked, and her scores: invented, and never those of a real PHQ-9 (C6)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accord.science.instruments import Item
from accord.service.assessments.models import Answer, Assessment, Score
from accord.service.assessments.queries import DEMO, instrument
from accord.service.assessments.rules.occasions import number_of
from accord.service.assessments.rules.questions import QUESTIONS
from accord.service.demo.past.life import ANSWERED, Life

if TYPE_CHECKING:
    from accord.science.protocols.occasions import Occasion
    from accord.service.demo.past.histories import Fact

INVENTED = "invented"  # whose words these scores rest on: nobody's
NO_FIT = {"age": 17, "pain_months": 1, "pain_seen_by_doctor": "no"}  # what was answered by who did not fit


def write_askings(one: Life) -> None:
    _screening(one)
    for name, scores in one.scores.items():
        occasion = one.scene.occasions.get(name)
        if occasion is not None:
            _occasion(one, occasion, scores)


def _screening(one: Life) -> None:
    """The first questions, answered within a quarter of an hour."""
    asked = [rule.ask for rule in one.scene.protocol.population.eligible_if]
    known = {name: one.history.facts.get(name) for name in [*asked, *one.scene.protocol.population.background]}
    known["pain_seen_by_doctor"] = "yes"
    ended, reason, _end = one.end
    if ended == "not-eligible" and reason in NO_FIT:
        known[reason] = NO_FIT[reason]
    at = one.screened
    names = [f"{QUESTIONS}:{name}" for name in known]
    sent = one.put(
        Assessment, at, episode_id=one.episode, person_id=one.person, time_point="screening", instruments=names,
        planned=names, wordings=dict.fromkeys(names, "own"), opens_at=at, made_at=at,
        submitted_at=at + timedelta(minutes=12),
    )  # fmt: skip
    for place, (name, value) in enumerate(known.items()):
        if sent is not None and value is not None:
            _answer(one, sent, QUESTIONS, name, value, at + timedelta(seconds=30 * place))


def _answer(one: Life, asked: Assessment, name: str, item: str, value: Any, at: datetime) -> None:
    plain = int(value) if isinstance(value, float) and value.is_integer() else value
    one.put(
        Answer, at, assessment=asked, instrument=name, item=item, revision=1, key=one.scene.keys.free(), value=plain,
        at=at, by=one.person,
    )  # fmt: skip


def _occasion(one: Life, occasion: Occasion, scores: list[Fact]) -> None:
    """One asking: sent on her day, or closed unsent when its window was over; after she left nothing was asked."""
    answered = [score for score in scores if score["answered"]]
    day = max((score["day"] for score in answered), default=None)
    since = 0 if occasion.anchor == "enrolment" else one.start_day or 0
    first, last = since + occasion.window.first, since + occasion.window.last + 1
    opens = one.days.at(first if day is None else min(day, first), 0.5)
    closes = one.days.at(last if day is None else max(day + 1, last), 0.5)
    sent = None if day is None else one.days.at(day, ANSWERED if occasion.anchor == "enrolment" else 19)
    end, now = one.end[2], one.scene.now
    if opens >= end or (one.enrolled and opens < one.enrolled and occasion.name != "baseline"):
        return
    opens = max(opens, one.enrolled or opens)
    names = list(dict.fromkeys(score["instrument"] for score in scores))
    over = None if sent or min(closes, end) > now else min(closes, end)
    asked = one.put(
        Assessment, opens, episode_id=one.episode, person_id=one.person, time_point=occasion.time_point,
        occasion=number_of(occasion), instruments=names, planned=names, wordings=dict.fromkeys(names, INVENTED),
        demonstration=True, opens_at=opens, due_at=closes, closes_at=None if occasion.name == "baseline" else closes,
        made_at=opens, submitted_at=sent if sent and sent <= now else None, closed_at=over,
    )  # fmt: skip
    if asked is not None and sent is not None and sent <= now:
        _scores(one, asked, scores, sent)


def _scores(one: Life, asked: Assessment, scores: list[Fact], at: datetime) -> None:
    for score in scores:
        name, definition = score["instrument"], instrument(score["instrument"])
        one.put(
            Score, at, assessment=asked, instrument=name if definition.own else f"{DEMO}{name}", scale=score["scale"],
            version=definition.version, wording=INVENTED, value=score["value"], valid=bool(score["valid"]),
            answered=score["answered"] or 0, of=score["of"] or 0, at=at,
        )  # fmt: skip
        if one.scene.answers and score["value"] is not None and score["scale"] == getattr(definition.main, "id", ""):
            _items(one, asked, definition, score["value"], at)


def _items(one: Life, asked: Assessment, definition: Any, value: float, at: datetime) -> None:
    """An answer to each question, about as high as the score: for a clinic of full size, not for anybody's eyes."""
    scale, drawn = definition.main, one.chance(f"{asked.time_point} {asked.occasion} {definition.id}")
    high = (value - scale.minimum) / max(scale.maximum - scale.minimum, 1)
    for item in definition.items:
        if isinstance(item, Item) and item.minimum is not None and item.maximum is not None:
            middle = item.minimum + high * (item.maximum - item.minimum)
            given = max(item.minimum, min(item.maximum, round(drawn.gauss(middle, 0.5))))
            _answer(one, asked, definition.id, item.id, given, at - timedelta(minutes=5))
