"""The kinds of block a lesson is made of, and what each must say in its head.

A block stands in Markdown as a container:

    ::: exercise my_reasons
    fields:
      why: {ask: What would you like more of?, kind: long_text}
    ---
    Words that the person reads.
    :::

What is between the first line and `---` is YAML, checked by the model of its kind; the rest is Markdown.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic import Field as Limited

from accord.science.conditions import Field, Kind

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=600)]


class Head(BaseModel):
    """What every block may say: for whom it is shown, and why, in words that the person can read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    show_if: str | None = None
    because: Sentence | None = None
    otherwise: Id | None = None  # the block of the same lesson that stands in when this one is not shown

    @model_validator(mode="after")
    def _reason(self) -> Head:
        if self.show_if is not None and self.because is None:
            raise ValueError("a block with show_if says why in because:, as the person will read it")
        return self


class Answer(BaseModel):
    """A field whose answer is saved. All answers are free to be left out."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: Sentence
    kind: Literal["text", "long_text", "number", "scale", "choice", "choices", "yes_no", "date"]
    options: dict[Id, Sentence] = {}
    low: float | None = None
    high: float | None = None
    ends: tuple[Sentence, Sentence] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Answer:
        if (self.kind in ("choice", "choices")) != bool(self.options):
            raise ValueError("choice and choices, and only these, have options")
        if self.kind == "scale" and (self.low is None or self.high is None or self.ends is None):
            raise ValueError("a scale has low, high and ends: [words for the lowest, words for the highest]")
        return self

    def field(self) -> Field:
        """How conditions see the answer."""
        kinds: dict[str, Kind] = {
            "number": "number", "scale": "number", "choice": "text", "choices": "choices", "yes_no": "bool",
        }  # fmt: skip
        return Field(kinds.get(self.kind, "text"), self.low, self.high, tuple(self.options))


class Text(Head):
    """Words."""


class Story(Head):
    """A person who is not real, and what she did; with what she lives."""

    person: Sentence
    about: list[Id] = Limited(min_length=1)


class Saved(Head):
    """Anything whose answers are kept."""

    fields: dict[Id, Answer] = Limited(min_length=1)


class Exercise(Saved):
    """A task with saved answers."""


class ThoughtRecord(Saved):
    """A thought looked at. It is a choice of ways, one of them to let the thought be there (`accept`)."""

    ways: dict[Id, Sentence] = Limited(min_length=2)

    @model_validator(mode="after")
    def _choice(self) -> ThoughtRecord:
        if "accept" not in self.ways:
            raise ValueError("a thought record offers a way called accept: letting the thought be there")
        return self


class ActivityPlanner(Head):
    """A week of small planned steps."""

    days: int = Limited(default=7, ge=1, le=14)
    kinds: dict[Id, Sentence] = Limited(min_length=1)


class ExposureLadder(Head):
    """Planned steps towards what is avoided; behind the red-flag gate, with a version for low energy (C9)."""

    gate: Literal["red_flags"]
    energy_version: Id  # the block for who feels much worse after small effort: no ladder that climbs by itself
    steps: int = Limited(default=8, ge=3, le=15)


class Guide(Head):
    """A page to print."""

    title: Sentence


class PracticeBlock(Head):
    """A scripted, timed practice; its cues begin paragraphs as **m:ss**."""

    practice: Id


class PracticeLog(Head):
    """What was practised, and how it was; never a streak."""

    practices: list[Id] = Limited(min_length=1)
    days: int = Limited(default=7, ge=1, le=31)


class QuizQuestion(BaseModel):
    """A question to think with. Every option gets words back; nothing is counted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: Sentence
    options: dict[Id, Sentence] = Limited(min_length=2)
    reply: dict[Id, Sentence]

    @model_validator(mode="after")
    def _each_has_a_reply(self) -> QuizQuestion:
        if set(self.reply) != set(self.options):
            raise ValueError("every option has a reply of the same name, and no other")
        return self


class Quiz(Head):
    """Questions that teach and do not score."""

    questions: list[QuizQuestion] = Limited(min_length=1)


class Values(Saved):
    """What matters to the person, in her own words."""


class FlarePlan(Saved):
    """The person's own plan for a flare: one very small step by the clock, then rest (C7)."""

    @model_validator(mode="after")
    def _small_step(self) -> FlarePlan:
        if "small_step" not in self.fields:
            raise ValueError("a flare plan has a field small_step: one very small planned step, by the clock")
        return self


class RelapsePlan(Saved):
    """How to keep what was gained."""


class CheckIn(Head):
    """Where the lesson hands over to the questionnaires that the protocol asks for that week."""

    asks: list[Id] = Limited(min_length=1)


class Message(Head):
    """A message of the week. One from the therapist has gaps `[[…]]` that make it personal before it is sent."""

    day: int = Limited(ge=0, le=365)  # days after the lesson opened
    sender: Literal["service", "therapist"]
    subject: Sentence


KINDS: dict[str, type[Head]] = {
    "text": Text, "story": Story, "exercise": Exercise, "thought_record": ThoughtRecord,
    "activity_planner": ActivityPlanner, "exposure_ladder": ExposureLadder, "guide": Guide, "practice": PracticeBlock,
    "practice_log": PracticeLog, "quiz": Quiz, "values": Values, "flare_plan": FlarePlan, "relapse_plan": RelapsePlan,
    "check_in": CheckIn, "message": Message,
}  # fmt: skip
