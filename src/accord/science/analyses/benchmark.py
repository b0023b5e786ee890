"""The published figures beside ours: improvement to the right in both, hollow unless all that makes them comparable is
known to match, and never tested (C19)."""

from __future__ import annotations

import re

from accord.science.analyses.change import Changes, change_estimates, percentages
from accord.science.analyses.funnel import reached
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import NO_COMPARISON, interval, listed, number, percent
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.figures import Forest, ForestRow
from accord.science.figures import Published as Marker
from accord.science.protocols.model import Published

_KNOWN = {"time_point": "time-point", "sd": "SD formula", "missing": "missing-data method", "population": "population",
          "programme": "programme"}  # fmt: skip


def benchmark_part(study: Study, found: list[Changes]) -> Part:
    """The section, for protocols with a benchmark and at least one of its outcomes here."""
    clause = study.protocol.analysis.benchmark
    if clause is None:
        return Part()
    heading = f"Beside the published figures: {clause.title}"
    if study.cohort.manifest.invented and not study.allow_invented:
        refused = (
            "Invented people are not laid beside published figures unless this is asked for (--allow-invented): the "
            "simulator was told to resemble them, so that the two lie together would show nothing."
        )
        return part("benchmark", heading, [Caution(refused)])
    pairs = [(p, one) for p in clause.outcomes for one in found if one.outcome.ref == p.scale and None in one.models]
    shares = _funnel_rows(study)
    if not pairs and not shares:
        return Part()
    by_id = {e.id: e for one in found for e in change_estimates(one)}
    at = _at(study)
    blocks: list[Block | None] = [
        Caution(
            f"{NO_COMPARISON} The published figures come from other people in another place. What is not known of "
            f"them to match ({_unknown(clause.outcomes)}) may be all of the difference, so markers are hollow and "
            "nothing is tested."
        ),
        _invented(study),
        _forest(study, clause.title, pairs, by_id, at) if pairs else None,
        _table(study, pairs, by_id, at) if pairs else None,
        _funnel(shares),
        Text(own_programme(study)) if own_programme(study) else None,
    ]  # fmt: skip
    return part("benchmark", f"Invented data. {heading}" if study.cohort.manifest.invented else heading, blocks)


def _invented(study: Study) -> Block | None:
    if not study.cohort.manifest.invented:
        return None
    return Caution(
        "These people are invented, and the invention was told to resemble the published figures: that the two lie "
        "together shows nothing."
    )


def own_programme(study: Study) -> str:
    """Our programme is not the one that was tested (C11)."""
    programmes = sorted({arm.programme for arm in study.protocol.arms.values() if arm.programme})
    sources = [f"{name.capitalize()} {year}" for name, year in map(_name_and_year, study.protocol.sources) if year]
    if not programmes:
        return ""
    which = "the programmes are" if len(programmes) > 1 else "the programme is"
    return (
        f"Here {which} our own ({listed(programmes)}), not the one tested in the sources ({listed(sources[:3])}); what "
        "was found there may not hold here."
    )


def _name_and_year(key: str) -> tuple[str, str]:
    """`dear2023` as Dear and 2023."""
    found = re.fullmatch(r"([a-z]+)(\d{4})", key)
    return (found[1], found[2]) if found else (key, "")


def _at(study: Study) -> str:
    return study.protocol.endpoints.primary.at


def _unknown(outcomes: list[Published]) -> str:
    names = [words for key, words in _KNOWN.items() if any(getattr(p, key) == "not known" for p in outcomes)]
    return listed(names) or "whether time-points, people and programme are alike"


def _forest(
    study: Study, title: str, pairs: list[tuple[Published, Changes]], by_id: dict[str, Estimate], at: str
) -> Block | None:  # fmt: skip
    rows = []
    for published, one in pairs:
        e = by_id.get(ids.change_g(one.outcome.ref, at))
        marker = Marker(published.g, comparable=False, source=title) if published.g is not None else None
        if e is not None:
            rows.append(ForestRow(one.outcome.facts.label, e.value, e.ci_low, e.ci_high, e.n, published=marker))
    if not rows:
        return None
    said = "; ".join(
        f"{row.label} {number(row.value)} here, {number(row.published.value) if row.published else '–'} published"
        for row in rows
    )
    figure = Forest(
        f"Change, {study.when(at)}: ours and published", f"Improvement to the right in every row: {said}.", rows,
        "improvement in baseline SDs (published: Hedges g as printed, turned)", published=title,
        invented=study.cohort.manifest.invented,
    )  # fmt: skip
    n = max((row.n or 0 for row in rows), default=0)
    return drawn(
        "benchmark", figure, f"Ours: up to n = {n:,}, repeated-measures model. Hollow: not known to be comparable."
    )


def _table(
    study: Study, pairs: list[tuple[Published, Changes]], by_id: dict[str, Estimate], at: str
) -> Table:  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for published, one in pairs:
        ours = by_id.get(ids.change_g(one.outcome.ref, at))
        if ours is None:
            continue
        shares = percentages(one, at, None)
        rows.append((
            one.outcome.facts.label, interval(ours), number(published.g), interval(shares[0], 1) if shares else
            "no true zero", number(shares[1].value, 1) if shares else "–", number(published.percent, 1),
            published.printed or "–", published.n,
            *(getattr(published, key) for key in _KNOWN),
        ))  # fmt: skip
    columns = ("Outcome", "Ours, baseline SDs [95 %]", "Published g, turned", "Ours, % from true zero [95 %]",
               "Ours, % of raw score", "Published %, turned", "As printed", "Published n",
               *(words.capitalize() for words in _KNOWN.values()))  # fmt: skip
    note = (
        "Turned: improvement is positive for every scale; a scale on which higher is better is printed with a minus in "
        "the source. Which base the published per cent has is not known."
    )
    return Table("benchmark", "Ours and published", columns, tuple(rows), note)


def _funnel(rows: tuple[tuple[Cell, ...], ...]) -> Table | None:
    columns = ("Stage", "Of", "Ours, %", "n", "Published, %")
    return Table("benchmark_funnel", "Shares beside the published", columns, rows, digits=0) if rows else None


def _funnel_rows(study: Study) -> tuple[tuple[Cell, ...], ...]:
    clause = study.protocol.analysis.benchmark
    stages = {stage.name: stage for stage in reached(study)}
    rows: list[tuple[Cell, ...]] = []
    for published in clause.funnel if clause else ():
        stage = stages.get(published.stage)
        base = stages[published.of].members if published.of in stages else stage.base if stage else None
        if stage is None or base is None or not base.any():
            continue
        n = int((stage.members & base).sum())
        of = stages[published.of].label.lower() if published.of in stages else stage.of or "all"
        rows.append((stage.label, of, 100 * n / int(base.sum()), int(base.sum()), 100 * published.share))
    return tuple(rows)


def published_satisfaction(study: Study) -> str:
    """One sentence with the published shares of satisfaction."""
    clause = study.protocol.analysis.benchmark
    if clause is None or not clause.satisfaction:
        return ""
    said = listed(f"{name.replace('_', ' ')} {percent(share)}" for name, share in clause.satisfaction.items())
    return f"Published ({clause.title}): {said}; of whom is not known."
