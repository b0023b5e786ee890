"""Decisions of this room: plain values in, plain values out; no Django, no clock.

An assessment asks a frozen list: ids of instruments, and single questions as `questions:<id>`. Laid out, it is a row of
slots, one page each, numbered from 1; the number is the page's address and never tells what is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from accord.science.conditions import Decision, decide
from accord.science.instruments import Instrument, Item
from accord.science.programmes import Question
from accord.science.protocols.ladder import Ladder, Outcome, tier_of

QUESTIONS = "questions"
SAFETY, RED_FLAGS, MOOD = "safety_check", "red_flags", "phq_9"
OWN, TOPICS = "own", "topics only"  # what was shown besides a wording pack: our own words; number and topic alone
OFFICIAL = "pack "  # the mark of a wording pack in `wordings`, followed by its language and version

FLAGS = tuple(f"item_{number}" for number in range(1, 9))
FIRST_QUESTIONS = ((SAFETY, "item_1"), (MOOD, "item_9"))  # they decide whether there is something to wait for
# A question that would be asked twice: the second is left out where the first is asked, and takes its answer.
SAME = {(RED_FLAGS, "doctor_seen"): (QUESTIONS, "pain_seen_by_doctor")}
SAME_ANSWER = {"yes": 1, "no": 0}
# Questions that are asked once more when they are left out (C2, C9), with the text that says so.
ASKED_AGAIN = {(SAFETY, "item_1"): "safety-ask-again"} | {(RED_FLAGS, item): "red-flags-ask-again" for item in FLAGS}

Key = tuple[str, str]  # (instrument, item)


@dataclass(frozen=True, slots=True)
class Slot:
    """One question of an assessment: its page number, its place, and what it is made from."""

    number: int
    instrument: str
    item: str
    definition: Item | Question
    asked_if: str | None = None

    @property
    def key(self) -> Key:
        return self.instrument, self.item


def lay_out(
    asked: Sequence[str], instruments: Callable[[str], Instrument], questions: Callable[[], Mapping[str, Question]]
) -> tuple[Slot, ...]:
    """Every question of an assessment in order, those included that are asked only after a certain answer."""
    slots: list[Slot] = []
    for name in asked:
        kind, _, question = name.partition(":")
        if kind == QUESTIONS:
            slots.append(Slot(len(slots) + 1, QUESTIONS, question, questions()[question]))
            continue
        for item in instruments(name).items:
            if ":".join(SAME.get((name, item.id), ())) in asked:
                continue
            slots.append(Slot(len(slots) + 1, name, item.id, item, item.asked_if))
    return tuple(slots)


def shown(slots: Sequence[Slot], values: Mapping[Key, object]) -> list[Slot]:
    """The questions that are to be asked now: a condition that is no or unknown keeps its question away."""
    return [slot for slot in slots if slot.asked_if is None or _holds(slot, values)]


def _holds(slot: Slot, values: Mapping[Key, object]) -> bool:
    record = {item: value for (instrument, item), value in values.items() if instrument == slot.instrument}
    return decide(slot.asked_if or "", record) is Decision.YES


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored for one question: the value (None: left out) and how often it was stored."""

    value: object
    revision: int


def is_open(slot: Slot, held: Mapping[Key, Held]) -> bool:
    """Not answered yet; or left out for the first time where the question is asked once more."""
    found = held.get(slot.key)
    return found is None or (slot.key in ASKED_AGAIN and found.value is None and found.revision == 1)


def next_open(slots: Sequence[Slot], held: Mapping[Key, Held], after: int = 0) -> Slot | None:
    """The next open question from page `after` on, then from the beginning; None when everything was asked."""
    values = {key: found.value for key, found in held.items()}
    waiting = [slot for slot in shown(slots, values) if is_open(slot, held)]
    return next((slot for slot in waiting if slot.number >= after), waiting[0] if waiting else None)


@dataclass(frozen=True, slots=True)
class Progress:
    """`place` of `of`: where a page stands among the questions that are asked; `answered` of them are done."""

    place: int
    of: int
    answered: int

    @property
    def left(self) -> int:
        return self.of - self.answered


def progress(slots: Sequence[Slot], held: Mapping[Key, Held], number: int) -> Progress:
    """Counts over the questions that are asked: follow-ups count once they are asked."""
    asked = shown(slots, {key: found.value for key, found in held.items()})
    place = next((at for at, slot in enumerate(asked, start=1) if slot.number == number), 0)
    return Progress(place, len(asked), sum(not is_open(slot, held) for slot in asked))


def neighbour(slots: Sequence[Slot], held: Mapping[Key, Held], number: int) -> int | None:
    """The page before this one, or None on the first."""
    asked = shown(slots, {key: found.value for key, found in held.items()})
    return max((slot.number for slot in asked if slot.number < number), default=None)


# --- facts for the safety ladder ----------------------------------------------------------------------------------


def safety_facts(
    held: Mapping[Key, Held],
    *,
    minutes: float | None,
    previous: Mapping[Key, object],
    official: bool,
    total: float | None,
) -> dict[str, object]:
    """What one assessment says to the ladder, under the names that its `facts` declare.

    `minutes` since the first safety question was answered; `previous` the answers of the time before; `official` that a
    PHQ-9 was asked in its official wording (C6: no other feeds the ladder); `total` its total as far as it is scored.
    A question that was not asked, or left out, is absent: unknown.
    """
    facts: dict[str, object] = {
        f"{SAFETY}.asked": (SAFETY, "item_1") in held,
        f"{RED_FLAGS}.asked": any((RED_FLAGS, item) in held for item in FLAGS),
        f"{MOOD}.asked": official and (MOOD, "item_9") in held,
    }
    for number in range(1, 5):
        facts[f"{SAFETY}.item_{number}"] = _value(held, (SAFETY, f"item_{number}"))
    if facts[f"{MOOD}.asked"]:
        facts[f"{MOOD}.item_9"] = _value(held, (MOOD, "item_9"))
        facts[f"{MOOD}.total"] = total
    facts["follow_up_minutes"] = minutes
    facts[f"{RED_FLAGS}.any"] = any_flag(
        {item: held[RED_FLAGS, item].value for item in FLAGS if (RED_FLAGS, item) in held}
    )
    for key in ((SAFETY, "item_1"), (MOOD, "item_9")):
        facts[f"previous.{key[0]}.{key[1]}"] = previous.get(key)
    return {name: value for name, value in facts.items() if value is not None}


def _value(held: Mapping[Key, Held], key: Key) -> object:
    return held[key].value if key in held else None


def any_flag(answers: Mapping[str, object]) -> bool | None:
    """Yes when one red flag was answered yes; no when all eight were answered no; unknown otherwise."""
    if any(value == 1 for value in answers.values()):
        return True
    return False if [answers.get(item) for item in FLAGS] == [0] * len(FLAGS) else None


# The tier of an answer whose rules could not be decided: the answer is kept and a person looks at it (P11).
FAIL_SAFE = Outcome("r2", ("The rules could not be decided for this answer; read it yourself.",), "r2", True)
FAIL_SAFE_SCREENS = ("safety-crisis-page", "safety-follow-up", "safety-plan")
TRACKS = {SAFETY: ("risk",), MOOD: ("risk",), RED_FLAGS: ("health",)}  # what an answer of an instrument may change


@dataclass(frozen=True, slots=True)
class Decided:
    """What the ladder said on one track; `ladder` is None when the rules failed and the fail-safe stands in."""

    track: str
    outcome: Outcome
    ladder: Ladder | None


def decided(ladder: Ladder | None, record: Mapping[str, object] | None, track: str) -> Decided:
    """What the ladder says, and the ladder that said it; the fail-safe, with no ladder, when one of them is missing or
    fails. Never raises."""
    if ladder is not None and record is not None:
        try:
            return Decided(track, tier_of(ladder, record, track=track), ladder)
        except Exception:  # whatever it was, the answer is kept and somebody is told
            return Decided(track, FAIL_SAFE, None)
    return Decided(track, FAIL_SAFE, None)


def tracks_asked(held: Mapping[Key, Held], *, official: bool) -> list[str]:
    """The tracks of which an assessment says something so far: nothing asked is not the same as nothing wrong."""
    mood = official and held.get((MOOD, "item_9"), Held(0, 0)).value not in (0, None)
    risk = (SAFETY, "item_1") in held or mood
    health = any((RED_FLAGS, item) in held for item in FLAGS)
    return ["risk"] * risk + ["health"] * health


def to_be_told(outcome: Outcome, *, finished: bool, left_out_again: bool) -> bool:
    """A tier is told at once; a question left out once it was asked again, or the assessment was sent (C2)."""
    return outcome.clock is None or outcome.tier != "unknown" or finished or left_out_again


def screens_of(one: Decided) -> tuple[str, ...]:
    """The texts to be shown at once for a tier; a question that was left out shows none."""
    if one.ladder is None:
        return FAIL_SAFE_SCREENS
    if one.outcome.tier in ("none", "unknown"):
        return ()
    return tuple(one.ladder.tiers[one.outcome.clock or one.outcome.tier].screen)
