"""What a protocol says of judging: contrasts, endpoints, mechanisms, benchmark, analysis, sample size."""

# ruff: noqa: RUF012 (pydantic copies a default for each object; ruff cannot see that through an imported base)

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.science.protocols.clause import MOST_DAYS, Clause, Informant, ModelName, Name, Percent, ScaleRef, Share

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


class Course(Clause):
    """A repeated time-point (a weekly diary), or several, as one line a person: what changes a week, and how people
    differ in it."""

    scale: ScaleRef
    over: Name | list[Name]  # a time-point with `every` and `times`, or time-points in their order
    informant: Informant = "patient"
    model: Literal["linear-mixed-slopes"]

    @property
    def points(self) -> list[Name]:
        return self.over if isinstance(self.over, list) else [self.over]

    @property
    def series(self) -> str:
        """The name of the series in the ids of its estimates."""
        return self.points[0] if len(self.points) == 1 else f"{self.points[0]}_to_{self.points[-1]}"


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
    courses: list[Course] = []
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


Family = Literal["primary", "key", "secondary"]
SIMPLE = ("holm", "hochberg", "fdr", "none")
GATES = ("serial-gatekeeping", "parallel-gatekeeping")


class Multiplicity(Clause):
    """How the tests of one family of endpoints, or of several in their order, are kept together.

    `holm`, `hochberg`, `fdr` within one family. `fixed-sequence` and `fallback` take the tests in the order of the
    file; `serial-gatekeeping` opens a family when all of the one before are rejected, `parallel-gatekeeping` when one
    is; `graph` is free: `weights` are the shares of alpha, `arrows` what a rejected test hands on. Tests are named
    `<scale>.<time-point>.<contrast>`, as their estimates are.
    """

    family: Family | None = None
    families: list[Family] = []
    method: Literal[
        "holm", "hochberg", "fdr", "none", "fixed-sequence", "fallback", "serial-gatekeeping", "parallel-gatekeeping",
        "graph",
    ]  # fmt: skip
    weights: dict[str, Share] = {}
    arrows: dict[str, dict[str, Share]] = {}

    @property
    def covers(self) -> list[Family]:
        return self.families or ([self.family] if self.family else [])


class Missing(Clause):
    primary: Literal["mar", "multiple-imputation"]
    sensitivity: list[
        Literal[
            "jump-to-reference",
            "tipping-point",
            "completers",
            "baseline-carried",
            "chained-equations",
            "completion-replaced",
        ]
    ] = []


Also = Literal[
    "individual-change",  # each person's change against measurement error, by four published methods
    "regression-to-the-mean",
    "expected-course",  # bands of what to expect of people who started alike
    "logistic-mixed",  # the responder rule with a random intercept of the cluster
    "time-to-drop-out",
    "counts",  # adverse events and contacts per person
    "blinding",
]


class Analysis(Clause):
    populations: dict[Name, str]
    models: list[ModelName] = Field(min_length=1)
    missing: Missing
    multiplicity: Multiplicity | None = None
    also: list[Also] = []
    covariates: list[str] = []
    cluster: Literal["therapist", "group", "site"] | None = None
    predictors: dict[Literal["start", "completion", "improvement"], list[str]] = {}
    learner: Literal["ridge", "elastic-net", "boosting"] = "ridge"  # what predicts; the last two need the extra predict
    benchmark: Benchmark | None = None
    seal_before: str | None = None
    words: Literal["comparison", "no-comparison"]


class SampleSize(Clause):
    n: int = Field(ge=1, le=10_000_000)
    reasoning: str
