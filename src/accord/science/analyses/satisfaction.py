"""What people thought of it: the share of each answer at the time-points that asked the satisfaction instrument."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Block, Caution, Estimates
from accord.science.analyses.study import Study
from accord.science.errors import AccordError
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.mean import mean_estimate
from accord.science.estimates.proportions import proportion
from accord.science.figures import BarRow, Bars
from accord.science.instruments import load_instrument

_FEW_ANSWERS = 10  # more distinct values than this are a score, not answers to be counted one by one


def satisfaction_part(study: Study) -> Part:
    """The section, for protocols that name a satisfaction instrument that the cohort holds."""
    name = study.protocol.endpoints.satisfaction
    scales = [ref for ref in study.scores.scales if name and ref.split(".")[0] == name]
    estimates = tuple(e for ref in scales for e in _scale(study, ref))
    if not estimates:
        return Part()
    shares = [e for e in estimates if e.unit == "share" and e.value is not None]
    blocks: list[Block | None] = [
        drawn("satisfaction", _figure(study, shares), "Of those who answered.") if shares else None,
        Estimates("Answers", estimates),
        Caution("Only those who answered are counted; people who left early tend to be less satisfied."),
    ]
    return part("satisfaction", "What people thought of it", blocks, estimates)


def _scale(study: Study, ref: str) -> Iterator[Estimate]:
    for asking in study.scores.pairs:
        if asking.scale != ref:
            continue
        values = study.scores.at(ref, asking.informant, asking.at)
        due = int((study.primary.members & study.due(asking.at)).sum())
        yield from _answers(study, ref, asking.at, values[np.isfinite(values)], due)


def _answers(study: Study, ref: str, at: str, values: np.ndarray, due: int) -> Iterator[Estimate]:
    instrument, scale = ref.split(".")
    options = _options(instrument, scale)
    missing = max(due - len(values), 0)
    if not options or len(options) > _FEW_ANSWERS:
        label = f"{study.words_for(ref)} at {study.label(at)}"
        yield mean_estimate(values, f"satisfaction.{ref}.{at}", label, scale=ref).renamed(missing=missing)
        return
    for value, words in sorted(options.items(), reverse=True):
        if len(options) == 2 and value == min(options):
            continue  # of yes and no one share says both
        label = f"{study.words_for(ref)}: {words}"
        id = f"satisfaction.{ref}.{at}.{value:g}".replace("-", "_")
        yield proportion(int((values == value).sum()), len(values)).estimate(
            id, label, missing=missing, scale=ref, unit="share"
        )


def _options(instrument: str, scale: str) -> dict[float, str]:
    """The answers of a scale that is one item with named answers."""
    try:
        definition = load_instrument(instrument)
        items = definition.scales[scale].items
    except (AccordError, KeyError):
        return {}
    if len(items) != 1:
        return {}
    item = next(item for item in definition.items if item.id == items[0])
    return {float(value): str(words) for value, words in (item.options or {}).items()}


def _figure(study: Study, shares: list[Estimate]) -> Bars:
    rows = [
        BarRow(e.label.split(": ", 1)[-1], e.value, e.ci_low, e.ci_high, e.n, group=e.label.split(": ", 1)[0])
        for e in shares
    ]
    told = ", ".join(f"{e.label}: {100 * (e.value or 0):.0f} %" for e in shares)
    return Bars(
        title="What people thought of it", description=told, rows=rows, measure="share", percent=True,
        invented=study.cohort.manifest.invented,
    )  # fmt: skip
