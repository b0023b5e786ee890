"""The reply promise: how many messages were answered within the time that was promised, and what is overdue now."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from accord.science.analyses.parts import Part, part
from accord.science.analyses.result import Block, Estimates, Text
from accord.science.analyses.study import Study
from accord.science.analyses.wording import counted, number, percent
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate, count_estimate
from accord.science.estimates.proportions import share_estimate
from accord.science.estimates.waiting import waiting_time


def replies_part(study: Study) -> Part:
    """The section, for cohorts that record messages which wait for an answer."""
    if "replies" not in study.cohort.names:
        return Part()
    estimates = tuple(reply_estimates(study.cohort.table("replies")))
    blocks: list[Block | None] = [Text(_words(estimates)), Estimates("The reply promise", estimates)]
    return part("replies", "Answers to messages", blocks, estimates)


def reply_estimates(rows: pl.DataFrame) -> Iterator[Estimate]:
    """A message counts as answered in time, late, or not decided yet: open, and the promise has not run out."""
    promised, answered, waiting = (
        rows[name].cast(pl.Float64).to_numpy().astype(float)
        for name in ("promised_hours", "answered_hours", "waiting_hours")
    )
    done = np.isfinite(answered)
    met = done & (answered <= promised)
    overdue = ~done & (waiting > promised)
    decided = done | overdue
    n, open_ = len(rows), ~done & ~overdue
    yield count_estimate(
        float(n), ids.replies("messages"), "Messages that asked for an answer, in all", unit="messages"
    )
    yield share_estimate(
        int(met.sum()), int(decided.sum()), ids.replies("in_time"), "Messages answered within the promised time",
        missing=int(open_.sum()),
    )  # fmt: skip
    time = np.where(done, answered, waiting)
    words = "Hours until a message is answered"
    yield waiting_time(time, done, 0.5, ids.replies("median_hours"), f"{words}: median", unit="hours")
    yield waiting_time(time, done, 0.9, ids.replies("p90_hours"), f"{words}: nine of ten within", unit="hours")
    yield count_estimate(
        float((~done).sum()), ids.replies("waiting"), "Messages not answered yet", n=n, unit="messages"
    )
    yield count_estimate(
        float(overdue.sum()), ids.replies("overdue"), "Messages whose promised time is over and that nobody answered",
        n=n, unit="messages",
    )  # fmt: skip


def _words(estimates: tuple[Estimate, ...]) -> str:
    by_id = {e.id: e for e in estimates}
    value = {what: by_id[ids.replies(what)].value for what in ("messages", "in_time", "median_hours", "overdue")}
    if not value["messages"]:
        return "Nobody has written a message that waits for an answer."
    said = [f"{counted(int(value['messages']), 'message')} waited for an answer."]
    if value["in_time"] is not None:
        said.append(f"{percent(value['in_time'])} were answered within the promised time.")
    if value["median_hours"] is not None:
        said.append(f"Half were answered within {number(value['median_hours'], 1)} hours.")
    if value["overdue"]:
        said.append(f"{counted(int(value['overdue']), 'message is', 'messages are')} overdue now.")
    return " ".join([*said, "Messages that still wait count as long as they have."])
