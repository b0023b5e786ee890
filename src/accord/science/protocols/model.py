"""What a protocol can say: the schema of `content/protocols/<slug>.yaml`.

A protocol is one file that a trialist and an ethics board can read and that the service, the simulator and the
analysis run. Shapes only: what must hold between clauses (anchors, safety, marks, burden) is in `check/`.

Marks (C35): every mapping is a clause. `source: dear2023` says where the clause was read; `assumed: all` says that
it was read nowhere; `assumed: [field, …]` names the fields of a sourced clause that were not, or single entries of them
(`patient.hads`). A mark holds for everything below it that has no mark of its own; at the top of the file it holds
for the plain values standing there, never for the blocks.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

MOST_DAYS = 36_500  # a hundred years: beyond it a number of days is a slip of the pen

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$", max_length=60)]
ScaleRef = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]
Percent = Annotated[str, StringConstraints(pattern=r"^\d{1,3}%$")]
Share = Annotated[float, Field(ge=0, le=1)]
Informant = Literal["patient", "therapist", "assessor", "observer", "leader", "member", "record"]
INFORMANTS: tuple[Informant, ...] = ("patient", "therapist", "assessor", "observer", "leader", "member", "record")
Mode = Literal["none", "asynchronous", "synchronous", "mixed"]
ModelName = Literal["mmrm", "constrained-mmrm", "ancova", "ancova-cluster-cr2", "ancova-fixed", "gee", "gee-gamma-log"]
Channel = Literal["message", "phone", "video", "in_person", "group"]


class Clause(BaseModel):
    """A mapping of a protocol: typo-proof, immutable, and marked with where it comes from."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    source: str | None = None
    where: str | None = None  # page, section or table of the source
    assumed: Literal["all"] | list[str] | None = None


class Window(BaseModel):
    """Days from an anchor, both ends included; written `0..28`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: int = Field(ge=-MOST_DAYS, le=MOST_DAYS)
    last: int = Field(ge=-MOST_DAYS, le=MOST_DAYS)

    @model_validator(mode="after")
    def _forwards(self) -> Window:
        if self.last < self.first:
            raise ValueError(f"a window ends before it begins: {self.first}..{self.last}")
        return self

    @property
    def middle(self) -> int:
        return (self.first + self.last) // 2


def _window(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return {"first": value, "last": value}
    if isinstance(value, str) and (match := re.fullmatch(r"(-?\d{1,6})\.\.(-?\d{1,6})", value.strip())):
        return {"first": int(match[1]), "last": int(match[2])}
    if not isinstance(value, dict):
        raise ValueError("write a window of days as first..last, for example 0..28")
    return value


class Source(BaseModel):
    """A publication or document that clauses refer to by its key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    citation: str
    doi: str | None = None
    read: Literal["full", "abstract", "excerpt", "not read"]
    note: str = ""


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
        return _window(value)


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


# --- endpoints --------------------------------------------------------------------------------------------------


class Contrast(Clause):
    """Improvement of the first minus the second: two arms, or two levels of a factor.

    The improvement at a level is the unweighted mean over the arms that carry that level.
    """

    label: str
    arms: tuple[Name, Name] | None = None
    factor: Name | None = None
    levels: tuple[Name, Name] | None = None
    aim: Literal["superiority", "non-inferiority", "equivalence"] = "superiority"
    margin: float | None = Field(default=None, gt=0, description="in baseline SDs of the primary scale")


class Endpoint(Clause):
    """A scale judged at one time-point: its change from baseline, and by each contrast."""

    scale: ScaleRef
    at: Name
    contrasts: list[Name] = []  # empty: change from baseline without comparison


class Responder(Clause):
    """Who counts as improved: at least this share of the distance from the scale's true zero (C20)."""

    scale: ScaleRef
    at: Name
    improved_by: Percent
    report: list[Literal["share", "nnt"]] = ["share"]
    contrast: Name | None = None


class Mechanism(Clause):
    """Through what a difference between arms may come about.

    `parallel-paths` needs a contrast and mediators measured before the outcome (C24). `pre-post` is for a single arm:
    mediators and outcome are both measured at baseline and at `outcome_at`, nothing is compared (C17).
    """

    mediators: list[ScaleRef] = Field(min_length=1)
    mediators_at: Name
    outcome: ScaleRef
    outcome_at: Name
    contrast: Name | None = None
    baseline_adjusted: bool = True
    model: Literal["parallel-paths", "pre-post"]


class Association(Clause):
    """How a process measure goes with later change; never called an effect (C17)."""

    predictor: str  # a scale, or synchrony:<signal>
    informant: Informant = "patient"
    predictor_at: list[Name]
    outcome: ScaleRef
    outcome_at: list[Name]  # one, or the next occasion after each predictor_at for the within part
    parts: list[Literal["within", "between"]]
    reverse: bool = True


class VarianceShare(Clause):
    scale: ScaleRef
    at: Name
    levels: list[Literal["therapist", "group", "site"]]
    arm: Name | None = None


class Biomarker(Clause):
    label: str
    unit: str
    detection_limit: float | None = None
    scale: Literal["log", "identity"] = "log"
    direction: Literal["higher_worse", "higher_better", "none"] = "none"
    fasting: bool | None = None
    at: list[Name]


class Costs(Clause):
    instruments: list[Name]
    perspective: str
    horizon_days: int = Field(ge=1, le=MOST_DAYS)
    utility: ScaleRef | None = None
    value_set: str | None = None
    tariff: str | None = None


class Endpoints(Clause):
    contrasts: dict[Name, Contrast] = {}
    primary: Endpoint
    key: list[Endpoint] = []
    secondary: list[Endpoint] = []
    responder: Responder | None = None
    covariates: list[str] = []
    moderators: list[str] = []
    mechanism: Mechanism | None = None
    associations: dict[Name, Association] = {}
    variance: list[VarianceShare] = []
    biomarkers: dict[Name, Biomarker] = {}
    costs: Costs | None = None
    harms: list[str] = []
    satisfaction: str | None = None  # an instrument


class Published(Clause):
    """A published figure beside ours, with what makes it comparable or not (C19)."""

    scale: ScaleRef
    g: float | None = None
    percent: float | None = None
    printed: str = ""  # as printed, before the sign was turned
    time_point: str = "not known"
    sd: str = "not known"
    missing: str = "not known"
    population: str = "not known"
    programme: str = "not known"
    n: int | None = None


class PublishedShare(Clause):
    stage: Name
    share: Share
    of: Name | None = None


class Benchmark(Clause):
    title: str
    outcomes: list[Published] = []
    funnel: list[PublishedShare] = []
    satisfaction: dict[str, Share] = {}


class Multiplicity(Clause):
    """How the tests of a family of endpoints (`primary`, `key`, `secondary`) are kept together."""

    family: Literal["primary", "key", "secondary"]
    method: Literal["holm", "hochberg", "fdr", "none"]


class Missing(Clause):
    primary: Literal["mar", "multiple-imputation"]
    sensitivity: list[Literal["jump-to-reference", "tipping-point", "completers", "baseline-carried"]] = []


class Analysis(Clause):
    populations: dict[Name, str]
    models: list[ModelName] = Field(min_length=1)
    missing: Missing
    multiplicity: Multiplicity | None = None
    covariates: list[str] = []
    cluster: Literal["therapist", "group", "site"] | None = None
    predictors: dict[Literal["start", "completion", "improvement"], list[str]] = {}
    benchmark: Benchmark | None = None
    seal_before: str | None = None
    words: Literal["comparison", "no-comparison"]


class SampleSize(Clause):
    n: int = Field(ge=1, le=10_000_000)
    reasoning: str


# --- simulate: how an invented cohort behaves -------------------------------------------------------------------


class SimulatedScale(Clause):
    """Baseline mean and SD of the scale; improvement from baseline, in baseline SDs, by time-point (and arm)."""

    mean: float
    sd: float = Field(gt=0)
    change: dict[Name, float | dict[Name, float]] = {}
    skew: Literal["none", "right", "left"] = "none"


class SimulatedCluster(Clause):
    """`share` of the variance of the change lies between these; `count` or `size` of them."""

    share: Share = 0.0
    count: int | None = Field(default=None, ge=1)
    size: float | None = Field(default=None, ge=1)


class SimulatedMinutes(Clause):
    """Therapist minutes of this mode in all per started person (mean, SD), over about so many contacts."""

    mean: float = Field(gt=0)
    sd: float = Field(gt=0)
    contacts: float = Field(gt=0)


class SimulatedMarker(Clause):
    """Geometric mean and log-SD at baseline; change in log-SDs by time-point and arm."""

    geometric_mean: float = Field(gt=0)
    log_sd: float = Field(gt=0)
    change: dict[Name, float | dict[Name, float]] = {}


class SimulatedAssociation(Clause):
    """SDs of later improvement per SD of the process measure, within and between people."""

    within: float = 0.0
    between: float = 0.0


class Simulate(Clause):
    scales: dict[ScaleRef, SimulatedScale]
    correlation: dict[Literal["occasions", "scales"], float] = {"occasions": 0.6, "scales": 0.4}
    attrition: dict[Name, Share] = {}  # share of those who started that does not answer then, for whatever reason
    attrition_by_change: float = 0.0  # log odds of leaving per SD of improvement seen so far
    skipped_items: Share = 0.0
    funnel: dict[str, Share] = {}
    clusters: dict[Literal["therapist", "group", "site"], SimulatedCluster] = {}
    associations: dict[Name, SimulatedAssociation] = {}  # the names of endpoints.associations
    raters_agree: float = 0.4  # correlation of patient's and therapist's alliance
    minutes: dict[Mode, SimulatedMinutes] = {}
    biomarkers: dict[Name, SimulatedMarker] = {}
    predictors: dict[Literal["start", "completion", "improvement"], dict[str, float]] = {}  # log odds or SDs per SD
    adverse_events: float = 0.0  # per person
    satisfaction: dict[str, Share] = {}


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
