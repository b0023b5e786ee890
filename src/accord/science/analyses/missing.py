"""What is missing, in which patterns, and what was done about it."""

from __future__ import annotations

import numpy as np

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import Outcome
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import percent
from accord.science.figures import MissingPattern, Pattern

_WORDS = {
    "jump-to-reference": "those who left did from then on as the comparison side did",
    "tipping-point": "how much worse those who left would have to do before the interval reaches zero",
    "completers": "people with both values only",
    "baseline-carried": "those who left are taken not to have changed at all",
}


def missing_part(study: Study) -> Part:
    """Patterns of the primary outcome, counts per outcome and time-point, and the method in words."""
    if not study.plan.outcomes:
        return Part()
    outcome = study.plan.primary or study.plan.outcomes[0]
    blocks: list[Block | None] = [
        Text(_done(study)), _populations(study), drawn("missing", _patterns(study, outcome), _note(study, outcome)),
        _counts(study),
    ]  # fmt: skip
    return part("missing", "What is missing, and what was done about it", blocks)


def _done(study: Study) -> str:
    rule = study.protocol.analysis.missing
    how = (
        "Missing values are taken to be missing at random: a person's own earlier values, and those of people like "
        "her, foretell what is missing. The repeated-measures model uses every value there is and fills in none."
        if rule.primary == "mar"
        else "The protocol asks for multiple imputation; under the same assumption (missing at random) the "
        "repeated-measures model uses every value there is and fills in none."
    )
    if not rule.sensitivity:
        return how
    said = "; ".join(_WORDS[name] for name in rule.sensitivity)
    return f"{how} The protocol asks what would change under other assumptions: {said}."


def _populations(study: Study) -> Block | None:
    notes = [population.note for population in study.populations if population.note]
    notes += [
        f"For {p.unknown} people it cannot be told whether they belong to '{p.name.replace('_', ' ')}' ({p.rule}); "
        "they are left out of it."
        for p in study.populations
        if p.unknown and not p.note
    ]
    return Caution(" ".join(notes)) if notes else None


def _note(study: Study, outcome: Outcome) -> str:
    n = int(study.analysed(outcome).sum())
    return f"{outcome.facts.label}, {n:,} people of the primary analysis for whom the outcome came due."


def _patterns(study: Study, outcome: Outcome) -> MissingPattern:
    rows = study.analysed(outcome)
    seen = np.isfinite(study.scores.matrix(outcome.ref, outcome.informant, outcome.visits)[rows])
    found, counts = np.unique(seen, axis=0, return_counts=True) if len(seen) else (seen, np.zeros(0, dtype=int))
    labels = [study.label(visit) for visit in outcome.visits]
    patterns = [Pattern(tuple(bool(x) for x in row), int(n)) for row, n in zip(found, counts, strict=True)]
    whole = sum(pattern.n for pattern in patterns if all(pattern.observed))
    words = f"{whole:,} of {int(rows.sum()):,} people ({percent(whole, int(rows.sum()))}) have every value."
    return MissingPattern(
        f"Which values are there: {outcome.facts.label}", words, labels, patterns, outcome.facts.label,
        study.cohort.manifest.invented,
    )  # fmt: skip


def _counts(study: Study) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for outcome in study.plan.outcomes:
        members = study.analysed(outcome)
        for visit in outcome.visits:
            due = members & study.due(visit)
            n = int(np.isfinite(study.values(outcome, visit)[due]).sum())
            missing = int(due.sum()) - n
            share = 100 * missing / int(due.sum()) if due.any() else None
            rows.append((outcome.facts.label, study.label(visit), int(due.sum()), n, missing, share))
    columns = ("Outcome", "Time-point", "Came due for", "n", "Missing", "% missing")
    return Table("missing", "Values per outcome and time-point", columns, tuple(rows), digits=1)
