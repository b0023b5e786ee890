"""One row per person: arm, clusters, and the facts that stages and analysis populations read (protocols/facts.py).

A fact that the cohort cannot tell is null, so that a rule over it is unknown; an analysis set leaves such people out
and counts them (E10).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from accord.science.cohort import Cohort
from accord.science.cohort.tables import MODES
from accord.science.conditions import decide_column, names
from accord.science.errors import BadInput
from accord.science.protocols import Protocol, occasions
from accord.science.protocols.facts import ANSWERED, FACTS

_BY_EVENT = {"withdrawn": "withdrawal", "lost": "lost", "discharged": "discharge", "referred_on": "onward"}
TOLD_BY = ("events", "lessons", "sessions", "contacts", "scores")


@dataclass(frozen=True)
class People:
    """`frame` has one row per person who may be treated, in the order of the cohort; `reference` counts the others."""

    frame: pl.DataFrame
    reference: int

    def __len__(self) -> int:
        return self.frame.height

    @cached_property
    def arm(self) -> NDArray[np.object_]:
        """The arm of each person, None where she has none."""
        return self.words("arm")

    @cached_property
    def may_have_started(self) -> NDArray[np.bool_]:
        """Who began, or of whom it cannot be told."""
        return self.frame["started"].fill_null(True).to_numpy().astype(bool)

    def flag(self, rule: str) -> tuple[NDArray[np.bool_], int]:
        """Who meets a rule over facts, and for how many it cannot be told."""
        decided = decide_column(rule, self.frame)
        return decided.fill_null(False).to_numpy().astype(bool), decided.null_count()

    def words(self, column: str) -> NDArray[np.object_]:
        """A column of words as an array, None where missing."""
        return np.array(self.frame[column].to_list(), dtype=object)

    def numbers(self, column: str) -> NDArray[np.float64]:
        return self.frame[column].cast(pl.Float64).to_numpy().astype(float)


def read_people(cohort: Cohort, protocol: Protocol, *, tables: Iterable[str] = TOLD_BY) -> People:
    """Who is in the cohort. Raises BadInput when it holds nobody, unless a service made it: one that has nobody yet is
    no mistake. `tables` limits which tables tell facts."""
    everybody = cohort.table("participants")
    patients = everybody.filter(pl.col("role") != "reference").select(pl.exclude(*FACTS))
    if patients.is_empty() and not cohort.of_service:
        raise BadInput(
            "This cohort holds no people.", cure="Is this the right folder? participants needs one row per person."
        )
    frame = _with_arm(patients, cohort, protocol)
    there = {name for name in tables if name in cohort.names}
    for name in TOLD_BY:
        if name in there:
            facts = _answered(cohort, protocol) if name == "scores" else _READ[name](cohort)
            frame = frame.join(facts, on="participant", how="left", maintain_order="left")
    if "allocation" in cohort.names:
        there.add("allocation")
    return People(_told(frame, there, protocol), everybody.height - patients.height)


def tables_needed(rules: Iterable[str]) -> set[str]:
    """Which tables tell the facts that these rules read; who began is always needed."""
    read = {name for rule in rules for name in names(rule)}
    needed = {"events", "lessons", "sessions"}
    needed |= {"contacts"} if read & {"contacts", "minutes"} else set()
    return needed | ({"scores"} if any(name.startswith(ANSWERED) for name in read) else set())


def _with_arm(people: pl.DataFrame, cohort: Cohort, protocol: Protocol) -> pl.DataFrame:
    """The arm: allocated; else that of the person's group; else the only arm (or the only one of its format)."""
    given = cohort.table("allocation").select("participant", "arm", allocated=pl.lit(True))
    groups = cohort.table("groups").select("group", group_arm="arm")
    alone = _only([name for name, arm in protocol.arms.items() if arm.format != "group"])
    grouped = _only([name for name, arm in protocol.arms.items() if arm.format == "group"])
    if protocol.kind == "randomised":
        alone = grouped = None
    rest = pl.when(pl.col("group").is_null()).then(pl.lit(alone)).otherwise(pl.lit(grouped))
    return (
        people.join(given, on="participant", how="left", maintain_order="left")
        .join(groups, on="group", how="left", maintain_order="left")
        .with_columns(arm=pl.coalesce("arm", "group_arm", rest).cast(pl.String))
        .drop("group_arm")
    )


def _only(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def _events(cohort: Cohort) -> pl.DataFrame:
    day = pl.col("day")
    first = {f"event_{kind}": day.filter(pl.col("kind") == kind).min() for kind in ("referral", "enrolment", "start")}
    kinds = ("screening", "eligible", "ineligible", "consent", "enrolment", "start")
    decisions = pl.col("kind").is_in(["eligible", "ineligible"])
    last = pl.col("kind").filter(decisions).sort_by(day.filter(decisions), maintain_order=True).last()
    seen = {f"seen_{kind}": (pl.col("kind") == kind).any() for kind in kinds}
    marks = {name: (pl.col("kind") == kind).any() for name, kind in _BY_EVENT.items()}
    return cohort.scan("events").group_by("participant").agg(**seen, **marks, **first, decided=last).collect()


def _lessons(cohort: Cohort) -> pl.DataFrame:
    opened, completed = pl.col("opened_day"), pl.col("completed_day")
    return (
        cohort.scan("lessons").group_by("participant")
        .agg(
            lessons_opened=(opened.is_not_null() | completed.is_not_null()).sum().cast(pl.Float64),
            lessons_completed=completed.is_not_null().sum().cast(pl.Float64),
            first_lesson=opened.min(), practice_minutes=pl.col("practice_minutes").sum(),
        )
        .collect()
    )  # fmt: skip


def _sessions(cohort: Cohort) -> pl.DataFrame:
    attended = pl.col("state") == "attended"
    return (
        cohort.scan("sessions").group_by("participant")
        .agg(sessions_attended=attended.sum().cast(pl.Float64), first_session=pl.col("day").filter(attended).min())
        .collect()
    )  # fmt: skip


def _contacts(cohort: Cohort) -> pl.DataFrame:
    minutes = pl.col("minutes")
    by_mode = {f"minutes_{mode}": minutes.filter(pl.col("mode") == mode).sum() for mode in MODES}
    return (
        cohort.scan("contacts").group_by("participant")
        .agg(contacts=pl.len().cast(pl.Float64), minutes=minutes.sum(), **by_mode).collect()
    )  # fmt: skip


def _answered(cohort: Cohort, protocol: Protocol) -> pl.DataFrame:
    points = [occasion.name for occasion in occasions(protocol)]
    answered = {f"{ANSWERED}{name}": (pl.col("time_point") == name).any() for name in points}
    rows = cohort.scan("scores").filter((pl.col("informant") == "patient") & pl.col("value").is_not_null())
    return rows.group_by("participant").agg(**answered).collect()


_READ: dict[str, Callable[[Cohort], pl.DataFrame]] = {
    "events": _events, "lessons": _lessons, "sessions": _sessions, "contacts": _contacts,
}  # fmt: skip


def _told(frame: pl.DataFrame, there: set[str], protocol: Protocol) -> pl.DataFrame:
    """Facts from what was found. A table that is there but does not name a person tells: none."""
    counts = {"lessons": ["lessons_opened", "lessons_completed"], "sessions": ["sessions_attended"],
              "contacts": ["contacts", "minutes", *(f"minutes_{mode}" for mode in MODES)]}  # fmt: skip
    columns = [pl.col(name).fill_null(0) for table, names in counts.items() if table in there for name in names]
    if "scores" in there:
        columns += [pl.col(f"{ANSWERED}{occasion.name}").fill_null(False) for occasion in occasions(protocol)]
    if "events" in there:
        columns += [pl.col(name).fill_null(False) for name in frame.columns if name.startswith("seen_")]
        columns += [pl.col(name).fill_null(False) for name in _BY_EVENT]
    frame = frame.with_columns(columns).with_columns(*_enrolment(there), _allocation(there))
    frame = frame.with_columns(_promised(frame, protocol))
    frame = frame.with_columns(_started(frame.columns))
    missing = [pl.lit(None, dtype=pl.Boolean if kind == "bool" else pl.Float64).alias(name)
               for name, (kind, *_) in FACTS.items() if name not in frame.columns]  # fmt: skip
    return frame.with_columns(missing)


def _enrolment(there: set[str]) -> list[pl.Expr]:
    """Without a record of events everybody in the file was referred, found eligible and enrolled."""
    if "events" not in there:
        return [pl.lit(True).alias(name) for name in ("referred", "eligible", "enrolled")]
    enrolled, decided = pl.col("seen_enrolment"), pl.col("decided")
    # Where nobody's "eligible" is recorded, a screening that turned nobody away counts as one.
    passed = pl.when(pl.col("seen_eligible").any()).then(False).otherwise(pl.col("seen_screening"))
    told = (
        pl.when(decided.is_not_null()).then(decided == "eligible")
        .when(passed | enrolled).then(True)
    )  # fmt: skip
    return [pl.lit(True).alias("referred"), told.alias("eligible"), enrolled.alias("enrolled")]


def _allocation(there: set[str]) -> pl.Expr:
    if "allocation" not in there:
        return pl.lit(None, dtype=pl.Boolean).alias("allocated")
    return pl.col("allocated").fill_null(False)


def _promised(frame: pl.DataFrame, protocol: Protocol) -> list[pl.Expr]:
    """What the arm promises: sessions by its contact plan, lessons as far as anybody of the arm was offered them."""
    sessions = {name: float(arm.contact.sessions) for name, arm in protocol.arms.items() if arm.contact.sessions}
    arm = pl.col("arm")
    planned = arm.replace_strict(sessions, default=None, return_dtype=pl.Float64).alias("sessions_planned")
    if "lessons_opened" not in frame.columns:
        return [planned]
    return [planned, pl.max_horizontal(pl.col("lessons_opened").max().over("arm"), 1.0).alias("lessons_total")]


def _started(columns: list[str]) -> list[pl.Expr]:
    signs = [pl.col("seen_start")] if "seen_start" in columns else []
    signs += [pl.col(name) > 0 for name in ("lessons_opened", "sessions_attended") if name in columns]
    days = [pl.col(name) for name in ("event_start", "first_lesson", "first_session") if name in columns]
    if not signs:
        return []
    first = pl.min_horizontal(days).cast(pl.Float64)
    return [pl.any_horizontal(signs).alias("started"), first.alias("days_to_start")]
