"""The section on process and outcome: its picture with reverse paths beside, its tables, what it does not say (C17)."""

from __future__ import annotations

from accord.science.analyses.parts import Part, part
from accord.science.analyses.process import association_estimates, both_raters, describe
from accord.science.analyses.result import Block, Caution, Cell, Picture, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, number, p_value
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate
from accord.science.figures.mechanism_map import Leg, MechanismMap

_DETECTABLE = 2.8  # (1.96 + 0.84) standard errors: found with a power of 80 %


def process_part(study: Study) -> Part:
    """The section for protocols with associations."""
    clauses = study.protocol.endpoints.associations
    if not clauses:
        return Part()
    estimates = [e for name, clause in clauses.items() for e in association_estimates(study, name, clause)]
    if all(e.value is None for e in estimates):
        lacking = Caution("None of the associations of the protocol can be had from this cohort: " + estimates[0].note)
        return part("process", "Process and outcome", [lacking], estimates)
    joint = list(both_raters(study))
    blocks: list[Block | None] = [
        Text(
            "How ratings and recordings of the treatment itself go together with later change. Between people: whether "
            "people with a higher level than others change more. Within people: whether a person changes more after "
            "occasions at which hers was higher than usual for her. Each is adjusted for the outcome so far; slopes "
            "are standard deviations of the outcome per standard deviation of the measure."
        ),
        Caution(
            "These are associations. Who improves may come to rate the relationship better, so the reverse path stands "
            "beside each one, and things that nobody measured may drive both."
        ),
        _map(study, estimates), _table(estimates), _raters_table(joint), Text(_POWER),
    ]  # fmt: skip
    return part("process", "Process and outcome", blocks, (*estimates, *joint))


def _map(study: Study, estimates: list[Estimate]) -> Picture | None:
    """Within people, each measure before the outcome that is asked again and again, and the reverse path beside."""
    by_id = {one.id: one for one in estimates}
    legs, labels = [], {}
    clauses = study.protocol.endpoints.associations
    outcome = next((c.outcome for c in clauses.values() if "within" in c.parts), "")
    for name, clause in clauses.items():
        if clause.outcome != outcome:
            continue
        there = by_id.get(ids.association(name, "within"))
        if there is None or there.value is None:
            continue
        labels[name] = describe(study, clause)
        legs.append(Leg(name, "outcome", there.value, there.ci_low, there.ci_high))
        back = by_id.get(ids.association(name, "reverse_within"))
        if back is not None and back.value is not None:
            legs.append(Leg("outcome", name, back.value, back.ci_low, back.ci_high, back=True))
    if not legs:
        return None
    title = "Within people: before the outcome, and after it"
    said = (
        "Slopes in standard deviations with 95 % intervals: the measure at one session and later change, and beside it "
        "change so far and the measure later."
    )
    labels["outcome"] = study.words_for(outcome)
    picture = MechanismMap(title, said, legs, labels=labels, unit="SD per SD", invented=study.cohort.manifest.invented)
    return Picture("process_map", title, said, picture, "Only what is asked again and again has a within-person part.")


_POWER = (
    "The last column is the slope that a study with as many people and as much scatter finds with a power of 80 % "
    "(two-sided 5 %). Smaller slopes are missed more often; not found is not absent."
)


def _table(estimates: list[Estimate]) -> Table:
    by_id = {e.id: e for e in estimates}
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        if ".reverse_" in e.id:
            continue
        path, _, part_ = e.label.partition(": ")
        name, _, which = e.id.rpartition(".")
        back = by_id.get(f"{name}.reverse_{which}")
        rows.append((
            path, part_, e.n, e.missing, interval(e) if e.value is not None else e.note, p_value(e.p),
            interval(back) if back else None, p_value(back.p) if back else None,
            number(_DETECTABLE * e.se) if e.se is not None else None,
        ))  # fmt: skip
    columns = ("Path", "Part", "n", "Missing", "Slope [95 %]", "p", "Reverse path [95 %]", "p, reverse", "Found from")
    methods = "; ".join(dict.fromkeys(e.method.rpartition(", ")[0] for e in estimates if e.method))
    note = f"SD per SD; n counts people with at least one complete row. {methods[:1].upper() + methods[1:]}."
    return Table("associations", "Process and outcome", columns, tuple(rows), note)


def _raters_table(estimates: list[Estimate]) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        path, _, part_ = e.label.partition(": ")
        rows.append((path, part_, e.n, interval(e), p_value(e.p)))
    note = "SD per SD, each rater at equal ratings of the other (actor and partner)."
    columns = ("Path", "Part", "n", "Slope [95 %]", "p")
    return Table("both_raters", "Both raters in one regression", columns, tuple(rows), note) if rows else None
