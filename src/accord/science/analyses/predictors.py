"""Who starts, who completes, who improves: what is known at baseline, judged by people the model has not seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.funnel import reached
from accord.science.analyses.models import background
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.responders import percent_of
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, p_value
from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.learners import LEARNERS
from accord.science.estimates.logistic import logistic
from accord.science.estimates.prediction import Prediction, cross_validate
from accord.science.estimates.responders import percent_improved
from accord.science.figures import Calibration, CalibrationBin

_HEADINGS = {"start": "Who starts", "completion": "Who completes", "improvement": "Who improves"}
_LEARNERS = {name: words[:1].upper() + words[1:] for name, words in LEARNERS.items()}
_STEPS = 20
_FEWEST_GROUPS = 5


@dataclass(frozen=True)
class Asked:
    """One question: the outcome of each person (1, 0, NaN: not asked of her), in words, and what is known of her."""

    name: str
    outcome: NDArray[np.float64]
    words: str
    predictors: dict[str, NDArray[np.generic]]
    absent: tuple[str, ...]


def predictors_part(study: Study) -> Part:
    """The section, for protocols that name predictors."""
    blocks: list[Block | None] = []
    estimates: list[Estimate] = []
    for asked in questions(study):
        new, found = _one(study, asked)
        blocks += new
        estimates += found
    if not blocks:
        return Part()
    first = Text(
        f"{_LEARNERS[study.protocol.analysis.learner]} on what was known at baseline. How well it tells is judged on "
        "people who were not used to fit it, whole sites or therapists at a time where there are enough of them; what "
        "goes with an outcome need not bring it about."
    )
    return part("predictors", "Who starts, who completes, who improves", [first, *blocks], estimates)


def questions(study: Study) -> Iterator[Asked]:
    """The questions of the protocol that this cohort can answer."""
    for name, wanted in study.protocol.analysis.predictors.items():
        found = {"start": started, "completion": completed, "improvement": improvement}[name](study)
        if found is None:
            continue
        outcome, words = found
        known = {one: background(study, one) for one in wanted}
        there = {one: _usable(values) for one, values in known.items() if values is not None}
        absent = tuple(study.words_for(one) for one, values in known.items() if values is None)
        yield Asked(name, outcome, words, there, absent)


def _usable(values: NDArray[np.generic]) -> NDArray[np.generic]:
    if values.dtype.kind == "f":
        return values
    return np.array([v if v is not None else "" for v in values.tolist()], dtype=object)


def started(study: Study) -> tuple[NDArray[np.float64], str] | None:
    """Who began, of those enrolled (1, 0, NaN), and in words; None where nobody's start is known."""
    frame = study.people.frame
    enrolled = frame["enrolled"].fill_null(False).to_numpy()
    started = frame["started"]
    if started.null_count() == len(frame):
        return None
    values = np.where(enrolled & started.is_not_null().to_numpy(), started.fill_null(False).to_numpy(), np.nan)
    return values.astype(float), "began, of those enrolled"


def completed(study: Study) -> tuple[NDArray[np.float64], str] | None:
    """The stage called `all`, of those who began; without such a stage nobody says what completing means."""
    stage = next((s for s in reached(study) if s.name == "all"), None)
    if stage is None or not stage.base.any():
        return None
    return np.where(stage.base, stage.members, np.nan).astype(float), f"{stage.label.lower()}, of {stage.of}"


def improvement(study: Study) -> tuple[NDArray[np.float64], str] | None:
    """Who is better by the protocol's percentage on its primary outcome (1, 0, NaN: not known), and in words."""
    outcome = study.plan.primary
    if outcome is None or outcome.facts.zero is None:
        return None
    at = next(t.at for t in outcome.targets if t.role == "primary")
    rows = study.analysed(outcome) & study.due(at)
    better = percent_improved(
        study.values(outcome, outcome.baseline), study.values(outcome, at), zero=outcome.facts.zero,
        sign=outcome.facts.sign,
    )  # fmt: skip
    limit = percent_of(study, outcome)
    values = np.where(rows & np.isfinite(better), better >= limit - 1e-9, np.nan)
    words = f"at least {limit:g} % better on {outcome.facts.label} {study.when(at)}, of those with both values"
    return values.astype(float), words


def _one(study: Study, asked: Asked) -> tuple[list[Block | None], list[Estimate]]:
    rows = np.isfinite(asked.outcome)
    y = asked.outcome[rows]
    x = {name: values[rows] for name, values in asked.predictors.items()}
    x = {name: values for name, values in x.items() if len(set(values.tolist())) > 1}
    heading = f"{_HEADINGS[asked.name]} ({asked.words})"
    lacking = f" Not in this cohort: {', '.join(asked.absent)}." if asked.absent else ""
    try:
        if not x:
            raise NotEstimable("Nothing that varies is known of people at baseline.", cure="Add background variables.")
        learner = study.protocol.analysis.learner
        prediction = cross_validate(y, x, seed=study.seed, groups=_groups(study, rows), learner=learner)
    except NotEstimable as error:
        said = f"{heading}: not estimated. {error.finding.what}{lacking}"
        return [Caution(said)], [_empty(asked, error.finding.what)]
    ratios = list(_ratios(study, asked, y, x))
    auc = prediction.estimate(f"prediction.{asked.name}", heading)
    blocks: list[Block | None] = [
        Text(f"{heading}: {prediction.events:,} of {prediction.n:,}. {prediction.summary()}{lacking}"),
        _picture(study, asked, prediction), _decision(study, asked, prediction), _table(asked, ratios),
    ]  # fmt: skip
    return blocks, [auc, *ratios]


def _empty(asked: Asked, note: str) -> Estimate:
    return Estimate(
        id=f"prediction.{asked.name}", label=_HEADINGS[asked.name], value=None, unit="AUC", note=note,
        method="logistic regression, cross-validated",
    )  # fmt: skip


def _ratios(
    study: Study, asked: Asked, y: NDArray[np.float64], x: dict[str, NDArray[np.generic]]
) -> Iterator[Estimate]:  # fmt: skip
    """Odds ratios per SD (numbers) or against the first level (words), all predictors together."""
    scaled = {name: _per_sd(values) for name, values in x.items()}
    try:
        model = logistic(y, scaled)
    except NotEstimable:
        return
    for term in model.names[1:]:
        name, _, level = term.partition("=")
        words = f"{study.words_for(name)}{f': {level}' if level else ', one SD more'}"
        yield model.odds_ratio(term, f"odds_ratio.{asked.name}.{term.replace('=', '.')}", words)


def _per_sd(values: NDArray[np.generic]) -> NDArray[np.generic]:
    if values.dtype.kind != "f":
        return values
    numbers = values.astype(float)
    return (numbers - np.nanmean(numbers)) / np.nanstd(numbers, ddof=1)


def _picture(study: Study, asked: Asked, prediction: Prediction) -> Block:
    bins = [CalibrationBin(b.predicted, b.observed.value, b.observed.ci_low, b.observed.ci_high, b.observed.n)
            for b in prediction.bins]  # fmt: skip
    known = prediction.predictions[np.isfinite(prediction.predictions)]
    counts, _ = np.histogram(known, bins=_STEPS, range=(0, 1))
    figure = Calibration(
        f"{_HEADINGS[asked.name]}: predicted and observed",
        f"{prediction.summary()} Predictions run from {known.min():.0%} to {known.max():.0%}.",
        asked.words.partition(",")[0], bins, [int(n) for n in counts], invented=study.cohort.manifest.invented,
    )  # fmt: skip
    note = f"n = {prediction.n:,}, {prediction.missing} left out for a missing predictor. {prediction.how}."
    return drawn(f"calibration_{asked.name}", figure, note)


def _groups(study: Study, rows: NDArray[np.bool_]) -> NDArray[np.object_] | None:
    """What folds must not split: sites, else therapists; None where too few people have one, or there are few."""
    for level in ("site", "therapist"):
        if level not in study.people.frame.columns:
            continue
        labels = study.people.words(level)[rows]
        there = np.array([label is not None for label in labels.tolist()])
        if there.all() and len(set(labels.tolist())) >= _FEWEST_GROUPS:
            return labels
    return None


def _decision(study: Study, asked: Asked, prediction: Prediction) -> Block | None:
    """Whether acting on it would be better than treating all alike; nothing is drawn of what tells nothing."""
    if prediction.decision is None or prediction.auc.ci_low <= 0.5:
        return None
    figure = prediction.decision.plot(title=f"{_HEADINGS[asked.name]}: is it worth acting on?",
                                      invented=study.cohort.manifest.invented)  # fmt: skip
    return drawn(f"decision_{asked.name}", figure, f"n = {prediction.n:,}. {prediction.how}.")


def _table(asked: Asked, ratios: list[Estimate]) -> Table | None:
    rows: list[tuple[Cell, ...]] = [(e.label, interval(e), p_value(e.p), e.n, e.missing) for e in ratios]
    columns = ("Known at baseline", "Odds ratio [95 %]", "p", "n", "Missing")
    note = "All in one logistic model, complete cases, p not adjusted for looking at several. Associations."
    return Table(f"predictors_{asked.name}", _HEADINGS[asked.name], columns, tuple(rows), note) if rows else None
