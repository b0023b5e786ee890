"""What a protocol says of delivery: people, arms, allocation, schedule, recordings, safety, who sees what."""

# ruff: noqa: RUF012 (pydantic copies a default for each object; ruff cannot see that through an imported base)

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from accord.science.protocols.clause import MOST_DAYS, Channel, Clause, Mode, Name, ScaleRef, Slug, Window, window

# --- population and consent -------------------------------------------------------------------------------------


class ConsentScopes(Clause):
    scopes: list[str]


class Consent(Clause):
    patient: ConsentScopes
    therapist: ConsentScopes | None = None


class Criterion(Clause):
    """An eligibility question, the rule its `answer` must meet, and the kind words for who does not meet it."""

    ask: Name
    rule: str
    otherwise: str


class ReferenceGroup(Clause):
    """People measured but not treated, for example free of pain (C28)."""

    label: str
    size: int = Field(ge=1)
    measured: list[str] = []


class Population(Clause):
    target: int = Field(ge=1, le=10_000_000, description="people to be enrolled")
    description: str
    eligible_if: list[Criterion] = []
    ask_first: list[Name] = ["contact", "where_you_are"]
    red_flags: Literal["default", "none"] = "default"
    background: list[Name] = []
    reference_group: ReferenceGroup | None = None


class Referral(Clause):
    sources: list[Name]
    self_referral: bool
    acknowledgement_hours: int = Field(ge=1, le=1000)


class Stage(Clause):
    """A step of the funnel with its definition. `rule` reads facts of one person (see docs/reference/protocols)."""

    label: str
    rule: str
    of: Name | None = None  # the stage whose people are the denominator; default: the one before


# --- arms and allocation ----------------------------------------------------------------------------------------


class ContactPlan(Clause):
    mode: Mode
    channels: list[Channel] = []
    sessions: int | None = Field(default=None, ge=1, le=500)
    minutes: float | None = Field(default=None, ge=0, description="planned therapist minutes per contact")
    every_days: int | None = Field(default=None, ge=1, le=365)
    reply_within_hours: int | None = Field(default=None, ge=1, le=1000)


class WaitingList(Clause):
    until: Name
    then: str
    safety: Literal["same"] = "same"


class GroupSize(BaseModel):
    """Members of a group; written `8-12`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    smallest: int = Field(ge=2, le=100)
    largest: int = Field(ge=2, le=100)

    @model_validator(mode="after")
    def _ordered(self) -> GroupSize:
        if self.largest < self.smallest:
            raise ValueError(f"a group's largest size is below its smallest: {self.smallest}-{self.largest}")
        return self


class Arm(Clause):
    label: str
    programme: Slug | None = None
    format: Literal["individual", "group", "self-guided", "none"] = "individual"
    group_size: GroupSize | None = None
    contact: ContactPlan
    role: Literal["treatment", "active-control", "waiting-list", "usual-care"] = "treatment"
    levels: dict[Name, Name] = {}  # factorial: factor -> level
    modules: list[Name] = []  # which parts of the programme are on; empty = all
    length: Name | None = None  # which length of the programme; default: its first
    waiting_list: WaitingList | None = None

    @field_validator("group_size", mode="before")
    @classmethod
    def _size(cls, value: object) -> object:
        if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,3})-(\d{1,3})", value.strip())):
            return {"smallest": int(match[1]), "largest": int(match[2])}
        if value is not None and not isinstance(value, dict):
            raise ValueError("write the size of groups as smallest-largest, for example 8-12")
        return value


class Factor(Clause):
    label: str
    levels: dict[Name, str]  # level -> label
    reference: Name


class Allocation(Clause):
    """Block sizes and seed are not here: they lie in the sealed secret (C23)."""

    method: Literal["simple", "permuted-blocks", "minimisation"]
    ratio: dict[Name, Annotated[int, Field(ge=1, le=20)]]
    strata: list[Name] = []
    minimise_over: list[Name] = []
    random_element: float | None = Field(default=None, gt=0.5, le=0.8)  # C30
    in_batches_of: Literal["one", "two-groups"] = "one"
    conceal_until: str
    blind: list[Literal["patient", "therapist", "assessor", "statistician"]] = []


# --- schedule ---------------------------------------------------------------------------------------------------

Anchor = Annotated[
    str,
    StringConstraints(
        pattern=r"^(referral|enrolment|allocation|treatment-start|group-start|group-end|calendar|session:\d{1,3})$"
    ),
]


class Asked(Clause):
    """Which instruments each informant answers; `laboratory` and `recordings` are not instruments."""

    patient: list[Name] = []
    therapist: list[Name] = []
    assessor: list[Name] = []
    observer: list[Name] = []
    leader: list[Name] = []
    member: list[Name] = []
    record: list[Name] = []
    laboratory: list[Name] = []


class TimePoint(Asked):
    label: str = ""
    anchor: Anchor
    days: Annotated[Window, Field(description="window from the anchor")]
    every: int | None = Field(default=None, ge=1, le=366, description="repeated every so many days …")
    times: int | None = Field(default=None, ge=1, le=400, description="… so many times, named <time_point>_1, _2 …")
    arms: list[Name] = []  # only these arms; empty: everybody
    same_as: Name | None = None
    plus: Asked | None = None
    without: list[Name] = []
    minimum: list[Name] = []
    repeat_if_older_than: int | None = Field(default=None, ge=0, le=MOST_DAYS)
    split_over_days: int = Field(default=1, ge=1, le=14)
    informs: Literal["assessment", "monitoring"] = "assessment"

    @field_validator("days", mode="before")
    @classmethod
    def _days(cls, value: object) -> object:
        return window(value)


class Recordings(Clause):
    at: list[Name]
    who: list[Literal["patient", "therapist"]]
    signals: list[str]
    phases: list[str]
    primary_index: str
    quality: str
    consent: str
    profile_at: Name | None = None


# --- safety and visibility --------------------------------------------------------------------------------------


class Deterioration(Clause):
    scales: list[ScaleRef] = Field(max_length=2)  # C16: at most two
    occasions: int = Field(default=2, ge=1)
    threshold: dict[ScaleRef, float] = {}  # points; default: the scale's own reliable change
    convention: dict[ScaleRef, str] = {}  # whose convention a threshold is (C16)
    large_step: float | None = None  # in baseline SDs, counts on one occasion


class Rule(Clause):
    """A further safety rule of this protocol, beside the ladder."""

    rule: str
    tier: Name
    unknown: Name


class Safety(Clause):
    ladder: str  # name@version
    deterioration: Deterioration | None = None
    rules: dict[Name, Rule] = {}
    stop: dict[Literal["participant", "study"], str] = {}
    pause: str = ""


class AllianceVisibility(Clause):
    therapist_sees: Literal["never", "after-episode", "with-consent"]
    rupture_prompt: Literal["off", "patient", "supervisor", "therapist"]


class CohesionVisibility(Clause):
    leader_sees: Literal["never", "level-and-spread"]
    from_raters: int = Field(default=4, ge=4)


class AttunementVisibility(Clause):
    therapist_sees: Literal["never", "after-episode", "with-consent"]
    patient_sees: Literal["never", "after-episode", "with-consent"]


class Visibility(Clause):
    alliance: AllianceVisibility | None = None
    cohesion: CohesionVisibility | None = None
    attunement: AttunementVisibility | None = None
