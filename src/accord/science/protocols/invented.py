"""How an invented cohort of a protocol behaves: the `simulate:` block."""

# ruff: noqa: RUF012 (pydantic copies a default for each object; ruff cannot see that through an imported base)

from __future__ import annotations

from typing import Literal

from pydantic import Field

from accord.science.protocols.clause import Clause, Mode, Name, ScaleRef, Share


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
