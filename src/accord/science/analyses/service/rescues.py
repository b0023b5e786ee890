"""Start and stay: what was done for who had not started or had gone quiet, and how many came back.

Beside each stand people in the same state for whom nothing was done. Who was called was chosen, not drawn, so the
difference describes and shows no effect.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.analyses.parts import Part, drawn, part
from accord.science.analyses.plan import spoken
from accord.science.analyses.result import Block, Caution, Cell, Estimates, Table, Text
from accord.science.analyses.service.codes import code
from accord.science.analyses.service.waits import referred
from accord.science.analyses.study import Study
from accord.science.analyses.wording import counted, interval
from accord.science.cohort.tables import RESCUED_FOR
from accord.science.errors import NotEstimable
from accord.science.estimates import ids
from accord.science.estimates.estimate import Estimate, count_estimate
from accord.science.estimates.landmark import Landmark, Spells, landmark_comparison
from accord.science.estimates.proportions import share_estimate
from accord.science.figures import BarRow, Bars

WITHIN = 14.0  # days in which somebody began or came back
PUT_OFF = "later"  # a rescue of this kind is none: it was looked at and put off
STATES = {"not_started": "had not started", "quiet": "had gone quiet"}
BACK = {"not_started": "began", "quiet": "came back"}
CHOSEN = "Who was called was chosen, not drawn: no effect is shown."


@dataclass(frozen=True)
class State:
    """Spells in a state, one a row: whose (row number of the study's people), from which of her days, and what ended
    it, counted from there."""

    who: NDArray[np.int64]
    begin: NDArray[np.float64]
    spells: Spells

    def rows(self, index: NDArray[np.int64] | NDArray[np.bool_]) -> State:
        s = self.spells
        return State(self.who[index], self.begin[index], Spells(s.back[index], s.seen[index], s.gone[index]))


def rescues_part(study: Study) -> Part:
    """The section, for cohorts that record rescues."""
    if "rescues" not in study.cohort.names:
        return Part()
    rows = _with_person(study)
    estimates: list[Estimate] = [
        count_estimate(float(rows.height), "rescues.given", "Rescues: calls, messages, technical help", unit="rescues"),
        count_estimate(float(rows["participant"].n_unique()), "rescues.people", "People for whom something was done",
                       unit="people"),
        count_estimate(float(rows["minutes"].sum() or 0), "rescues.minutes", "Minutes spent on rescues", unit="minutes",
                       missing=int(rows["minutes"].null_count())),
    ]  # fmt: skip
    compared = [e for why in RESCUED_FOR for e in _state_estimates(study, rows, why)]
    blocks: list[Block | None] = [
        Text(_words(rows)), _picture(study, compared), _table(compared),
        Caution(f"{CHOSEN} Those for whom it was done and the others are alike in how long they had been in that state "
                "and in nothing else.") if compared else None,
        _counts("rescue_reasons", "Why, in their own words, as coded", rows, "reason"),
        _counts("rescue_outcomes", "What came of trying", rows, "outcome"),
        Estimates("How much was done", tuple(estimates), digits=0),
    ]  # fmt: skip
    return part("rescues", "Start and stay: what was done, and who came back", blocks, [*estimates, *compared])


def _with_person(study: Study) -> pl.DataFrame:
    """Rescues of the study's people with the row number of each."""
    people = study.people.frame.select("participant").with_row_index("row")
    return study.cohort.table("rescues").join(people, on="participant", how="inner", maintain_order="left")


def _state_estimates(study: Study, rows: pl.DataFrame, why: str) -> Iterator[Estimate]:
    mine = rows.filter(pl.col("why") == why)
    if mine.is_empty():
        return
    state = (not_started if why == "not_started" else quiet)(study)
    done = mine.filter(pl.col("kind") != PUT_OFF)["row"].unique().to_numpy().astype(np.int64)
    others = state.rows(~np.isin(state.who, done))
    for kind in mine["kind"].unique().sort().to_list():
        of_kind = (
            mine.filter(pl.col("kind") == kind).sort("row", "day").unique("row", keep="first", maintain_order=True)
        )
        yield from _compared(why, kind, len(mine.filter(pl.col("kind") == kind)), of_kind, state, others)


def _compared(
    why: str, kind: str, given: int, rows: pl.DataFrame, state: State, others: State
) -> Iterator[Estimate]:  # fmt: skip
    words = f"{spoken(kind)}, for who {STATES[why]}"
    label = f"{words[:1].upper()}{words[1:]}"
    yield count_estimate(float(given), ids.rescue(why, code(kind), "given"), label, n=rows.height, unit="rescues")
    index, at = _matched(state, rows, before=0.5 if why == "quiet" else 0.0)
    try:
        found = landmark_comparison(state.rows(index).spells, at, others.spells, within=WITHIN, who=others.who)
    except NotEstimable as error:
        for what in ("came", "others", "difference"):
            yield Estimate(id=ids.rescue(why, code(kind), what), label=f"{label}: {_said(why, what)}", value=None,
                           unit="share", note=f"Not estimable: {error.finding.what}")  # fmt: skip
        return
    yield from _shares(why, kind, label, found)


def _said(why: str, what: str) -> str:
    return {
        "came": f"{BACK[why]} within {WITHIN:.0f} days",
        "others": f"{BACK[why]} within {WITHIN:.0f} days, of others in the same state",
        "difference": f"{BACK[why]} within {WITHIN:.0f} days, difference",
    }[what]


def _shares(why: str, kind: str, label: str, found: Landmark) -> Iterator[Estimate]:
    first, second = found.difference.first, found.difference.second
    for what, share, missing in (("came", first, found.left_out), ("others", second, None)):
        yield share_estimate(share.events, share.n, ids.rescue(why, code(kind), what), f"{label}: {_said(why, what)}",
                             missing=missing)  # fmt: skip
    note = f"{CHOSEN} The others are taken on day {found.day:.0f} of that state, the median day on which it was done."
    yield found.difference.estimate(
        ids.rescue(why, code(kind), "difference"), f"{label}: {_said(why, 'difference')}", unit="share", note=note
    )


def _matched(
    state: State, rows: pl.DataFrame, *, before: float
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:  # fmt: skip
    """For each rescue the spell in which it fell, and its day of it. With `before` half a day, one that began on the
    day of the rescue is not it: that sign of life came after."""
    spells = pl.DataFrame({"row": state.who, "begin": state.begin}).with_row_index("spell")
    spells = spells.with_columns(pl.col("row").cast(pl.Int64)).sort("begin")
    wanted = (
        rows.select(pl.col("row").cast(pl.Int64), day=pl.col("day").cast(pl.Float64) - before).drop_nulls().sort("day")
    )
    found = (
        wanted.drop_nulls()
        .sort("day")
        .join_asof(spells, left_on="day", right_on="begin", by="row", strategy="backward", check_sortedness=False)
        .drop_nulls("spell")
    )
    return (
        found["spell"].to_numpy().astype(np.int64),
        (found["day"] + before - found["begin"]).to_numpy().astype(float),
    )


def not_started(study: Study) -> State:
    """From enrolment to the start: who is enrolled."""
    people = referred(study)
    begin = people.at["enrolment"]
    who = np.flatnonzero(np.isfinite(begin))
    return _state(who, begin[who], people.at["start"][who], people.until[who], people.gone[who])


def quiet(study: Study) -> State:
    """Between two signs of life of somebody who began: a lesson, an answer, a session, a message. Who has finished
    the programme or was discharged is not quiet but done."""
    people = referred(study)
    frame = study.people.frame.select("participant", "days_to_start").with_row_index("row")
    signs = (
        pl.concat(list(_signs(study)), how="vertical_relaxed")
        .drop_nulls().join(frame.lazy(), on="participant", how="inner")
        .filter(pl.col("day") >= pl.col("days_to_start"))
        .select("row", pl.col("day").cast(pl.Float64)).unique().sort("row", "day")
        .with_columns(next=pl.col("day").shift(-1).over("row")).collect()
    )  # fmt: skip
    who = signs["row"].to_numpy().astype(np.int64)
    done = np.fmin(people.gone, _finished(study))
    state = _state(who, signs["day"].to_numpy(), signs["next"].to_numpy(), people.until[who], done[who])
    return state.rows(~(state.spells.gone <= 0))


def _signs(study: Study) -> Iterator[pl.LazyFrame]:
    there = set(study.cohort.names)
    if "lessons" in there:
        for name in ("opened_day", "completed_day"):
            yield study.cohort.scan("lessons").select("participant", day=pl.col(name))
    if "scores" in there:
        answered = (pl.col("informant") == "patient") & pl.col("value").is_not_null()
        yield study.cohort.scan("scores").filter(answered).select("participant", "day")
    if "sessions" in there:
        yield study.cohort.scan("sessions").filter(pl.col("state") == "attended").select("participant", "day")
    if "replies" in there:
        yield study.cohort.scan("replies").select("participant", "day")
    yield study.cohort.scan("events").filter(pl.col("kind") == "start").select("participant", "day")


def _finished(study: Study) -> NDArray[np.float64]:
    """The day of the last lesson for who has completed all of them, NaN for everybody else."""
    frame = study.people.frame
    if "lessons" not in study.cohort.names:
        return np.full(len(frame), np.nan)
    last = study.cohort.scan("lessons").group_by("participant").agg(last=pl.col("completed_day").max()).collect()
    joined = frame.select("participant", "lessons_completed", "lessons_total").join(
        last, on="participant", how="left", maintain_order="left"
    )
    done = (joined["lessons_completed"] >= joined["lessons_total"]).fill_null(False).to_numpy()
    return np.where(done, joined["last"].cast(pl.Float64).to_numpy().astype(float), np.nan)


def _state(
    who: NDArray[np.int64], begin: NDArray[np.float64], back: NDArray[np.float64], until: NDArray[np.float64],
    gone: NDArray[np.float64],
) -> State:  # fmt: skip
    begin = begin.astype(float)
    return State(who, begin, Spells(back.astype(float) - begin, until - begin, gone - begin))


def _words(rows: pl.DataFrame) -> str:
    if rows.is_empty():
        return "Nothing was done for anybody who had not started or had gone quiet."
    people = counted(rows["participant"].n_unique(), "person", "people")
    return (
        f"{counted(rows.height, 'rescue')} for {people}. Of each kind: how many began or came back within "
        f"{WITHIN:.0f} days, beside people who were in the same state for as long and for whom nothing was done."
    )


def _pairs(compared: list[Estimate]) -> Iterator[tuple[Estimate, Estimate, Estimate, Estimate]]:
    by_id = {e.id: e for e in compared}
    for given in compared:
        stem, _, what = given.id.rpartition(".")
        if what == "given":
            yield given, by_id[f"{stem}.came"], by_id[f"{stem}.others"], by_id[f"{stem}.difference"]


def _picture(study: Study, compared: list[Estimate]) -> Block | None:
    rows = [
        BarRow(label, e.value, e.ci_low, e.ci_high, e.n, group=given.label)
        for given, came, others, _ in _pairs(compared) if came.value is not None
        for label, e in (("it was done", came), ("others in the same state", others))
    ]  # fmt: skip
    if not rows:
        return None
    said = "; ".join(f"{row.group}, {row.label}: {100 * (row.value or 0):.0f} %" for row in rows)
    figure = Bars(f"Began or came back within {WITHIN:.0f} days", f"{said}. {CHOSEN}", rows, "share", percent=True,
                  maximum=1.0, invented=study.cohort.manifest.invented)  # fmt: skip
    return drawn("rescues", figure, f"Wilson intervals. {CHOSEN}")


def _table(compared: list[Estimate]) -> Table | None:
    rows: list[tuple[Cell, ...]] = []
    for given, came, others, difference in _pairs(compared):
        shown = [interval(e) if e.value is not None else "not estimable" for e in (came, others, difference)]
        rows.append((given.label, int(given.value or 0), shown[0], came.n, shown[1], others.n, shown[2]))
    columns = ("What was done", "Times", "Came back [95 %]", "n", "Others [95 %]", "n of the others",
               "Difference [95 %]")  # fmt: skip
    return Table("rescues", f"Who came back within {WITHIN:.0f} days", columns, tuple(rows), CHOSEN) if rows else None


def _counts(id: str, title: str, rows: pl.DataFrame, column: str) -> Table | None:
    counts = rows.filter(pl.col(column).is_not_null()).group_by("why", column).len()
    cells = tuple(
        (STATES[why], spoken(word), int(n))
        for why, word, n in counts.sort(["why", "len", column], descending=[False, True, False]).iter_rows()
    )
    return Table(id, title, ("Of people who", "Code", "Times"), cells) if cells else None
