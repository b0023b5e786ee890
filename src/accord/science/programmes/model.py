"""What a programme can say: the schema of `content/programmes/<slug>/programme.yaml`.

Shapes only; what must hold between the parts is in `check.py`. Marks as in protocols (C35): `source: key` says where
a clause was read, `assumed: all` that it was read nowhere, `assumed: [field, …]` names the fields of a sourced clause
that were not; a mark holds for everything below it that has none of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PrivateAttr, StringConstraints, model_validator
from pydantic import Field as Limited

from accord.science.conditions import Field
from accord.science.programmes.blocks import KINDS, Id, Sentence
from accord.science.programmes.lesson_text import LessonText

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
FactName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*$", max_length=80)]
Date = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d{2}-\d{2}$")]
Status = Literal["outline", "draft", "published"]


class Clause(BaseModel):
    """A mapping of a programme: typo-proof, immutable, and marked with where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str | None = None
    assumed: Literal["all"] | list[str] | None = None


class Source(BaseModel):
    """A publication that clauses refer to by its key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    citation: str
    doi: str | None = None
    read: Literal["full", "abstract", "excerpt", "not read"]
    note: str = ""


class Review(BaseModel):
    """One kind of reading by somebody who did not write it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: Literal["not reviewed", "reviewed"]
    by: str | None = None
    date: Date | None = None
    note: str = ""

    @model_validator(mode="after")
    def _signed(self) -> Review:
        if self.state == "reviewed" and not (self.by and self.date):
            raise ValueError("a review names who (by) and when (date)")
        return self


class Reviews(BaseModel):
    """The review record (C11): what a programme needs before it is published."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    clinical: Review
    lived_experience: Review
    language: Review


class Fact(BaseModel):
    """A value about the person that rules of this programme read; the service or the simulator supplies it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["number", "text", "bool", "choices"]
    label: Sentence
    low: float | None = None
    high: float | None = None
    options: list[str] = []

    def field(self) -> Field:
        return Field(self.kind, self.low, self.high, tuple(self.options))


# --- unlocking --------------------------------------------------------------------------------------------------


class Requirement(BaseModel):
    """One thing that must be so before a lesson opens. Exactly one of the five ways to say it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    on_day: int | None = Limited(default=None, ge=0, le=1000)  # days after the anchor `of`
    step: int | None = Limited(default=None, ge=1, le=60)  # the n-th step of the programme's length, counted from `of`
    of: Id | None = None
    completed: Id | None = None  # a lesson
    days_later: int = Limited(default=0, ge=0, le=365)
    reply_to: Id | None = None  # a lesson: the therapist has answered
    rule: str | None = None
    because: Sentence | None = None  # why it is shut when the rule says no
    unknown: Sentence | None = None  # what to do when it cannot be told
    any_of: list[Requirement] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Requirement:
        ways = [self.on_day, self.step, self.completed, self.reply_to, self.rule, self.any_of]
        if sum(way is not None for way in ways) != 1:
            raise ValueError("say exactly one of on_day, step, completed, reply_to, rule, any_of")
        if (self.on_day is not None or self.step is not None) != (self.of is not None):
            raise ValueError("on_day and step, and only these, name their anchor: of")
        if self.rule is not None and not (self.because and self.unknown):
            raise ValueError("a rule says because (when it is no) and unknown (when it cannot be told), in plain words")
        return self


# --- parts ------------------------------------------------------------------------------------------------------


class Module(Clause):
    """A group of lessons that a protocol can switch on or off."""

    title: Sentence
    aim: Sentence
    core: bool = True  # a core module is in every version


class Lesson(Clause):
    """A lesson that is read, or a session that is held."""

    id: Id
    title: Sentence
    aim: Sentence
    module: Id
    status: Status = "outline"
    form: Literal["lesson", "individual_session", "group_session"] = "lesson"
    minutes: int = Limited(ge=5, le=240)
    file: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*\.md$")] | None = None
    blocks: list[str] = []  # what is planned, while it is an outline
    practices: list[Id] = []
    opens: list[Requirement] = []

    @model_validator(mode="after")
    def _written(self) -> Lesson:
        if (self.status == "outline") == (self.file is not None):
            raise ValueError("an outline has no file, and everything else has one")
        if unknown := [kind for kind in self.blocks if kind not in KINDS]:
            raise ValueError(f"there is no block called {unknown[0]!r}; there are {', '.join(KINDS)}")
        return self


class HarmText(BaseModel):
    """What stands beside every practice (C10)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    eyes: Sentence
    anchors: Sentence  # sound and movement instead of breath
    stop: Sentence
    frightening: Sentence
    grounding: list[Sentence] = Limited(min_length=2)
    person: Sentence  # how to reach somebody


class PartialHarmText(BaseModel):
    """What one practice says otherwise than the programme."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    eyes: Sentence | None = None
    anchors: Sentence | None = None
    stop: Sentence | None = None
    frightening: Sentence | None = None
    grounding: list[Sentence] | None = Limited(default=None, min_length=2)
    person: Sentence | None = None


class Screen(BaseModel):
    """Before a body practice: what is asked, and what somebody is offered instead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    because: Sentence
    alternative: Id


class Practice(Clause):
    """Something that is done and repeated."""

    title: Sentence
    aim: Sentence
    minutes: int = Limited(ge=1, le=90)
    kind: Literal["breath", "body", "imagery", "attention", "movement", "compassion", "relaxation", "activity", "sound"]
    days_a_week: int = Limited(ge=1, le=7)
    harm: PartialHarmText | None = None
    screen: Screen | None = None
    facilitator_notes: str = ""

    @property
    def of_the_body(self) -> bool:
        """Practices that turn towards body, breath or inner pictures; they need a screen (C10)."""
        return self.kind in ("breath", "body", "imagery", "compassion", "relaxation")


class Length(Clause):
    """A version of the programme by its duration: how many days lie between two steps."""

    label: Sentence
    weeks: int = Limited(ge=0, le=104)  # 0: as long as the protocol says
    days_between: int = Limited(ge=1, le=60)


class Contamination(BaseModel):
    """Words kept out of every text of the programme, so that two arms of a trial do not blur."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: list[str] = Limited(min_length=1)
    because: str


class Writing(BaseModel):
    """What a written lesson keeps to."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reading_age: float = Limited(ge=6, le=18)
    words: tuple[int, int] | None = None
    parts: tuple[int, int] | None = None
    minutes_a_part: tuple[int, int] | None = None


class Programme(Clause):
    """A programme: modules, lessons or sessions, practices, and what must be known about them."""

    programme: Id
    version: int = Limited(ge=1)
    title: Sentence
    summary: Sentence
    status: Status
    language: Literal["en"] = "en"
    untested: bool = True  # False only for the very programme that a source tested
    near_to: str | None = None  # the source whose treatment it is near to, or None
    sources: dict[Id, Source] = {}
    review: Reviews
    qualification: str = ""  # who may deliver it
    stop_rules: list[str] = []
    notes: list[str] = []
    anchors: dict[Id, Sentence] = {}
    lengths: dict[Id, Length]
    facts: dict[FactName, Fact] = {}
    modules: dict[Id, Module] = {}
    lessons: list[Lesson] = []
    practices: dict[Id, Practice] = {}
    practice_safety: HarmText | None = None
    contamination: Contamination | None = None
    writing: Writing = Writing(reading_age=12)

    _texts: dict[str, LessonText] = PrivateAttr(default_factory=dict)

    @property
    def claim(self) -> str:
        """The sentence that stands on every page, sheet and report of the programme (C11)."""
        if not self.lessons:
            return "No programme of ours is given here."
        if not self.untested:
            return f"This is the programme that was tested in {self._near()}."
        if self.near_to is None:
            return "Our own programme. It has not been tested."
        return f"Our own programme. It is not the one tested in {self._near()}; what was found there may not hold here."

    def _near(self) -> str:
        source = self.sources.get(self.near_to or "")
        return source.citation.split(".")[0] if source else str(self.near_to)

    @property
    def review_line(self) -> str:
        """What stands beside the title: 'draft, not clinically reviewed' until somebody has signed."""
        clinical = self.review.clinical
        if clinical.state == "reviewed":
            return f"clinically reviewed by {clinical.by} on {clinical.date}"
        return f"{self.status}, not clinically reviewed"

    def lesson(self, lesson_id: str) -> Lesson:
        """The lesson of an id; KeyError when there is none."""
        return next((lesson for lesson in self.lessons if lesson.id == lesson_id), None) or _no(lesson_id)

    def in_modules(self, modules: Sequence[str] | None = None) -> list[Lesson]:
        """The lessons of these modules, in order; None means all. How a factorial switches parts on and off."""
        return [lesson for lesson in self.lessons if modules is None or lesson.module in modules]

    def core_modules(self) -> list[str]:
        """The modules that are in every version."""
        return [name for name, module in self.modules.items() if module.core]

    def text(self, lesson_id: str) -> LessonText | None:
        """The lesson as written, None for an outline."""
        return self._texts.get(lesson_id)

    def harm_text(self, practice_id: str) -> HarmText:
        """What stands beside a practice (C10): the programme's words, with the practice's own in their place."""
        own = self.practices[practice_id].harm
        base = self.practice_safety.model_dump() if self.practice_safety else {}
        return HarmText.model_validate(base | (own.model_dump(exclude_none=True) if own else {}))

    def fields(self) -> dict[str, Field]:
        """What the conditions of this programme may read: its facts, and the answers saved in its lessons."""
        answers = {name: kind for text in self._texts.values() for name, kind in text.answers().items()}
        return {name: fact.field() for name, fact in self.facts.items()} | answers

    def requirements(self) -> Iterator[tuple[int, tuple[int, ...], Requirement]]:
        """(lesson's place, path of places, requirement) for every requirement, those within any_of included."""
        for place, lesson in enumerate(self.lessons):
            for number, requirement in enumerate(lesson.opens):
                yield place, (number,), requirement
                for inner, option in enumerate(requirement.any_of or []):
                    yield place, (number, inner), option


def _no(lesson_id: str) -> Lesson:
    raise KeyError(lesson_id)
