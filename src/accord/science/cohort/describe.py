"""What is in a cohort: tables, people, arms, time-points, every scale with its distribution, and who answered when."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from accord.science.cohort.checks import BASELINES
from accord.science.cohort.cohort import Cohort
from accord.science.errors import AccordError
from accord.science.figures.missing_pattern import MissingPattern, Pattern

INVENTED = "Invented data: this cohort is simulated. Nobody gave these answers."
MAPPED = "Mapped from files that were made elsewhere; see made_from."
REAL = "Real data of a service or study."
STAMPS = {"simulated": INVENTED, "mapped": MAPPED, "real": REAL}


@dataclass(frozen=True, slots=True)
class ScaleAt:
    """One scale at one time-point, by one informant, in one role (patients, or the reference group).

    `n` people have a score; `missing` of those enrolled (of all, when enrolments are not recorded) have none.
    """

    scale: str
    label: str
    role: str
    informant: str
    time_point: str
    n: int
    missing: int
    mean: float | None
    sd: float | None
    lowest: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class AnswerPattern:
    """How many people answered at exactly these time-points."""

    answered: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True)
class Description:
    """A cohort at a glance; the keys of `accord cohort show --json` (docs/reference/cohort-format.md)."""

    title: str
    origin: str
    invented: bool
    stamp: str
    protocol: str | None
    made_on: str | None
    made_from: tuple[str, ...]
    licence: str
    seed: int | None
    enrolled: int | None
    people: dict[str, int]
    arms: dict[str, int]
    events: dict[str, int]
    tables: dict[str, int]
    time_points: tuple[str, ...]
    scales: tuple[ScaleAt, ...]
    patterns: tuple[AnswerPattern, ...]
    has_truth: bool

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def describe_cohort(cohort: Cohort) -> Description:
    """Count and summarise a cohort. Means and SDs (n - 1) are over people with a score; nothing is imputed."""
    manifest = cohort.manifest
    points = time_points_of(cohort)
    return Description(
        title=manifest.title, origin=cohort.origin, invented=manifest.invented, stamp=STAMPS[cohort.origin],
        protocol=manifest.protocol, made_on=manifest.made_on, made_from=tuple(manifest.made_from),
        licence=manifest.licence, seed=manifest.seed, enrolled=manifest.n,
        people=_counts(cohort, "participants", "role"),
        arms=_counts(cohort, "allocation", "arm"), events=_counts(cohort, "events", "kind"),
        tables={name: cohort.scan(name).select(pl.len()).collect().item() for name in cohort.names},
        time_points=tuple(points), scales=tuple(_scales(cohort, points)),
        patterns=tuple(answer_patterns(cohort, points)),
        has_truth=bool(cohort.truth),
    )  # fmt: skip


def missing_picture(found: Description) -> MissingPattern:
    """Who answered when, as a picture."""
    patterns = [
        Pattern([point in pattern.answered for point in found.time_points], pattern.people)
        for pattern in found.patterns
    ]
    people = sum(pattern.people for pattern in found.patterns)
    description = f"Which time-points {people:,} people answered together, the most frequent pattern first."
    return MissingPattern(
        title="Who answered when", description=description, time_points=found.time_points, patterns=patterns,
        what="any scale", invented=found.invented,
    )  # fmt: skip


def time_points_of(cohort: Cohort) -> list[str]:
    """The time-points that have scores: in the order of the manifest, else by their median day, baseline first."""
    scores = cohort.scan("scores").group_by("time_point").agg(pl.col("day").median()).drop_nulls("time_point").collect()
    listed = {name: place for place, name in enumerate(cohort.manifest.time_points)}

    def place(row: tuple[str, float | None]) -> tuple[int, float, str]:
        name, day = row
        first = 0 if name in BASELINES and day is None else 1
        return (listed.get(name, len(listed)), day if day is not None else first * 1e9, name)

    return [name for name, _ in sorted(scores.iter_rows(), key=place)]


def _counts(cohort: Cohort, table: str, column: str) -> dict[str, int]:
    if table not in cohort.tables:
        return {}
    counted = cohort.scan(table).group_by(column).len().sort("len", column, descending=[True, False]).collect()
    return {str(name): int(count) for name, count in counted.drop_nulls(column).iter_rows()}


def _scales(cohort: Cohort, points: list[str]) -> list[ScaleAt]:
    key = ["role", "instrument", "scale", "informant", "time_point"]
    value = pl.col("value")
    answered = pl.col("participant").filter(value.is_not_null()).n_unique() if _sessions(cohort) else value.count()
    summary = cohort.scan("scores").join(_enrolled(cohort), on="participant").group_by(key).agg(
        answered.alias("n"), value.mean().alias("mean"), value.std().alias("sd"), value.min().alias("lowest"),
        value.max().alias("highest"),
    )  # fmt: skip
    people = dict(_enrolled(cohort).group_by("role").len().collect().iter_rows())
    place = {name: at for at, name in enumerate(points)}
    rows = sorted(
        summary.collect(engine="streaming").iter_rows(named=True),
        key=lambda row: (*(row[name] for name in key[:-1]), place.get(row["time_point"], 0)),
    )
    labels: dict[str, str] = {}
    return [_scale_at(cohort, row, labels, people[row["role"]]) for row in rows]


def _sessions(cohort: Cohort) -> bool:
    """Whether scores hang on sessions: only then can one person have several at one time-point."""
    return bool(cohort.scan("scores").select(pl.col("session").is_not_null().any()).collect().item())


def _enrolled(cohort: Cohort) -> pl.LazyFrame:
    """Who counts: everybody of the reference group, and the patients enrolled, as far as enrolments are recorded."""
    people = cohort.scan("participants").select("participant", "role")
    if cohort.manifest.n is None or "events" not in cohort.tables:
        return people
    enrolled = cohort.scan("events").filter(pl.col("kind") == "enrolment").select("participant").unique()
    patients = people.filter(pl.col("role") == "patient").join(enrolled, on="participant", how="semi")
    return pl.concat([patients, people.filter(pl.col("role") == "reference")])


def _scale_at(cohort: Cohort, row: dict[str, Any], labels: dict[str, str], people: int) -> ScaleAt:
    ref = f"{row.pop('instrument')}.{row.pop('scale')}"
    if ref not in labels:
        try:
            labels[ref] = cohort.scale(ref).label
        except AccordError:
            labels[ref] = ref
    return ScaleAt(scale=ref, label=labels[ref], missing=people - row["n"], **row)


def answer_patterns(cohort: Cohort, points: list[str], scale: str | None = None) -> list[AnswerPattern]:
    """Who answered when, the most frequent pattern first: any score, or that of one scale (`instrument.scale`).

    Enrolled people without any row count as having answered nowhere; the reference group is left out.
    """
    rows = cohort.scan("scores").filter(pl.col("value").is_not_null())
    if scale is not None:
        instrument, _, name = scale.partition(".")
        rows = rows.filter((pl.col("instrument") == instrument) & (pl.col("scale") == name))
    flags = [(pl.col("time_point") == point).any().alias(point) for point in points]
    answered = rows.group_by("participant").agg(flags)
    people = _enrolled(cohort).filter(pl.col("role") == "patient").select("participant")
    joined = people.join(answered, on="participant", how="left").with_columns(pl.col(points).fill_null(False))
    counted = joined.group_by(points).len().collect(engine="streaming") if points else joined.select(pl.len()).collect()
    found = [
        AnswerPattern(tuple(point for point in points if row[point]), int(row["len"]))
        for row in counted.iter_rows(named=True)
    ]
    return sorted(found, key=lambda pattern: (-pattern.people, pattern.answered))
