"""Arms compared on cost and, where a value set is named, on QALYs: the only place where an ICER may stand (C29)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.contrasts import in_contrast
from accord.science.analyses.models import cluster_labels, sides
from accord.science.analyses.parts import drawn
from accord.science.analyses.priced import Priced
from accord.science.analyses.result import Block, Caution, Estimates, Text
from accord.science.analyses.study import Mask, Study
from accord.science.errors import AccordError, BadInput, NotEstimable
from accord.science.estimates.cluster_robust import cluster_robust
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.health_economics import ValueSet, cost_effectiveness, load_value_set, qalys

Array = NDArray[np.float64]
Found = tuple[list[Block | None], list[Estimate]]
_PRICES = (0.0, 20_000.0, 30_000.0, 50_000.0)
_DRAWS = 2000
_FEWEST_CLUSTERS = 5


def comparison_blocks(study: Study, found: Priced) -> Iterator[Found]:
    """For each contrast of the primary endpoint: cost and QALYs together, or cost alone and why."""
    qaly: tuple[Array, Array, ValueSet] | None = None
    try:
        qaly = _qalys(study)
        yield [Text(f"QALYs: area under the course of utility; value set {qaly[2].words}.")], []
    except AccordError as error:
        yield [Caution(f"No QALYs, and so no cost per QALY: {error.finding.what} {error.finding.cure}")], []
    for name in study.protocol.endpoints.primary.contrasts:
        named = study.protocol.endpoints.contrasts[name]
        rows = in_contrast(study, study.primary.members, named)
        first = np.isin(study.arm[rows].astype(str), list(sides(study, named)[0])).astype(float)
        try:
            if qaly is None:
                yield _cost_alone(study, found, name, named.label, rows, first)
            else:
                yield _both(study, found, qaly, name, named.label, rows, first)
        except NotEstimable as error:
            yield [Caution(f"{named.label}: costs are not compared. {error.finding.what}")], []


def _qalys(study: Study) -> tuple[Array, Array, ValueSet]:
    """QALYs, baseline utility, and the value set. Raises BadInput for what is missing or does not fit."""
    clause = study.protocol.endpoints.costs
    if clause is None or clause.utility is None:
        raise BadInput("The protocol names no utility.", cure="Name its scale under costs: utility.")
    if clause.value_set is None:
        raise BadInput("The protocol names no value set.", cure="Name one of the site's under costs: value_set.")
    values = load_value_set(clause.value_set, site=study.cohort.site)
    if values.invented and not study.cohort.manifest.invented:
        raise BadInput(
            f"The value set '{values.value_set}' is invented, and these answers are real.",
            cure="Name the value set of your country under costs: value_set.",
        )
    instrument, _, scale = clause.utility.partition(".")
    rows = study.cohort.scan("scores").filter(pl.col("instrument") == instrument).collect()
    version = _version(study, instrument, rows)
    values.fits(instrument, version)
    own = rows.filter((pl.col("scale") == scale) & pl.col("value").is_finite())
    if own.is_empty() and values.decrements:
        own = rows.filter((pl.col("scale") == "profile") & pl.col("value").is_finite())
        index = values.index(own["value"].to_numpy(), instrument=instrument, version=version)
        own = own.with_columns(value=pl.Series(index))
    if own.is_empty():
        raise BadInput(f"The cohort holds no values of {clause.utility}.", cure="Score it with the value set.")
    matrix, days = _course(study, own)
    found = qalys(matrix, days, values, instrument=instrument, version=version, horizon_days=clause.horizon_days)
    return found, matrix[:, 0], values


def _version(study: Study, instrument: str, rows: pl.DataFrame) -> str:
    """The version that the scores carry; else that of the instrument's file."""
    carried = sorted(set(rows["version"].drop_nulls().to_list())) if "version" in rows.columns else []
    if len(carried) > 1:
        raise BadInput(f"{instrument} was answered in several versions: {', '.join(carried)}.",
                       cure="Analyse one version at a time.")  # fmt: skip
    if carried:
        return str(carried[0])
    from accord.science.instruments import load_instrument

    return str(load_instrument(instrument, site=study.cohort.site).version)


def _course(study: Study, rows: pl.DataFrame) -> tuple[Array, list[float]]:
    """Utility of each person (N, T) in the order of the days; the baseline is day 0."""
    when = {str(at): float(day) for at, day in
            rows.group_by("time_point").agg(pl.col("day").median()).iter_rows() if day is not None}  # fmt: skip
    first = study.plan.occasions[0].name
    if first not in when or len(when) < 2:
        raise BadInput("QALYs need a utility at baseline and at a later time.", cure="Ask it at both.")
    order = [first, *sorted((at for at in when if when[at] > when[first]), key=when.__getitem__)]
    people = pl.DataFrame({"participant": study.people.frame["participant"]})
    columns = []
    for at in order:
        here = rows.filter(pl.col("time_point") == at).unique("participant", keep="last", maintain_order=True)
        joined = people.join(here.select("participant", "value"), on="participant", how="left", maintain_order="left")
        columns.append(joined["value"].fill_null(np.nan).to_numpy().astype(float))
    return np.column_stack(columns), [when[at] - when[first] for at in order]


def _cost_alone(study: Study, found: Priced, name: str, label: str, rows: Mask, first: Array) -> Found:
    columns = {"first": first, **_varying({"before": found.baseline[rows]})}
    fitted = cluster_robust(found.total[rows], _clusters(study, rows), fixed=columns)
    estimate = fitted.coefficient("first").estimate(
        f"cost.difference.{name}", f"Difference in cost: {label}", n=fitted.rows, missing=fitted.missing,
        unit=found.tariff.currency, method=f"{fitted.method}; adjusted for cost before; complete cases",
    )  # fmt: skip
    return [Estimates(f"Cost compared: {label}", (estimate,), "First minus second.", digits=0)], [estimate]


def _both(
    study: Study, found: Priced, qaly: tuple[Array, Array, ValueSet], name: str, label: str, rows: Mask, first: Array
) -> Found:
    effect, utility, _ = qaly
    options: dict[str, Any] = {"for_cost": _varying({"before": found.baseline[rows]}),
                               "for_effect": _varying({"utility": utility[rows]})}  # fmt: skip
    compared = cost_effectiveness(
        found.total[rows], effect[rows], first, prices=_PRICES, draws=_DRAWS, seed=study.seed,
        clusters=_clusters(study, rows), currency=found.tariff.currency, unit="QALY", **options,
    )  # fmt: skip
    estimates = [one.renamed(id=f"{one.id}.{name}", label=f"{label}: {one.label}") for one in compared.estimates]
    stamp = study.cohort.manifest.invented
    note = f"n = {compared.n:,}, {compared.missing:,} left out. {compared.method}."
    blocks: list[Block | None] = [
        Text(f"{label}. {compared.summary()}"),
        Estimates(f"Cost and effect compared: {label}", tuple(estimates), "First minus second.", digits=3),
        drawn(f"cost_plane_{name}", compared.plot(title=f"Cost and effect: {label}", invented=stamp), note),
        drawn(f"acceptability_{name}", compared.curve(title=f"How sure it is worth its price: {label}",
                                                      invented=stamp), note),
    ]  # fmt: skip
    return blocks, estimates


def _varying(columns: dict[str, Array]) -> dict[str, Array]:
    """A covariate; a missing one is the mean (arms were allocated: this keeps everybody and biases nothing)."""
    found = {}
    for name, values in columns.items():
        known = values[np.isfinite(values)]
        if len(known) and np.ptp(known) > 0:
            found[name] = np.where(np.isfinite(values), values, known.mean())
    return found


def _clusters(study: Study, rows: Mask) -> NDArray[np.str_] | None:
    """The protocol's clusters; somebody without one is her own. Too few carry no interval over them."""
    labels = cluster_labels(study, rows)
    if labels is None:
        return None
    words = np.array([str(one) if one is not None else f"alone {k}" for k, one in enumerate(labels.tolist())])
    return words if len(set(words.tolist())) >= _FEWEST_CLUSTERS else None
