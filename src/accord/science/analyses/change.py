"""Change from baseline per outcome, time-point and arm: adjusted for who is missing, in points, in baseline standard
deviations and in per cent; completers beside it (C19, C20).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.models import EVERYBODY, Asked, Fitted, fit, in_sds
from accord.science.analyses.plan import Outcome
from accord.science.analyses.study import Mask, Study
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.contrast import contrast
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.hedges_g import hedges_g_within

Array = NDArray[np.float64]

_WIDEST_LOG_RATIO = 7.0  # an interval that reaches a thousandfold says nothing


@dataclass(frozen=True)
class Changes:
    """One outcome: its models by arm (None: all arms together) and what they say. A model may be a refusal."""

    study: Study
    outcome: Outcome
    rows: Mask
    models: dict[str | None, Fitted | NotEstimable]

    @property
    def main(self) -> Fitted | NotEstimable:
        return next(iter(self.models.values()))

    def arm_rows(self, arm: str | None) -> Mask:
        return self.rows if arm is None else self.rows & (self.study.arm == arm)

    def label(self, at: str, arm: str | None) -> str:
        where = f", {self.study.protocol.arms[arm].label}" if arm is not None else ""
        return f"{self.outcome.facts.label}: improvement from {self.study.label(self.outcome.baseline)} to " + (
            f"{self.study.label(at)}{where}"
        )

    def asked(self, at: str, arm: str | None, question: Callable[[Fitted, str], Asked]) -> Asked:
        """Put a question about one arm to its model. Raises NotEstimable."""
        model = self.models[arm]
        if isinstance(model, NotEstimable):
            raise model
        if at not in model.visits:
            raise NotEstimable(f"There are no values at {at}.", cure="Report another time-point.")
        return question(model, arm if arm in model.arms else EVERYBODY)


def changes(study: Study, outcome: Outcome) -> Changes:
    """Fit the models of an outcome: in a comparison one for all arms, otherwise one for everybody and one per arm."""
    rows = study.analysed(outcome)
    if study.plan.comparison:
        arms = tuple(arm for arm in study.arms if (rows & (study.arm == arm)).any())
        joint = _tried(lambda: fit(study, outcome, rows, arms=arms))
        return Changes(study, outcome, rows, dict.fromkeys(arms, joint) or {None: joint})
    models: dict[str | None, Fitted | NotEstimable] = {None: _tried(lambda: fit(study, outcome, rows))}
    if len(study.arms) > 1:
        for arm in study.arms:
            models[arm] = _tried(lambda arm=arm: fit(study, outcome, rows & (study.arm == arm)))  # type: ignore[misc]
    return Changes(study, outcome, rows, models)


def _tried(make: Callable[[], Fitted]) -> Fitted | NotEstimable:
    try:
        return make()
    except NotEstimable as error:
        return error


def change_estimates(found: Changes) -> Iterator[Estimate]:
    """`change` and `g` for every endpoint's time-point and arm; a number that cannot be had comes with the reason."""
    for at in found.outcome.at:
        for arm in found.models:
            yield from _change_and_g(found, at, arm)


def _change_and_g(found: Changes, at: str, arm: str | None) -> Iterator[Estimate]:
    outcome, rows = found.outcome, found.arm_rows(arm)
    due = rows & found.study.due(at)
    n = int(np.isfinite(found.study.values(outcome, at)[due]).sum())
    empty = Estimate(
        id=ids.change(outcome.ref, at, arm), label=found.label(at, arm), value=None, n=n, missing=int(due.sum()) - n,
        scale=outcome.ref, unit=outcome.facts.unit,
    )  # fmt: skip
    in_sds = {"id": ids.change_g(outcome.ref, at, arm), "label": f"{empty.label}, in baseline SDs", "unit": "SD"}
    try:
        asked = found.asked(at, arm, lambda model, name: model.change(at, name))
    except NotEstimable as error:
        yield empty.renamed(note=error.finding.what)
        yield empty.renamed(note=error.finding.what, **in_sds)
        return
    c = asked.contrast
    yield empty.renamed(
        value=c.value, ci_low=c.ci_low, ci_high=c.ci_high, se=c.se, df=c.df, p=c.p, method=asked.method,
        note=asked.note,
    )  # fmt: skip
    yield empty.renamed(**in_sds, **standardised(found, asked, arm))


def standardised(found: Changes, asked: Asked, arm: str | None) -> dict[str, Any]:
    """The fields of an estimate in baseline SDs; the SD is that of all analysed people, all arms together."""
    whole = found.models.get(None, found.models[arm])
    if isinstance(whole, NotEstimable):
        return {"note": whole.finding.what}
    g = in_sds(asked.contrast, whole.sd, whole.sd_n)
    method = f"{asked.method}, divided by the SD at baseline ({whole.sd:.2f}, n = {whole.sd_n})"
    return {
        "value": g.value, "ci_low": g.ci_low, "ci_high": g.ci_high, "se": g.se, "df": g.df,
        "p": g.p, "method": method, "note": asked.note,
    }  # fmt: skip


def completers(found: Changes, at: str, arm: str | None) -> Estimate:
    """Hedges g of those with both values: d_baseline, variance from their own pre-post correlation (C19)."""
    outcome, rows = found.outcome, found.arm_rows(arm) & found.study.due(at)
    before, after = (found.study.values(outcome, t)[rows] for t in (outcome.baseline, at))
    label = f"{found.label(at, arm)}, completers, in baseline SDs"
    name = _own("g_completers", outcome.ref, at, arm)
    try:
        g = hedges_g_within(before, after, sign=outcome.facts.sign)
    except NotEstimable as error:
        return Estimate(id=name, label=label, value=None, scale=outcome.ref, unit="SD", note=error.finding.what)
    return g.estimate(name, label, scale=outcome.ref)


def percentages(found: Changes, at: str, arm: str | None) -> tuple[Estimate, Estimate] | None:
    """Improvement in per cent of the baseline mean, from the true zero and of the raw score; None without a zero."""
    facts = found.outcome.facts
    if facts.zero is None:
        return None
    names = _own("percent", facts.ref, at, arm), _own("percent_raw", facts.ref, at, arm)
    label = f"{found.label(at, arm)}, in per cent of the baseline mean"
    zeros = int((found.study.values(found.outcome, found.outcome.baseline)[found.arm_rows(arm)] == facts.zero).sum())
    kept = f"{zeros} baselines of zero are kept in the mean." if zeros else ""
    true = _percentage(found, at, arm, facts.zero)
    raw = _percentage(found, at, arm, 0.0)
    n = int(np.isfinite(found.study.values(found.outcome, at)[found.arm_rows(arm)]).sum())
    return (
        Estimate(id=names[0], label=label, n=n, scale=facts.ref, unit="%", note=f"Counted from the true zero "
                 f"{facts.zero:g}. {kept}".strip(), **true),
        Estimate(id=names[1], label=f"{label}, raw score", n=n, scale=facts.ref, unit="%",
                 note="Of the raw score, as some papers print it.", **raw),
    )  # fmt: skip


def _percentage(found: Changes, at: str, arm: str | None, zero: float) -> dict[str, Any]:
    """100·sign·(mean then/mean before − 1), limits of the log ratio by the delta method on the model's means."""
    sign = found.outcome.facts.sign

    def ratio(model: Fitted, name: str) -> Asked:
        before = model.model.design.mean(name, model.visits[0])
        after = model.model.design.mean(name, at)
        then, now = (float(w @ model.model.coefficients) - zero for w in (before, after))
        if min(then, now) <= 0:
            raise NotEstimable("A mean at or beyond the zero has no percentage.", cure="Report points.")
        asked = model.ask(sign * (after / now - before / then))
        log = contrast(math.log(now / then), asked.contrast.se, asked.contrast.df)
        if max(abs(log.ci_low), abs(log.ci_high)) > _WIDEST_LOG_RATIO:
            raise NotEstimable("Too few people for an interval of a percentage.", cure="Report points.")
        ends = sorted(100 * sign * math.expm1(x) for x in (log.ci_low, log.ci_high))
        value = 100 * sign * math.expm1(log.value)
        se = 100 * math.exp(log.value) * log.se
        turned = replace(log, value=value, se=se, ci_low=ends[0], ci_high=ends[1])
        return Asked(turned, f"{asked.method}; ratio of adjusted means")

    try:
        asked = found.asked(at, arm, ratio)
    except NotEstimable as error:
        return {"value": None, "method": error.finding.what}
    c = asked.contrast
    return {"value": c.value, "ci_low": c.ci_low, "ci_high": c.ci_high, "se": c.se, "df": c.df, "p": c.p,
            "method": asked.method}  # fmt: skip


def _own(kind: str, scale: str, at: str, arm: str | None) -> str:
    return ".".join(part for part in (kind, scale, at, arm) if part)
