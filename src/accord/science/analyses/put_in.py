"""What was put into an invented cohort beside what came out, by id (C12)."""

from __future__ import annotations

from accord.science.analyses.parts import Part, part
from accord.science.analyses.result import Block, Caution, Cell, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import INVENTED
from accord.science.estimates.estimate import Estimate


def put_in_part(study: Study, estimates: list[Estimate]) -> Part:
    """The section, for a simulated cohort that brings its truth."""
    truth = study.cohort.truth
    if not truth:
        return Part()
    rows: list[tuple[Cell, ...]] = []
    held = counted = 0
    for e in estimates:
        if e.id not in truth or e.value is None:
            continue
        inside = None
        if e.ci_low is not None and e.ci_high is not None:
            inside = e.ci_low <= truth[e.id] <= e.ci_high
            held, counted = held + inside, counted + 1
        rows.append(
            (
                e.label,
                e.id,
                e.value,
                e.ci_low,
                e.ci_high,
                truth[e.id],
                "" if inside is None else "yes" if inside else "no",
            )
        )
    if not rows:
        return Part()
    columns = ("What", "Id", "Estimate", "95 % from", "95 % to", "Put in", "Inside")
    blocks: list[Block | None] = [
        Caution(INVENTED),
        Text(
            f"{held} of {counted} intervals hold what was put in. One cohort says little about whether intervals are "
            "right: they rise and fall together. The truth is that of full follow-up; what is observed here has lost "
            "people on the way."
        ),
        Table("put_in", "Estimates and what was put in", columns, tuple(rows), digits=3),
    ]  # fmt: skip
    return part("put_in", "What was put in", blocks)
