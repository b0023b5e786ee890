"""A questionnaire as it worked in the people at hand: how its questions hang together, who stands at the ends of a
scale, and, where the same people answered twice with nothing in between, how far a score repeats itself.

These are figures of these people, not of the questionnaire: a scale that hangs together in one service need not in
another. A scale of fewer than three questions, or one that is not a sum or a mean of them, has no alpha.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.errors import AccordError, BadInput
from accord.science.estimates.psychometrics import (
    Agreement,
    Consistency,
    Ends,
    agreement,
    consistency,
    floor_and_ceiling,
)
from accord.science.instruments.model import Instrument, Scale
from accord.science.instruments.scoring import items_turned, score_checked

_ADDED = ("sum", "mean")  # methods whose questions are meant to measure one thing


@dataclass(frozen=True, slots=True)
class Answers:
    """One asking: the columns that say whose row it is (as text), and the checked answers."""

    keys: pl.DataFrame
    answers: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ScaleMeasure:
    """What was found of one scale; what could not be estimated stands in `why_not`, by name, in words."""

    ref: str
    name: str
    consistency: Consistency | None
    ends: Ends | None
    retest: Agreement | None
    why_not: dict[str, str]

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as `accord psychometrics --json` prints them."""
        found: dict[str, Any] = {"scale": self.ref, "name": self.name, "not_estimated": self.why_not}
        if self.consistency is not None:
            found["alpha"] = self.consistency.alpha.to_dict()
            found["omega"] = self.consistency.omega.to_dict()
            found["questions"] = [
                {"id": one.name, "with_rest": one.with_rest, "alpha_without": one.alpha_without}
                for one in self.consistency.questions
            ]
        if self.ends is not None:
            found["floor"], found["ceiling"] = (
                {"share": end.value, "ci_low": end.ci_low, "ci_high": end.ci_high, "n": self.ends.n}
                for end in (self.ends.floor, self.ends.ceiling)
            )
        if self.retest is not None:
            again = self.retest
            found["retest"] = {
                "icc_2_1": again.icc_2_1.to_dict(), "icc_3_1": again.icc_3_1.to_dict(), "sem": again.sem,
                "sdc": again.sdc, "shift": again.shift, "n": again.n, "missing": again.missing,
            }  # fmt: skip
        return found


def measure(instrument: Instrument, first: Answers, second: Answers | None = None) -> list[ScaleMeasure]:
    """Every scored scale of an instrument in the answers at hand.

    `second` are the same people's answers after a time in which nothing should have changed; rows are matched by the
    key columns both files hold. Raises BadInput when no key is shared or nobody answered twice.
    """
    scores = score_checked(instrument, first.answers)
    again = _matched(instrument, first, second, scores) if second is not None else None
    return [_one(instrument, scale, first.answers, scores, again) for scale in instrument.scales.values()]


def _one(
    instrument: Instrument, scale: Scale, answers: pl.DataFrame, scores: pl.DataFrame, again: pl.DataFrame | None
) -> ScaleMeasure:
    why: dict[str, str] = {}

    def tried(what: str, estimate: Any) -> Any:
        try:
            return estimate()
        except AccordError as error:
            why[what] = error.finding.what
            return None

    together = None
    if scale.method in _ADDED and len(scale.items) >= 3:
        turned = items_turned(instrument, scale, answers).select(pl.all().cast(pl.Float64)).to_numpy()
        together = tried("consistency", lambda: consistency(turned, names=scale.items))
    values = _numbers(scores, scale.id)
    ends = tried("ends", lambda: floor_and_ceiling(values, scale.minimum, scale.maximum))
    retest = None
    if again is not None:
        both = np.column_stack([_numbers(again, scale.id), _numbers(again, f"{scale.id}:again")])
        retest = tried("retest", lambda: agreement(both))
    return ScaleMeasure(scale.ref, scale.name, together, ends, retest, why)


def _numbers(frame: pl.DataFrame, column: str) -> NDArray[np.float64]:
    return frame[column].cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _matched(instrument: Instrument, first: Answers, second: Answers, scores: pl.DataFrame) -> pl.DataFrame:
    """The scores of those who answered twice, the later ones beside as `<scale>:again`."""
    keys = [name for name in first.keys.columns if name in second.keys.columns]
    if not keys:
        raise BadInput("The two files share no column that says whose row it is.",
                       cure="Give both a column id, spelled alike.")  # fmt: skip
    later = score_checked(instrument, second.answers).select(pl.all().name.suffix(":again"))
    left = pl.concat([first.keys.select(keys), scores], how="horizontal")
    right = pl.concat([second.keys.select(keys), later], how="horizontal")
    for frame, which in ((left, "first"), (right, "second")):
        if frame.select(keys).is_duplicated().any():
            raise BadInput(f"In the {which} file somebody has more than one row.", cure="Keep one row of each person.")
    both = left.join(right, on=keys, how="inner")
    if not both.height:
        raise BadInput("Nobody stands in both files.", cure="Check that the ids are spelled alike.")
    return both
