"""Change of single people against measurement error, by four published methods; and what choosing the worst would do.

Asked for by `analysis.also: [individual-change, regression-to-the-mean]`. Shares only: no person is named.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import Outcome
from accord.science.analyses.responders import arms_or_all, over_clusters, rows_of, share_words, yardstick
from accord.science.analyses.result import Block, Caution, Cell, Picture, Table, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import listed, number, percent
from accord.science.errors import NotEstimable
from accord.science.estimates.estimate import Estimate
from accord.science.estimates.individual_change import METHODS, IndividualChange, individual_change
from accord.science.estimates.proportions import proportion
from accord.science.estimates.regression_to_the_mean import regression_to_the_mean
from accord.science.figures import BarRow, Bars

NAMES = {
    "jacobson-truax": "Jacobson–Truax", "gulliksen-lord-novick": "Gulliksen–Lord–Novick",
    "edwards-nunnally": "Edwards–Nunnally", "hageman-arrindell": "Hageman–Arrindell",
}  # fmt: skip
_KINDS = {"improved": "improved", "worse": "worse"}


def individual_part(study: Study) -> Part:
    """The section: outcomes whose instrument has a reliability; the others are named."""
    wanted = [one for one in ("individual-change", "regression-to-the-mean") if one in study.protocol.analysis.also]
    if not wanted:
        return Part()
    measured = [(o, y.reliability.r) for o in study.plan.outcomes if (y := yardstick(study, o)) and y.reliability]
    known = [(o, float(r)) for o, r in measured if r is not None]
    blocks: list[Block | None] = []
    estimates: list[Estimate] = []
    if "individual-change" in wanted:
        estimates = [e for o, r in known for e in _shares(study, o, r)]
        blocks += [Text(_how()), _picture(study, known, estimates), _table(study, known, estimates),
                   _without(study, [o for o, _ in known])]  # fmt: skip
    if "regression-to-the-mean" in wanted:
        blocks.append(_towards_the_mean(study, known))
    return part("individual", "Change of single people", blocks, estimates)


def _how() -> str:
    return (
        f"Four published rules ({listed(NAMES.values())}) say by how much one person must change before it is more "
        "than measurement error. They ask different things and disagree at the edges. Each is two-sided at 5 %: if "
        "nobody "
        "changed at all, 2.5 % would still count as improved and 2.5 % as worse by the first of them."
    )


def _shares(study: Study, outcome: Outcome, r: float) -> Iterator[Estimate]:
    """`individual.<method>.<kind>.S.T[.A]`"""
    for at in _times(outcome):
        for arm in arms_or_all(study):
            for method in METHODS:
                where = f", {study.arm_label(arm)}" if arm else ""
                for kind in _KINDS:
                    id = ".".join(filter(None, ("individual", method, kind, outcome.ref, at, arm)))
                    label = f"{outcome.facts.label}, {study.when(at)}{where}: {kind} ({NAMES[method]})"
                    try:
                        found = _found(study, outcome, at, arm, r, method)
                        counted = sum(found.counts.values())
                        share = proportion(found.counts[kind], counted)
                    except NotEstimable as error:
                        yield Estimate(id=id, label=label, value=None, scale=outcome.ref, note=error.finding.what)
                        continue
                    flags = np.where(found.kinds == "", np.nan, (found.kinds == kind).astype(float))
                    one = share.estimate(
                        id, label, missing=len(found.kinds) - counted, scale=outcome.ref, unit="share",
                        method=f"{NAMES[method]}, reliability {r:.2f}, mean and SD of the cohort; Wilson interval",
                    )  # fmt: skip
                    yield over_clusters(study, rows_of(study, outcome, at, arm), flags, one)


def _times(outcome: Outcome) -> tuple[str, ...]:
    """All time-points of the primary outcome, the first of any other."""
    return outcome.at if outcome.role == "primary" else outcome.at[:1]


def _found(study: Study, outcome: Outcome, at: str, arm: str | None, r: float, method: str) -> IndividualChange:
    """Mean and SD are those of all analysed people at baseline, whatever the arm."""
    everybody = study.values(outcome, outcome.baseline)[study.analysed(outcome)]
    everybody = everybody[np.isfinite(everybody)]
    if len(everybody) < 2:
        raise NotEstimable("Fewer than two people have a baseline.", cure="Report the values.")
    rows = rows_of(study, outcome, at, arm)
    return individual_change(
        study.values(outcome, outcome.baseline)[rows], study.values(outcome, at)[rows], reliability=r,
        sign=outcome.facts.sign, method=method, mean=float(everybody.mean()),  # type: ignore[arg-type]
        sd=float(everybody.std(ddof=1)),
    )  # fmt: skip


def _table(study: Study, known: list[tuple[Outcome, float]], estimates: list[Estimate]) -> Table | None:
    by_id = {e.id: e for e in estimates}
    rows: list[tuple[Cell, ...]] = []
    several = len(arms_or_all(study)) > 1
    for outcome, r in known:
        for at in _times(outcome):
            for arm in arms_or_all(study):
                tail = ".".join(filter(None, (outcome.ref, at, arm)))
                for method, name in NAMES.items():
                    better, worse = (by_id[f"individual.{method}.{kind}.{tail}"] for kind in _KINDS)
                    about = (outcome.facts.label, study.label(at),
                             *((study.arm_label(arm) if arm else "everybody",) if several else ()))  # fmt: skip
                    said = share_words(better) if better.value is not None else better.note
                    rows.append((*about, name, number(r), better.n, better.missing, said, share_words(worse)))
    columns = ("Outcome", "At", *(("Arm",) if several else ()), "Rule", "Reliability", "n", "Missing",
               "Improved, % [95 %]", "Worse, % [95 %]")  # fmt: skip
    note = (
        "People with both values. The reliability is the instrument's; its kind and source stand with the responders."
    )
    return (
        Table("individual_change", "Change of single people by four rules", columns, tuple(rows), note)
        if rows
        else None
    )


def _picture(study: Study, known: list[tuple[Outcome, float]], estimates: list[Estimate]) -> Picture | None:
    """The outcome that comes first, at its first endpoint."""
    if not known:
        return None
    outcome, at = known[0][0], known[0][0].at[0]
    rows, said = [], []
    for arm in arms_or_all(study)[:4]:
        tail = ".".join(filter(None, (outcome.ref, at, arm)))
        for kind in _KINDS:
            for method, name in NAMES.items():
                e = next((e for e in estimates if e.id == f"individual.{method}.{kind}.{tail}"), None)
                if e is None or e.value is None:
                    continue
                group = f"{study.arm_label(arm)}: {kind}" if arm else kind.capitalize()
                rows.append(BarRow(name, e.value, e.ci_low, e.ci_high, e.n, group=group))
                if method == "jacobson-truax":
                    said.append(f"{group} {percent(e.value)} by Jacobson–Truax")
    if not rows:
        return None
    figure = Bars(
        f"Single people: {outcome.facts.label}, {study.when(at)}", "; ".join(said) + ".", rows, "share of people",
        percent=True, invented=study.cohort.manifest.invented,
    )  # fmt: skip
    return drawn("individual_change", figure, "People with both values; 95 % intervals. Other outcomes in the table.")


def _without(study: Study, known: list[Outcome]) -> Block | None:
    lacking = [o.facts.label for o in study.plan.outcomes if o not in known]
    return (
        Caution(f"Left out, since no reliability of theirs is known to us: {', '.join(lacking)}.") if lacking else None
    )


def _towards_the_mean(study: Study, known: list[tuple[Outcome, float]]) -> Block | None:
    """What the half, and the quarter, that began worst would improve by selection alone, beside what they did."""
    rows: list[tuple[Cell, ...]] = []
    for outcome, r in known:
        sign, used = outcome.facts.sign, study.analysed(outcome)
        before = study.values(outcome, outcome.baseline)[used]
        at = outcome.at[0]
        change = sign * (study.values(outcome, at)[used] - before)
        both = np.isfinite(before) & np.isfinite(change)
        if both.sum() < 20:
            continue
        mean, sd = float(before[both].mean()), float(before[both].std(ddof=1))
        for words, share in (("worse half", 0.5), ("worst quarter", 0.25)):
            cut = float(np.quantile(before[both], share if sign > 0 else 1 - share))
            worst = both & (before <= cut if sign > 0 else before >= cut)
            if not sd > 0 or worst.all() or worst.sum() < 5:
                continue
            expected = regression_to_the_mean(cutoff=cut, mean=mean, sd=sd, correlation=r, above=sign < 0).expected
            all_, own = float(change[both].mean()), float(change[worst].mean())
            rows.append((outcome.facts.label, study.label(at), words, int(worst.sum()), number(own), number(all_),
                         number(own - all_), number(expected)))  # fmt: skip
    if not rows:
        return Text("What choosing people for bad scores does cannot be computed: no outcome has a known reliability.")
    columns = ("Outcome", "At", "Of whom", "n", "Improved by", "All improved by", "More than all", "By error alone")
    note = (
        "By error alone: what people chosen for a bad baseline would improve beyond the others only because part of "
        "it was "
        "measurement error, from the instrument's reliability (normal scores). What goes beyond is people's ordinary "
        "ups "
        "and downs, or that who began worst gained more; without a comparison the two cannot be told apart. The same "
        "happens to everybody when people come when they are at their worst."
    )
    return Table("towards_the_mean", "What choosing the worst would do", columns, tuple(rows), note)
