"""What was used, what it cost by a named tariff, and, where arms are compared, the difference in cost and QALYs.

Description and comparison are kept apart (C29): a cost per completed or improved person says what was spent, and an
ICER stands only where the protocol compares arms and names a value set of the instrument's version.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from accord.science.analyses.cost_comparison import comparison_blocks
from accord.science.analyses.funnel import reached
from accord.science.analyses.parts import Part, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.predictors import improvement
from accord.science.analyses.priced import Priced, priced
from accord.science.analyses.result import Block, Caution, Estimates, Text
from accord.science.analyses.study import Study
from accord.science.errors import AccordError, NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.health_economics import cost_per, load_tariff
from accord.science.estimates.mean import mean_estimate


def costs_part(study: Study) -> Part:
    """The section, for protocols with a cost clause whose cohort holds costs."""
    clause = study.protocol.endpoints.costs
    if clause is None or "costs" not in study.cohort.names:
        return Part()
    used = tuple(_means(study))
    if not used:
        return Part()
    blocks: list[Block | None] = [
        Text(f"Perspective: {clause.perspective}. Horizon: {clause.horizon_days} days."),
        Estimates("Used per person who answered", used),
    ]
    estimates = list(used)
    for new, found in _with_prices(study):
        blocks += new
        estimates += found
    blocks.append(Caution("What was used and what it cost are descriptions. They do not say what paid off."))
    return part("costs", "What was used, and what it cost", blocks, estimates)


def _with_prices(study: Study) -> Iterator[tuple[list[Block | None], list[Estimate]]]:
    clause = study.protocol.endpoints.costs
    if clause is None or clause.tariff is None:
        yield [Text("No prices are named, so amounts are given and no costs.")], []
        return
    try:
        tariff = load_tariff(clause.tariff, site=study.cohort.site)
        found = priced(study, tariff, clause)
    except AccordError as error:
        yield [Caution(f"Nothing is priced: {error.finding.what} {error.finding.cure}")], []
        return
    words = f"Prices: {tariff.words}. {found.words}"
    yield [Caution(words) if tariff.invented else Text(words)], []
    spent = list(_spent(study, found))
    yield [Estimates(f"Cost per person, {tariff.currency} (a description)", tuple(spent), digits=0)], spent
    ratios = list(_ratios(study, found))
    if ratios:
        note = "What the programme cost everybody who began, over those who got there. " + str(ratios[0].note)
        yield [Estimates("Cost per person who got somewhere", tuple(ratios), note, digits=0)], ratios
    if study.plan.comparison:
        yield from comparison_blocks(study, found)


def _means(study: Study) -> Iterator[Estimate]:
    people = study.people.frame.select("participant", "arm")
    rows = study.cohort.table("costs").join(people, on="participant", how="inner", maintain_order="left")
    several = len(study.arms) > 1
    keys = ["category", "time_point", "unit", *(["arm"] if several else [])]
    for key, group in rows.group_by(keys, maintain_order=True):
        category, at, unit, *arm = key
        of_arm = f" ({study.arm_label(str(arm[0]))})" if arm and arm[0] is not None else ""
        label = f"{spoken(str(category)).capitalize()} at {study.label(str(at))}{of_arm}"
        id = ".".join(str(k) for k in ("used", category, at, *arm) if k is not None)
        per_person = group.group_by("participant", maintain_order=True).agg(pl.col("quantity").sum())
        yield mean_estimate(per_person["quantity"], id, label, unit=str(unit or ""))


def _spent(study: Study, found: Priced) -> Iterator[Estimate]:
    """Mean cost per person of the primary population: the programme, what else was used, both; by arm if several."""
    arms: list[str | None] = list(study.arms) if len(study.arms) > 1 else [None]
    for arm in arms:
        rows = study.primary.members if arm is None else study.primary.members & (study.arm == arm)
        of_arm = f" ({study.arm_label(arm)})" if arm else ""
        for name, words, values in (("programme", "The programme", found.programme),
                                    ("services", "Services and lost work", found.services),
                                    ("all", "Together", found.total)):  # fmt: skip
            id = ".".join(one for one in ("cost", name, arm) if one)
            yield mean_estimate(values[rows], id, f"{words}{of_arm}", unit=found.tariff.currency)


def _ratios(study: Study, found: Priced) -> Iterator[Estimate]:
    """Per person who completed and who improved; a comparison of arms answers what it bought, this does not."""
    frame = study.people.frame
    began = study.primary.members & frame["started"].fill_null(False).to_numpy().astype(bool)
    for name, words, flags in _steps(study):
        try:
            yield cost_per(
                found.programme[began], flags[began], f"cost_per.{name}", f"Cost of the programme {words}",
                currency=found.tariff.currency, seed=study.seed,
            )  # fmt: skip
        except NotEstimable:
            continue


def _steps(study: Study) -> Iterator[tuple[str, str, np.ndarray]]:
    stage = next((s for s in reached(study) if s.name == "all"), None)
    rule = next((one for one in study.populations if one.name == "per_protocol"), None)
    if stage is not None:
        yield "completed", f"per person of the stage '{stage.label}'", stage.members.astype(float)
    elif rule is not None:
        yield "completed", "per person treated per protocol", rule.members.astype(float)
    better = improvement(study)
    if better is not None:
        yield "improved", f"per person with {better[1]}", better[0]
