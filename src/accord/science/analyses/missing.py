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
    "chained-equations": "missing values imputed from all of a person's other values, by chained equations",
    "completion-replaced": "missing values imputed from the baseline and from how much of the programme was completed",
}


def missing_part(study: Study) -> Part:
    """Patterns of the primary outcome, counts per outcome and time-point, and the method in words."""
    if not study.plan.outcomes:
        return Part()
    outcome = study.plan.primary or study.plan.outcomes[0]
    blocks: list[Block | None] = [
        Text(_done(study)), _populations(study),
        drawn("missing", _patterns(study, outcome), _note(study, outcome)) if study.analysed(outcome).any() else None,
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
    """What was observed, by outcome, time-point and arm, and how much is missing of what came due."""
    several = len(study.arms) > 1
    rows: list[tuple[Cell, ...]] = []
    for outcome in study.plan.outcomes:
        analysed = study.analysed(outcome)
        for visit in outcome.visits:
            for arm in study.arms if several else (None,):
                due = analysed & study.due(visit) & (study.arm == arm if arm else True)
                where = (study.arm_label(arm),) if arm else ()
                about = (outcome.facts.label, study.label(visit), *where)
                rows.append((*about, *_observed(study.values(outcome, visit)[due])))
    columns = ("Outcome", "At", *(("Arm",) if several else ()), "Came due for", "n", "Missing", "% missing", "Mean",
               "SD", "Median")  # fmt: skip
    note = "Values as observed: nothing adjusted, nothing filled in."
    return Table("observed", "Values as observed, and how many are missing", columns, tuple(rows), note)


def _observed(values: np.ndarray) -> tuple[Cell, ...]:
    known = values[np.isfinite(values)]
    missing = len(values) - len(known)
    share = percent(missing, len(values)) if len(values) else None
    if not len(known):
        return (len(values), 0, missing, share, None, None, None)
    sd = float(known.std(ddof=1)) if len(known) > 1 else None
    return (len(values), len(known), missing, share, float(known.mean()), sd, float(np.median(known)))
