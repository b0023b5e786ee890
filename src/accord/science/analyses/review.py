"""A living review: pooled studies as a report of sections, with what changed since it was last made."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import replace

import polars as pl

from accord import __version__
from accord.science.analyses.pooling import PooledStudies
from accord.science.analyses.result import (
    AnalysisResult,
    Block,
    Caution,
    Cell,
    Estimates,
    Picture,
    Section,
    Table,
    Text,
)
from accord.science.analyses.review_changes import Earlier, changes
from accord.science.analyses.review_pictures import bubbles, by_year, forest, left_out, small_studies
from accord.science.analyses.studies import frame_of
from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.figures import Prisma
from accord.science.figures.numbers import number
from accord.science.synthesis import (
    Pooled,
    ThreeLevel,
    begg,
    egger,
    influence,
    leave_one_out,
    outliers,
    pet_peese,
    tau2_interval,
    trim_and_fill,
)  # fmt: skip
from accord.science.synthesis.wording import interval_text

NOT_FOR_MODERATORS = "With moderators these tools are not shown: they are made for one mean effect."
NOT_FOR_CLUSTERS = (
    "These tools take effects as independent, and several of a study are not: pool one effect a study to see them."
)


def review(
    found: PooledStudies, *, title: str = "", earlier: Earlier | None = None, flow: Prisma | None = None
) -> AnalysisResult:
    """The report of a pool: effect, heterogeneity, each study's part, small studies, the studies themselves.

    `earlier` is the review that stood there before (`read_earlier`), `flow` how the studies were found
    (`read_prisma`). What the studies cannot carry is said in its
    place, and stops nothing. Invented studies are named in the title and stamped on every page and file (C12).
    """
    studies, pooled = found.studies, found.pooled
    name = title or f"Pooled studies: {studies.path.stem}"
    sections = [
        changes(earlier, found) if earlier else None, _effect(found), _heterogeneity(found), _moderators(found),
        _each_study(found), _small(found), _warnings(found), _found(flow),
        _studies(found),
    ]  # fmt: skip
    return AnalysisResult(
        title=f"{name} (invented data)" if studies.invented else name,
        eyebrow=f"Synthesis of {pooled.k} effects, {studies.effects.measure.label}",
        protocol="", protocol_version=0, protocol_hash="", origin=studies.origin,
        lead=_lead(found), sections=tuple(one for one in sections if one), estimates=tuple(_estimates(found)),
        notes=(*map(str, studies.effects.guessed), *studies.effects.notes),
        facts=_facts(found),
    )  # fmt: skip


def _facts(found: PooledStudies) -> dict[str, Cell]:
    path = found.studies.path
    return {
        "File": path.name, "SHA-256 of the file": hashlib.sha256(path.read_bytes()).hexdigest(),
        "Effects": found.pooled.k, "Estimator": found.pooled.method, "Program": f"accord {__version__}",
    }  # fmt: skip


def _lead(found: PooledStudies) -> tuple[str, ...]:
    pooled = found.pooled
    lead = [replace(pooled, warnings=()).summary()]
    if found.studies.effects.measure.log:
        ratio, low, high = (math.exp(value) for value in (pooled.estimate, pooled.ci_low, pooled.ci_high))
        lead.append(f"As a ratio: {number(ratio)} ({interval_text(low, high, pooled.level)}).")
    if found.groups is not None:
        lead.append(found.groups.summary())
    return tuple(lead)


def _effect(found: PooledStudies) -> Section:
    picture = forest(found)
    blocks: list[Block] = [Picture("forest", "Effects of the studies", picture.description, picture)]
    if found.groups is not None:
        groups = found.groups
        note = f"Between the groups: χ²({groups.df1}) = {number(groups.statistic)}, p {number(groups.p, 3)}."
        blocks.append(_table("groups", f"By {groups.by}", groups.table(), note))
    blocks.append(Estimates("The pool in numbers", tuple(_estimates(found))))
    year = by_year(found)
    if year is not None:
        note = "Each row adds a study to those above. Looking again and again is not corrected for."
        blocks.append(Picture("cumulative", "As the studies came in", year.description, year, note))
    return Section("effect", "The effect", tuple(blocks))


def _heterogeneity(found: PooledStudies) -> Section:
    pooled = found.pooled
    blocks: list[Block] = []
    if isinstance(pooled, ThreeLevel):
        parts = f"{number(pooled.i2_between, 0)} % lies between studies, {number(pooled.i2_within, 0)} % within them"
        blocks.append(Text(f"Of all variation {parts}, the rest is sampling error."))
    else:
        said = _or_why(lambda: tau2_interval(pooled).summary())
        blocks.append(Text(said))
    if math.isfinite(pooled.pi_low):
        blocks.append(Text(_new_study(pooled)))
    return Section("heterogeneity", "How much the studies differ", tuple(blocks))


def _new_study(pooled: Pooled | ThreeLevel) -> str:
    """What the prediction interval means, by where zero lies."""
    low, high = number(pooled.pi_low), number(pooled.pi_high)
    if pooled.pi_low <= 0 <= pooled.pi_high:
        end = "It holds zero: in some settings there may be no effect, or one the other way."
    else:
        end = "It does not hold zero: in most settings like these the effect would point the same way."
    return (
        f"The interval of the mean says how well the average is known. The true effect in one new setting would lie "
        f"between {low} and {high} ({100 * pooled.level:g} % prediction interval). {end}"
    )


def _moderators(found: PooledStudies) -> Section | None:
    if not found.plan.mods:
        return None
    blocks: list[Block] = [_table("coefficients", "Coefficients", found.pooled.table(), digits=3)]
    for name, picture in bubbles(found):
        blocks.append(Picture(f"bubble-{name}", f"Effect by {name}", picture.description, picture))
    blocks.append(Text("A moderator that goes with the effect need not cause it: studies were not assigned to it."))
    return Section("moderators", "What goes with larger effects", tuple(blocks))


def _each_study(found: PooledStudies) -> Section | None:
    pooled = found.pooled
    if isinstance(pooled, ThreeLevel):
        return None
    blocks: list[Block] = []
    try:
        picture = left_out(leave_one_out(pooled), found)
        blocks.append(Picture("leave-one-out", "Without each study in turn", picture.description, picture))
        measured = influence(pooled)
        blocks += [Text(measured.summary()), _table("influence", "Influence of each study", measured.table(), digits=3)]
    except NotEstimable as error:
        blocks.append(Text(str(error)))
    blocks.append(Text(_or_why(lambda: outliers(pooled).summary())))
    return Section("each-study", "What hangs on one study", tuple(blocks))


def _small(found: PooledStudies) -> Section:
    pooled = found.pooled
    if isinstance(pooled, ThreeLevel) or found.plan.mods:
        picture = small_studies(found)
        why = NOT_FOR_CLUSTERS if isinstance(pooled, ThreeLevel) else NOT_FOR_MODERATORS
        blocks: list[Block] = [Picture("funnel", "Funnel plot", picture.description, picture), Text(why)]
        return Section("small-studies", "Small studies and missing ones", tuple(blocks))
    y, v, labels = pooled.effects.y, pooled.effects.v, pooled.labels
    picture = small_studies(found)
    blocks = [Picture("funnel", "Funnel plot", picture.description, picture)]
    tools: tuple[Callable[[], str], ...] = (
        lambda: replace(egger(y, v, labels=labels), warnings=()).summary(),
        lambda: begg(y, v, labels=labels).summary(),
        lambda: replace(trim_and_fill(y, v, method=pooled.method, labels=labels), warnings=()).summary(),
        lambda: replace(pet_peese(y, v, labels=labels), warnings=()).summary(),
    )
    blocks += [Text(_or_why(tool)) for tool in tools]
    if pooled.k < 10:
        blocks.insert(0, Caution(f"With {pooled.k} studies funnels mislead, and such tests have little power."))
    return Section("small-studies", "Small studies and missing ones", tuple(blocks))


def _warnings(found: PooledStudies) -> Section | None:
    if not found.warnings:
        return None
    return Section("warnings", "To be looked up", tuple(Caution(str(finding)) for finding in found.warnings))


def _found(flow: Prisma | None) -> Section | None:
    if flow is None:
        return None
    return Section("flow", flow.title, (Picture("flow", flow.title, flow.description, flow),))


def _studies(found: PooledStudies) -> Section:
    effects = found.studies.effects
    note = f"{effects.measure.formula} ({effects.measure.source})."
    return Section("studies", "The studies", (_table("studies", "Effects", frame_of(found.studies), note, digits=3),))


def _table(ident: str, title: str, frame: pl.DataFrame, note: str = "", *, digits: int = 2) -> Table:
    return Table(ident, title, tuple(frame.columns), tuple(frame.rows()), note, digits)


def _or_why(tool: Callable[[], str]) -> str:
    """What a tool says, or why the studies do not carry it."""
    try:
        return tool()
    except NotEstimable as error:
        return str(error)


def _estimates(found: PooledStudies) -> list[Estimate]:
    pooled, unit = found.pooled, found.studies.effects.measure.unit
    method = f"{pooled.method}, {'normal' if pooled.df is None else 't'}"
    whole = Estimate(
        "pool.estimate", "pooled effect", pooled.estimate, pooled.ci_low, pooled.ci_high, pooled.se, pooled.df,
        pooled.p, pooled.k, unit=unit, method=method, note="n counts effects",
    )  # fmt: skip
    spread = [
        Estimate("pool.tau2", "variance between studies", pooled.tau2, n=pooled.k, method=pooled.method),
        Estimate("pool.i2", "share of variation that is not sampling error", pooled.i2, n=pooled.k, unit="%"),
        Estimate("pool.prediction", "effect in a new study", pooled.estimate, pooled.pi_low, pooled.pi_high,
                 n=pooled.k, unit=unit, method="prediction interval"),
    ]  # fmt: skip
    terms = [
        Estimate(f"pool.coefficient.{row['term']}", row["term"], row["estimate"], row["ci_low"], row["ci_high"],
                 row["se"], row["df"], row["p"], pooled.k, unit=unit, method=method)
        for row in pooled.table().iter_rows(named=True) if found.plan.mods
    ]  # fmt: skip
    groups = found.groups.groups.table().rows(named=True) if found.groups else []
    by = found.groups.by if found.groups else ""
    parts = [
        Estimate(f"pool.group.{row[by]}", f"{by}: {row[by]}", row["estimate"], row["ci_low"], row["ci_high"],
                 row["se"], p=row["p"], n=row["k"], unit=unit, method=method)
        for row in groups
    ]  # fmt: skip
    return [whole, *spread, *terms, *parts]
