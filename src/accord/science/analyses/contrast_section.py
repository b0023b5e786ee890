"""The section of a trial: its contrasts, what the margins say, and what would change under other assumptions."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.analyses.change import Changes
from accord.science.analyses.contrasts import Compared, comparisons, moderators, sensitivity
from accord.science.analyses.models import NAMES
from accord.science.analyses.multiplicity import NAMES as ADJUSTMENTS
from accord.science.analyses.multiplicity import with_multiplicity
from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.result import Block, Caution, Cell, Picture, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import interval, listed, number, p_value
from accord.science.estimates.estimate import Estimate
from accord.science.figures import Forest, ForestRow

_ROLES = {"primary": "Primary", "key": "Key secondary", "secondary": "Secondary"}


def contrasts_part(study: Study, found: list[Changes]) -> Part:
    """The section, for protocols that compare."""
    compared = with_multiplicity(study, [c for one in found for c in comparisons(one)])
    if not compared:
        return Part()
    compared.sort(key=lambda c: list(_ROLES).index(c.target.role))
    main = [c for c in compared if c.target.role == "primary"]
    what_if = [e for c in main for e in sensitivity(c)]
    moderation = [e for c in main for e in moderators(c)]
    estimates = [e for c in compared for e in (c.points, c.sds)]
    blocks: list[Block | None] = [
        Text(_how(study)), *(Text(_verdict(c)) for c in main), *_forests(study, compared), _table(study, compared),
        _margins(compared), _few(compared), _what_if_table(main, what_if), _moderation_table(main, moderation),
        _waiting_list(study),
    ]  # fmt: skip
    lead = [_verdict(c) for c in main]
    return part("contrasts", "What the arms differ by", blocks, (*estimates, *what_if, *moderation), lead)


def _how(study: Study) -> str:
    rule, rungs = study.protocol.analysis.multiplicity, study.protocol.analysis.models
    family = ""
    if rule is not None and rule.method != "none":
        several = "families" if len(rule.covers) > 1 else "family"
        family = f" p values of the {listed(rule.covers)} {several} are adjusted by {ADJUSTMENTS[rule.method]}."
    models = listed(NAMES[rung] for rung in rungs)
    ladder = f" Models in the order of the protocol, the first that can be estimated: {models}."
    return (
        f"Everybody allocated is analysed in the arm given ({study.primary.name.replace('_', ' ')}: "
        f"{study.primary.rule}). Each contrast is the improvement of the first side minus that of the second: to the "
        f"right the first did better.{ladder}{family}"
    )


def _verdict(c: Compared) -> str:
    """One sentence: who did better by how much, or what is not shown."""
    study = c.found.study
    about = f"{c.found.outcome.facts.label}, {study.when(c.target.at)}: "
    if c.points.value is None:
        return f"{about}{c.named.label} is not estimable. {c.points.note}"
    first, second = study.sides(c.named)
    people = f"n = {c.points.n:,}, {c.points.missing} missing"
    numbers = f"{interval(c.points)} {c.points.unit}, {interval(c.sds)} baseline SDs"
    if c.named.aim != "superiority":
        return f"{about}{c.named.label}, {c.verdict}: {numbers} ({people})."
    said = {
        "first better": f"{first} improved more than {second}",
        "second better": f"{second} improved more than {first}",
    }.get(c.verdict, f"a difference between {first} and {second} is not shown")
    return f"{about}{said}: {numbers}; p {_equals(c.points.p)} ({people})."


def _equals(p: float | None) -> str:
    words = p_value(p)
    return words if words.startswith("<") else f"= {words}"


def _forests(study: Study, compared: list[Compared]) -> Iterator[Picture]:
    """One forest a contrast name would hide the pattern over time: one a role, headed by contrast and time-point."""
    for role, words in _ROLES.items():
        chosen = [c for c in compared if c.target.role == role and c.sds.value is not None]
        if not chosen:
            continue
        rows: list[ForestRow] = []
        for name in dict.fromkeys((c.name, c.target.at) for c in chosen):
            rows.append(ForestRow(f"{study.protocol.endpoints.contrasts[name[0]].label}, {study.when(name[1])}",
                                  kind="heading"))  # fmt: skip
            rows += [
                ForestRow(
                    c.found.outcome.facts.label, c.sds.value, c.sds.ci_low, c.sds.ci_high, c.sds.n, note=c.verdict
                )
                for c in chosen
                if (c.name, c.target.at) == name
            ]
        said = "; ".join(f"{c.points.label} {interval(c.sds)}" for c in chosen)
        first, second = study.sides(chosen[0].named) if len({c.name for c in chosen}) == 1 else ("first", "second")
        figure = Forest(
            words if len(chosen) == 1 else f"{words} outcomes",
            f"Difference in improvement, in baseline standard deviations: {said}.", rows,
            "difference in improvement, baseline SDs", left=f"{second} better", right=f"{first} better",
            invented=study.cohort.manifest.invented,
        )  # fmt: skip
        methods = "; ".join(dict.fromkeys(c.points.method for c in chosen))
        yield drawn(f"contrasts_{role}", figure, f"95 % intervals. {methods[:1].upper() + methods[1:]}.")


def _table(study: Study, compared: list[Compared]) -> Table:
    truth = study.cohort.truth
    adjusted = any(c.adjusted is not None for c in compared)
    several = len({c.name for c in compared}) > 1
    margins = any(c.named.margin is not None and c.named.aim != "superiority" for c in compared)
    rows: list[tuple[Cell, ...]] = []
    for c in compared:
        about = (_ROLES[c.target.role], c.found.outcome.facts.label, study.label(c.target.at))
        numbers = (interval(c.points), interval(c.sds), p_value(c.points.p))
        rows.append((
            *about, *((c.named.label,) if several else ()), *numbers,
            *((p_value(c.p) if c.p != c.points.p else None,) if margins else ()),
            *((p_value(c.adjusted),) if adjusted else ()),
            c.verdict, c.points.n, c.points.missing, *((truth.get(c.points.id),) if truth else ()), c.points.method,
        ))  # fmt: skip
    columns = (
        "Role", "Outcome", "At", *(("Contrast",) if several else ()), "Difference, points [95 %]",
        "In baseline SDs [95 %]", "p", *(("p of the margin",) if margins else ()),
        *(("p adjusted",) if adjusted else ()), "What the interval says", "n", "Missing",
        *(("Put in, points",) if truth else ()), "Method",
    )  # fmt: skip
    title = "Every contrast of the protocol" if several else f"Every contrast: {compared[0].named.label}"
    note = "Positive: the first side improved more. n and missing count the people of both sides."
    return Table("contrasts", title, columns, tuple(rows), note)


def _margins(compared: list[Compared]) -> Block | None:
    named = {c.name: c.named for c in compared if c.named.margin is not None and c.named.aim != "superiority"}
    if not named:
        return None
    said = "; ".join(f"{n.label}: {n.aim} within {number(n.margin)} baseline SDs" for n in named.values())
    return Text(
        f"Margins of the protocol: {said}. They are judged by the 95 % interval; the p of the "
        "margin is twice that of the one-sided test, so that it goes with that interval. An interval that reaches "
        "beyond the margin means 'not shown'; it never means that the two are equal."
    )


def _few(compared: list[Compared]) -> Block | None:
    notes = list(dict.fromkeys(c.points.note for c in compared if c.points.note))
    return Caution(" ".join(notes)) if notes else None


def _what_if_table(compared: list[Compared], estimates: list[Estimate]) -> Table | None:
    several = len(compared) > 1
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        about, _, assumption = e.label.rpartition(" (")
        value = interval(e) if not e.id.startswith("sensitivity.tipping_point") else number(e.value, 1)
        numbers = (assumption.rstrip(")"), value, p_value(e.p), e.n, e.missing, e.note)
        rows.append((*((about,) if several else ()), *numbers))
    columns = (*(("Contrast",) if several else ()), "Assumption", "Difference, points [95 %]", "p", "n", "Missing",
               "What it says")  # fmt: skip
    title = "What if the missing did worse" + ("" if several or not compared else f": {compared[0].points.label}")
    methods = "; ".join(dict.fromkeys(e.method for e in estimates if e.method))
    return Table("what_if", title, columns, tuple(rows), f"Methods: {methods}.") if rows else None


def _moderation_table(compared: list[Compared], estimates: list[Estimate]) -> Table | None:
    several = len(compared) > 1
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        shown = e.ci_low is not None and e.ci_high is not None and (e.ci_low > 0 or e.ci_high < 0)
        verdict = "the contrast differs with it" if shown else "a difference is not shown"
        about, _, moderator = e.label.partition(": difference for one SD more of ")
        numbers = (moderator, interval(e), p_value(e.p), e.n, verdict if e.value is not None else e.note)
        rows.append((*((about,) if several else ()), *numbers))
    columns = (*(("Contrast",) if several else ()), "Moderator", "Points per SD of it [95 %]", "p", "n",
               "What the interval says")  # fmt: skip
    title = "For whom it differs" + ("" if several or not compared else f": {compared[0].points.label}")
    note = "One moderator at a time, complete cases, not adjusted for looking at several. Not shown is not 'the same'."
    return Table("moderation", title, columns, tuple(rows), note) if rows else None


def _waiting_list(study: Study) -> Block | None:
    if not any(arm.role == "waiting-list" for arm in study.protocol.arms.values()):
        return None
    return Caution(
        "A waiting list overstates: people who wait may do worse than people who were never offered anything (C30)."
    )
