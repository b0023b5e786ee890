"""Who went how far: the stages of the protocol with their definitions, and why others did not get there."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import Block, Caution
from accord.science.analyses.stage_days import day_reached
from accord.science.analyses.study import Study
from accord.science.analyses.wording import percent
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate, count_estimate
from accord.science.estimates.medians import median
from accord.science.estimates.proportions import proportion
from accord.science.figures import FunnelBars, FunnelStage, Reason

_WHY = {"eligible": ("ineligible",), "enrolled": ("withdrawal",), "started": ("withdrawal",)}
_TOP = 4  # reasons named; the rest are counted together


@dataclass(frozen=True)
class Reached:
    """One stage: who is in it, of whom, and for how many it cannot be told."""

    name: str
    label: str
    rule: str
    of: str | None
    members: NDArray[np.bool_]
    base: NDArray[np.bool_]
    unknown: int
    reasons: tuple[Reason, ...] = ()
    wait: Estimate | None = None

    @property
    def n(self) -> int:
        return int(self.members.sum())

    @property
    def estimate(self) -> Estimate:
        label = f"{self.label}, of {self.of or 'all'}"
        try:
            share = proportion(self.n, int(self.base.sum()))
        except NotEstimable as error:
            return Estimate(id=ids.funnel(self.name), label=label, value=None, n=0, unit="share",
                            note=f"Not estimable: {error.finding.what}")  # fmt: skip
        return share.estimate(ids.funnel(self.name), label, missing=self.unknown, unit="share")

    @property
    def count(self) -> Estimate:
        return count_estimate(float(self.n), ids.reached(self.name), f"People: {self.label}", missing=self.unknown,
                              unit="people")  # fmt: skip


def reached(study: Study) -> list[Reached]:
    """The stages in order. A person is in a stage when she is in the stage it is `of` and meets its rule."""
    found: dict[str, Reached] = {}
    days: dict[str, NDArray[np.float64] | None] = {}
    before: str | None = None
    everybody = np.ones(len(study.people), dtype=bool)
    for name, stage in study.protocol.stages.items():
        of = stage.of or before
        base = found[of].members if of else everybody
        met, _ = study.people.flag(stage.rule)
        told = study.people.flag(f"!({stage.rule})")[0] | met
        label = found[of].label.partition(" (")[0].lower() if of else None
        members = base & met
        days[name] = day_reached(study, stage.rule)
        wait = _wait(name, stage.label, label, members, days[name], days.get(of or ""))
        found[name] = Reached(
            name, stage.label, stage.rule, label, members, base, int((base & ~told).sum()),
            _reasons(study, name, base & ~members), wait,
        )  # fmt: skip
        before = name
    return list(found.values())


def _wait(
    name: str, label: str, of: str | None, members: NDArray[np.bool_], day: NDArray[np.float64] | None,
    since: NDArray[np.float64] | None,
) -> Estimate | None:  # fmt: skip
    """Median days from the stage before; of who got there, so it is shorter than what everybody waits."""
    if day is None or since is None:
        return None
    words = f"Days from {of} to {label.partition(' (')[0].lower()}: median of who got there"
    empty = Estimate(id=ids.stage_wait(name), label=words, value=None, unit="days")
    try:
        found = median((day - since)[members])
    except NotEstimable:
        return empty.renamed(n=0, note="Not estimable: nobody has got there on a day that is known.")
    return empty.renamed(value=found.value, ci_low=found.ci_low, ci_high=found.ci_high, n=found.n,
                         missing=found.missing, method="median, order-statistic limits")  # fmt: skip


def _reasons(study: Study, stage: str, missed: NDArray[np.bool_]) -> tuple[Reason, ...]:
    """The recorded reasons of those who did not reach this stage, the frequent ones by name."""
    if not missed.any() or "events" not in study.cohort.names:
        return ()
    names = study.people.frame["participant"].filter(pl.Series(missed))
    kinds = _WHY.get(stage, ("withdrawal", "lost"))
    rows = (
        study.cohort.scan("events")
        .filter(pl.col("kind").is_in(kinds) & pl.col("participant").is_in(names.implode()))
        .unique("participant", keep="first", maintain_order=True)
        .select(reason=pl.coalesce("reason", "kind"))
        .group_by("reason").len().sort(["len", "reason"], descending=[True, False]).collect()
    )  # fmt: skip
    reasons = [Reason(spoken(reason), int(n)) for reason, n in rows.iter_rows()]
    told = sum(reason.n for reason in reasons)
    kept = reasons[:_TOP]
    if len(reasons) > _TOP:
        kept.append(Reason("other reasons", sum(reason.n for reason in reasons[_TOP:])))
    silent = int(missed.sum()) - told
    return (*kept, Reason("no reason recorded", silent)) if reasons and silent > 0 else tuple(kept)


def funnel_part(study: Study) -> Part:
    """The section, for protocols with stages."""
    stages = reached(study)
    if not stages:
        return Part()
    estimates = [stage.estimate for stage in stages if stage.of is not None]
    estimates += [stage.count for stage in stages]
    estimates += [stage.wait for stage in stages if stage.wait is not None]
    figure = FunnelBars(
        title="Who went how far", description=_in_words(stages), invented=study.cohort.manifest.invented,
        stages=[
            FunnelStage(
                stage.label, stage.n, share=_share(stage), share_of=f"of {stage.of}" if stage.of else "",
                definition=stage.rule, reasons=stage.reasons, days=stage.wait.value if stage.wait else None,
            )
            for stage in stages
        ],
    )  # fmt: skip
    blocks: list[Block | None] = [
        drawn("funnel", figure, "Counts of people; definitions are the protocol's. Days: median of who got there."),
        _untold(stages),
    ]  # fmt: skip
    return part("funnel", "Who went how far", blocks, estimates, _lead(stages))


def _share(stage: Reached) -> float | None:
    base = int(stage.base.sum())
    return stage.n / base if stage.of is not None and base else None


def _in_words(stages: list[Reached]) -> str:
    first, rest = stages[0], stages[1:]
    said = [f"{s.label}: {s.n:,} ({percent(s.n, int(s.base.sum()))} of {s.of})" for s in rest if s.base.any()]
    return " ".join(f"{words}." for words in (f"{first.label}: {first.n:,}", *said))


def _lead(stages: list[Reached]) -> tuple[str, ...]:
    by_name = {stage.name: stage for stage in stages}
    if "started" not in by_name or not by_name["started"].base.any():
        return ()
    started = by_name["started"]
    base = int(started.base.sum())
    sentence = f"{percent(base - started.n, base)} of {base:,} enrolled people never began"
    if "all" in by_name and started.n:
        sentence += f", and {percent(by_name['all'].n, started.n)} of those who began finished"
    return (f"{sentence}.",)


def _untold(stages: list[Reached]) -> Caution | None:
    said = [f"{stage.label}: {stage.unknown:,} of {int(stage.base.sum()):,}" for stage in stages if stage.unknown]
    if not said:
        return None
    told = "For some people it cannot be told whether they reached a stage; they are not counted in it."
    return Caution(f"{told} {'; '.join(said)}.")
