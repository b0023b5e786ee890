"""What a protocol can say: the schema of `content/protocols/<slug>.yaml`.

A protocol is one file that a trialist and an ethics board can read and that the service, the simulator and the
analysis run. Shapes only: what must hold between clauses (anchors, safety, marks, burden) is in `check/`. The parts
stand in `clause.py` (marks, windows), `delivery.py`, `judging.py` and `invented.py`; all their names are here.
"""

# ruff: noqa: RUF012 (pydantic copies a default for each object; ruff cannot see that through an imported base)

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.science.protocols.clause import (
    INFORMANTS,
    Channel,
    Clause,
    Informant,
    Mode,
    ModelName,
    Name,
    Percent,
    ScaleRef,
    Share,
    Slug,
    Source,
    Window,
)
from accord.science.protocols.delivery import (
    AllianceVisibility,
    Allocation,
    Anchor,
    Arm,
    Asked,
    AttunementVisibility,
    CohesionVisibility,
    Consent,
    ConsentScopes,
    ContactPlan,
    Criterion,
    Deterioration,
    Factor,
    GroupSize,
    Population,
    Recordings,
    ReferenceGroup,
    Referral,
    Rule,
    Safety,
    Stage,
    TimePoint,
    Visibility,
    WaitingList,
)
from accord.science.protocols.invented import (
    Simulate,
    SimulatedAssociation,
    SimulatedCluster,
    SimulatedMarker,
    SimulatedMinutes,
    SimulatedScale,
)
from accord.science.protocols.judging import (
    Analysis,
    Association,
    Benchmark,
    Biomarker,
    Contrast,
    Costs,
    Course,
    Endpoint,
    Endpoints,
    Mechanism,
    Missing,
    Multiplicity,
    Published,
    PublishedShare,
    Responder,
    SampleSize,
    VarianceShare,
)

__all__ = [
    "INFORMANTS", "AllianceVisibility", "Allocation", "Analysis", "Anchor", "Arm", "Asked", "Association",
    "AttunementVisibility", "Benchmark", "Biomarker", "Channel", "Clause", "CohesionVisibility", "Consent",
    "ConsentScopes", "ContactPlan", "Contrast", "Costs", "Course", "Criterion", "Deterioration", "Endpoint",
    "Endpoints", "Factor", "GroupSize", "Informant", "Mechanism", "Missing", "Mode", "ModelName", "Multiplicity",
    "Name", "Percent", "Population", "Protocol", "Published", "PublishedShare", "Recordings", "ReferenceGroup",
    "Referral", "Responder", "Rule", "Safety", "SampleSize", "ScaleRef", "Share", "Simulate",
    "SimulatedAssociation", "SimulatedCluster", "SimulatedMarker", "SimulatedMinutes", "SimulatedScale", "Slug",
    "Source", "Stage", "TimePoint", "VarianceShare", "Visibility", "WaitingList", "Window",
]  # fmt: skip


class Protocol(Clause):
    protocol: Slug
    version: int = Field(ge=1)
    title: str
    kind: Literal["routine-care", "single-arm", "randomised", "observational"]
    status: Literal["draft", "signed", "retrospective"] = "draft"  # retrospective: judges data that exist already
    summary: str
    sources: dict[Name, Source]
    registration: str | None = None
    ethics: str | None = None
    amendments: list[str] = []
    consent: Consent
    referral: Referral | None = None
    stages: dict[Name, Stage] = {}
    letters: list[str] = []
    discharge: list[str] = []
    onward: list[str] = []
    population: Population
    arms: dict[Name, Arm] = Field(min_length=1)
    factors: dict[Name, Factor] = {}
    add_to: Slug | None = None
    matched_on: list[str] = []
    nesting: list[Literal["patient", "group", "facilitator", "therapist", "site"]] = []
    allocation: Allocation | None = None
    schedule: dict[Name, TimePoint]
    always: Asked = Asked()
    minimum: list[Name] = []
    recordings: Recordings | None = None
    safety: Safety
    visibility: Visibility = Visibility()
    endpoints: Endpoints
    analysis: Analysis
    sample_size: SampleSize
    simulate: Simulate | None = None

    @property
    def slug(self) -> str:
        return self.protocol
