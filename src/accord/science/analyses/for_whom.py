"""Does the primary difference vary with what the protocol named beforehand? Regions, and one test over all of them.

Only moderators that the protocol names, only its primary contrasts, each with its interval whether it shows anything or
not (C22, C27). Nobody is sorted into subgroups afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accord.science.analyses.contrasts import in_contrast
from accord.science.analyses.models import background, cluster_labels, sides
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import Outcome
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.study import Mask, Study
from accord.science.errors import AccordError
from accord.science.estimates.effect_heterogeneity import Heterogeneity, effect_heterogeneity
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.moderation import moderation
from accord.science.figures.varying_effect import VaryingEffect

Array = NDArray[np.float64]
_FEWEST_CLUSTERS = 10


def for_whom_part(study: Study) -> Part:
    """The section, for comparisons whose protocol names moderators."""
    outcome = study.plan.primary
    if not study.plan.comparison or not study.protocol.endpoints.moderators or outcome is None:
        return Part()
    blocks: list[Block | None] = []
    estimates: list[Estimate] = []
    for target in outcome.targets:
        for name in target.contrasts if target.role == "primary" else ():
            for new, found in _contrast(study, outcome, target.at, name):
                blocks += new
                estimates += found
    if not blocks:
        return Part()
    first = Text(
        "Moderators were named before the data were seen; each is shown, whatever it shows. A difference that varies "
        "is no proof that treatment works for some only, and what is not shown is not thereby equal for all."
    )
    return part("for_whom", "For whom more, for whom less", [first, *blocks], estimates)


def _contrast(
    study: Study, outcome: Outcome, at: str, name: str
) -> Iterator[tuple[list[Block | None], list[Estimate]]]:
    named = study.protocol.endpoints.contrasts[name]
    rows = in_contrast(study, study.analysed(outcome), named) & study.due(at)
    if not rows.any():
        return
    first = np.isin(study.arm[rows].astype(str), list(sides(study, named)[0])).astype(float)
    baseline = study.values(outcome, outcome.baseline)[rows]
    better = outcome.facts.sign * (study.values(outcome, at)[rows] - baseline)
    known: dict[str, Array] = {one: np.asarray(values[rows], dtype=float) for one in study.protocol.endpoints.moderators
             if (values := background(study, one)) is not None and values.dtype.kind == "f"}  # fmt: skip
    for moderator, values in known.items():
        adjusted = {} if moderator == outcome.ref else {"baseline": baseline}
        yield _one(study, outcome, at, name, moderator, (better, np.asarray(first), values), adjusted)
    yield _together(study, outcome, at, name, (better, first), {**known, outcome.ref: baseline}, rows)


def _one(
    study: Study, outcome: Outcome, at: str, name: str, moderator: str, data: tuple[Array, Array, Array],
    adjusted: dict[str, Array],
) -> tuple[list[Block | None], list[Estimate]]:  # fmt: skip
    label = study.protocol.endpoints.contrasts[name].label
    words = study.words_for(moderator)
    try:
        found = moderation(*data, covariates=adjusted, unit=outcome.facts.unit)
    except AccordError as error:
        return [Caution(f"{label}, by {words}: not estimated. {error.finding.what}")], []
    title = f"{label}: difference {study.when(at)} by {words}"
    figure = found.plot(title=title, moderator=words, effect=f"difference in improvement, {outcome.facts.label}",
                        invented=study.cohort.manifest.invented)  # fmt: skip
    interaction = found.interaction.renamed(
        id=f"interaction.{outcome.ref}.{at}.{name}.{moderator}", label=f"{title}, per unit", scale=outcome.ref,
    )  # fmt: skip
    return [Text(f"{title}. {found.summary()}"), _drawn(f"moderator_{name}_{moderator.replace('.', '_')}", figure)], [
        interaction
    ]


def _drawn(id: str, figure: VaryingEffect) -> Block:
    """The note stands below the picture, as everywhere in a report, and not in it."""
    return drawn(id, replace(figure, note=""), figure.note)


def _together(
    study: Study, outcome: Outcome, at: str, name: str, data: tuple[Array, Array], known: dict[str, Array], rows: Mask
) -> tuple[list[Block | None], list[Estimate]]:
    """One test over all moderators and the baseline together, learned and judged on different people."""
    label = f"{study.protocol.endpoints.contrasts[name].label}, all moderators together"
    try:
        found = effect_heterogeneity(*data, known, clusters=_clusters(study, rows), seed=study.seed,
                                     unit=outcome.facts.unit)  # fmt: skip
    except AccordError as error:
        return [Caution(f"{label}: not estimated. {error.finding.what}")], []
    slope = found.slope.renamed(id=f"heterogeneity.{outcome.ref}.{at}.{name}", label=f"{label}: slope of the effect")
    return [Text(f"{label}. {found.summary()}"), _quarters(name, label, found)], [slope]


def _quarters(name: str, label: str, found: Heterogeneity) -> Table:
    words = ("lowest", "second", "third", "highest")
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (words[k], one.predicted, one.seen.value, one.seen.ci_low, one.seen.ci_high, one.n)
        for k, one in enumerate(found.groups)
    )
    columns = ("Quarter by predicted difference", "Predicted", "Seen", "95 % from", "95 % to", "n")
    return Table(f"heterogeneity_{name}", label, columns, rows, f"{found.missing:,} left out. {found.method}.")


def _clusters(study: Study, rows: Mask) -> NDArray[np.str_] | None:
    """The protocol's clusters where halves of them can be drawn; somebody without one is her own."""
    labels = cluster_labels(study, rows)
    if labels is None:
        return None
    words = np.array([str(one) if one is not None else f"alone {k}" for k, one in enumerate(labels.tolist())])
    return words if len(set(words.tolist())) >= _FEWEST_CLUSTERS else None
