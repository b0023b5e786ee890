"""The section of a trial: its contrasts, what the margins say, and what would change under other assumptions."""

from __future__ import annotations

from collections.abc import Iterator

from accord.science.analyses.change import Changes
from accord.science.analyses.contrasts import Compared, comparisons, moderators, sensitivity, with_multiplicity
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
        _margins(compared), _few(compared), _what_if_table(what_if), _moderation_table(moderation),
        _waiting_list(study),
    ]  # fmt: skip
    lead = [_verdict(c) for c in main]
    return part("contrasts", "What the arms differ by", blocks, (*estimates, *what_if, *moderation), lead)


def _how(study: Study) -> str:
    rule, rungs = study.protocol.analysis.multiplicity, study.protocol.analysis.models
    family = f" p values of the {rule.family} family are adjusted by {rule.method.capitalize()}." if rule else ""
    ladder = f" Models in the order of the protocol, the first that can be estimated: {listed(rungs)}."
    return (
        f"Everybody allocated is analysed in the arm given ({study.primary.name.replace('_', ' ')}: "
        f"{study.primary.rule}). Each contrast is the improvement of the first side minus that of the second: to the "
        f"right the first did better.{ladder}{family}"
    )


def _verdict(c: Compared) -> str:
    about = f"{c.points.label}: "
    if c.points.value is None:
        return f"{about}not estimable. {c.points.note}"
    numbers = f"{interval(c.points)} {c.points.unit}, {interval(c.sds)} baseline SDs"
    first, second = c.found.study.sides(c.named)
    verdict = {
        "first better": f"{first} improved more",
        "second better": f"{second} improved more",
    }.get(c.verdict, c.verdict)
    tail = f"; p {_equals(c.points.p)}" if c.named.aim == "superiority" else ""
    return f"{about}{verdict}: {numbers}{tail} (n = {c.points.n:,}, {c.points.missing} missing)."


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
        figure = Forest(
            f"{words} outcomes", f"Difference in improvement, in baseline standard deviations: {said}.", rows,
            "difference in improvement, baseline SDs", left="second better", right="first better",
            invented=study.cohort.manifest.invented,
        )  # fmt: skip
        methods = "; ".join(dict.fromkeys(c.points.method for c in chosen))
        yield drawn(f"contrasts_{role}", figure, f"95 % intervals. {methods[:1].upper() + methods[1:]}.")


def _table(study: Study, compared: list[Compared]) -> Table:
    truth = study.cohort.truth
    adjusted = any(c.adjusted is not None for c in compared)
    rows: list[tuple[Cell, ...]] = []
    for c in compared:
        row: tuple[Cell, ...] = (
            _ROLES[c.target.role], c.found.outcome.facts.label, study.label(c.target.at), c.named.label, c.points.n,
            c.points.missing, interval(c.points), interval(c.sds), p_value(c.points.p),
        )  # fmt: skip
        row += (p_value(c.adjusted),) if adjusted else ()
        row += (c.verdict,)
        row += (truth.get(c.points.id),) if truth else ()
        rows.append((*row, " ".join(filter(None, (c.points.method, c.points.note)))))
    columns = ["Role", "Outcome", "At", "Contrast", "n", "Missing", "Difference, points [95 %]",
               "In baseline SDs [95 %]", "p"]  # fmt: skip
    columns += ["p adjusted"] if adjusted else []
    columns += ["What the interval says"] + (["Put in, points"] if truth else []) + ["Method"]
    note = "Positive: the first side improved more. n and missing count the people of both sides."
    return Table("contrasts", "Every contrast of the protocol", tuple(columns), tuple(rows), note)


def _margins(compared: list[Compared]) -> Block | None:
    named = {c.name: c.named for c in compared if c.named.margin is not None and c.named.aim != "superiority"}
    if not named:
        return None
    said = "; ".join(f"{n.label}: {n.aim} within {number(n.margin)} baseline SDs" for n in named.values())
    return Text(
        f"Margins of the protocol: {said}. They are judged by the 95 % interval. An interval that reaches beyond the "
        "margin means 'not shown'; it never means that the two are equal."
    )


def _few(compared: list[Compared]) -> Block | None:
    notes = list(dict.fromkeys(c.points.note for c in compared if c.points.note))
    return Caution(" ".join(notes)) if notes else None


def _what_if_table(estimates: list[Estimate]) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        about, _, assumption = e.label.rpartition(" (")
        value = interval(e) if not e.id.startswith("sensitivity.tipping_point") else number(e.value, 1)
        rows.append((about, assumption.rstrip(")"), value, p_value(e.p), e.n, e.missing, e.note, e.method))
    columns = ("Contrast", "Assumption", "Difference, points [95 %]", "p", "n", "Missing", "What it says", "Method")
    return Table("what_if", "What if the missing did worse", columns, tuple(rows)) if rows else None


def _moderation_table(estimates: list[Estimate]) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for e in estimates:
        shown = e.ci_low is not None and e.ci_high is not None and (e.ci_low > 0 or e.ci_high < 0)
        verdict = "the contrast differs with it" if shown else "a difference is not shown"
        rows.append((e.label, interval(e), p_value(e.p), e.n, verdict if e.value is not None else e.note))
    columns = ("Contrast and moderator", "Points per SD of the moderator [95 %]", "p", "n", "What the interval says")
    note = "One moderator at a time, complete cases, not adjusted for looking at several. Not shown is not 'the same'."
    return Table("moderation", "For whom it differs", columns, tuple(rows), note) if rows else None


def _waiting_list(study: Study) -> Block | None:
    if not any(arm.role == "waiting-list" for arm in study.protocol.arms.values()):
        return None
    return Caution(
        "A waiting list overstates: people who wait may do worse than people who were never offered anything (C30)."
    )
