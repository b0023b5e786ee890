"""How people went through a study: the CONSORT flow of a trial, or the same flow for one arm without allocation."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import Outcome, spoken
from accord.science.analyses.result import Block
from accord.science.analyses.study import Study
from accord.science.analyses.wording import counted
from accord.science.figures import Flow, Reason
from accord.science.figures.flow import Arm, Stage

Mask = NDArray[np.bool_]
_LEFT = {"withdrawal": "withdrew", "lost": "could not be reached", "died": "died", "ineligible": "not eligible"}


def flow_part(study: Study) -> Part:
    """The section; protocols with stages of their own show those instead."""
    if study.protocol.stages:
        return Part()
    outcome = study.plan.primary
    randomised = study.protocol.kind == "randomised"
    trunk = _trunk(study, randomised)
    everybody = study.people.frame["enrolled"].fill_null(True).to_numpy()
    arms = study.arms if len(study.arms) > 1 else ()
    columns = [Arm(study.arm_label(arm), _column(study, outcome, everybody & (study.arm == arm))) for arm in arms]
    if not arms:
        trunk += _column(study, outcome, everybody)[1:]
    title = "Flow of participants (CONSORT)" if randomised else "Flow of participants"
    words = _in_words(trunk, columns)
    figure = Flow(title, words, trunk, columns, invented=study.cohort.manifest.invented)
    blocks: list[Block | None] = [drawn("flow", figure, _note(outcome))]
    return part("flow", title, blocks)


def _note(outcome: Outcome | None) -> str:
    about = f"Answered: a value of {outcome.facts.label}, the primary outcome. " if outcome else ""
    return f"{about}Counts of people."


def _trunk(study: Study, randomised: bool) -> list[Stage]:
    frame = study.people.frame
    enrolled = frame["enrolled"].fill_null(True).to_numpy()
    ineligible = frame["eligible"].fill_null(True).to_numpy()
    out = ~ineligible & ~enrolled
    other = ~enrolled & ~out
    stages = []
    if out.any() or other.any():
        lost = [
            *_reasons(study, out, ("ineligible",)),
            *_reasons(study, other, ("withdrawal", "lost"), "went no further"),
        ]
        stages.append(Stage("Assessed for eligibility", len(study.people), lost, "Not enrolled"))
    given = frame["allocated"].fill_null(False).to_numpy()
    if randomised and given.any():
        never = int((enrolled & ~given).sum())
        if never:
            stages.append(Stage("Enrolled", int(enrolled.sum()), [Reason("not allocated", never)]))
        stages.append(Stage("Randomised", int(given.sum())))
    else:
        stages.append(Stage("Enrolled", int(enrolled.sum())))
    return stages


def _column(study: Study, outcome: Outcome | None, members: Mask) -> list[Stage]:
    """Allocated (or enrolled), began, answered at each time-point of the primary outcome, analysed."""
    frame = study.people.frame
    given = study.protocol.kind == "randomised"
    stages = [Stage("Allocated" if given else "In this arm", int(members.sum()))]
    if frame["started"].null_count() < len(frame) and frame["started"].fill_null(False).any():
        began = members & frame["started"].fill_null(False).to_numpy()
        never = int(members.sum() - began.sum())
        if began.any():
            stages[-1] = Stage(stages[-1].label, stages[-1].n, [Reason("did not begin", never)] if never else ())
            stages.append(Stage("Began", int(began.sum())))
    if outcome is None:
        return stages
    for at in outcome.at:
        answered = members & np.isfinite(study.values(outcome, at))
        gone = members & study.due(at) & ~answered
        lost = _reasons(study, gone, ("withdrawal", "lost", "died"), "no answer")
        stages.append(Stage(f"Answered: {study.label(at)}", int(answered.sum()), lost, "Missing"))
    analysed = study.analysed(outcome) & members
    known = analysed & np.isfinite(study.scores.matrix(outcome.ref, outcome.informant, outcome.visits)).any(axis=1)
    stages.append(Stage("In the primary analysis", int(known.sum())))
    return stages


def _reasons(study: Study, who: Mask, kinds: tuple[str, ...], silent: str = "no reason recorded") -> list[Reason]:
    """Recorded reasons of these people (the first event of these kinds), and how many have none."""
    if not who.any():
        return []
    if "events" not in study.cohort.names:
        return [Reason(silent, int(who.sum()))]
    names = study.people.frame["participant"].filter(pl.Series(who))
    rows = (
        study.cohort.scan("events")
        .filter(pl.col("kind").is_in(kinds) & pl.col("participant").is_in(names.implode()))
        .unique("participant", keep="first", maintain_order=True)
        .group_by("kind", "reason").len().sort(["len", "kind", "reason"], descending=[True, False, False]).collect()
    )  # fmt: skip
    reasons = [Reason(f"{_LEFT.get(kind, spoken(kind))}{f': {spoken(why)}' if why else ''}", int(n))
               for kind, why, n in rows.iter_rows()]  # fmt: skip
    rest = int(who.sum()) - sum(reason.n for reason in reasons)
    return [*reasons, Reason(silent, rest)] if rest > 0 else reasons


def _in_words(trunk: list[Stage], columns: list[Arm]) -> str:
    said = [f"{stage.label}: {counted(stage.n, 'person', 'people')}" for stage in trunk]
    for arm in columns:
        first, last = arm.stages[0], arm.stages[-1]
        said.append(f"{arm.label}: {first.n:,}, {last.n:,} of them in the primary analysis")
    return ". ".join(said) + "."
