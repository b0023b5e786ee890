"""Who came, and what happened to them: participants and events."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from accord.service.assessments.queries import told_of_herself
from accord.service.care.queries import bulk as care
from accord.service.care.rules.harm import CAUSALITIES, SEVERITIES
from accord.service.care.rules.harm import WHAT as HARMS
from accord.service.episodes.queries import bulk as episodes
from accord.service.episodes.rules import StepKind
from accord.service.library.queries import protocol as protocol_of
from accord.service.people.queries import bulk as people
from accord.service.programmes.queries import bulk as programmes
from accord.service.studies.queries.cast import Cast
from accord.service.studies.queries.frames import Background
from accord.service.studies.queries.ways import WayRow, Ways
from accord.service.studies.rules import counting
from accord.service.studies.rules.counting import code

DUTY, LOST = "duty", "lost_contact"
KINDS = {
    StepKind.REFERRED: "", StepKind.SCREENING: "screening", StepKind.ELIGIBLE: "eligible",
    StepKind.NOT_ELIGIBLE: "ineligible", StepKind.CONSENTED: "consent", StepKind.ENROLLED: "enrolment",
    StepKind.STOPPED: "withdrawal", StepKind.DISCHARGED: "discharge", StepKind.WITHDRAWN: "withdrawal",
}  # fmt: skip
Row = dict[str, Any]


def participants(ways: Ways, cast: Cast, answering: Mapping[uuid.UUID, list[people.Answering]]) -> Iterator[Row]:
    """One row for each way. What she told about herself only while her consent to that use stands."""
    asked = {one.name: one for one in cast.background}
    told = told_of_herself([row.episode for row in ways.rows if row.told], asked, ways.now) if asked else {}
    groups, languages = care.group_of(ways.episodes, ways.now), people.languages_of(ways.people)
    sources = cast.protocol.referral.sources if cast.protocol.referral else []
    for row in ways.rows:
        mine = told.get(row.episode, {})
        yield {
            "participant": row.name, "role": "patient", "site": cast.sites[row.clinic],
            "therapist": cast.therapist(_therapist(answering.get(row.episode, []))),
            "group": cast.groups.get(groups.get(row.episode, row.episode)),
            "referral_source": code(row.source, [*sources, "self"]), "counted_day": row.count.day(ways.now),
            **{name: _answer(mine.get(name), one) for name, one in asked.items()},
            "way": row.number, "protocol_version": str(protocol_of(row.snapshot).version),
            "protocol_hash": cast.hashes[row.snapshot], "answers": row.answers,
            "language": counting.language(languages[row.person]),
        }  # fmt: skip


def _answer(value: object, asked: Background) -> Any:
    if asked.name == "age":
        return counting.age(value)
    return counting.number(value) if asked.numeric else code(value, asked.options)


def _therapist(rows: list[people.Answering]) -> uuid.UUID | None:
    """Who answers for her as her therapist, or did so last; whoever is merely on duty is none."""
    return next((row.clinician for row in reversed(rows) if row.reason != DUTY), None)


def answering_by_way(ways: Ways) -> dict[uuid.UUID, list[people.Answering]]:
    """Who answered for each person while each of her ways was the newest; `since` is not before it was opened."""
    found: dict[uuid.UUID, list[people.Answering]] = {}
    for one in people.answering(ways.people, ways.now):
        for way in ways.during(one.person, one.since, one.until):
            found.setdefault(way.episode, []).append(one._replace(since=max(one.since, way.opened_at)))
    return found


# ---------------------------------------------------------------------------------------------------- events


def events(
    ways: Ways, cast: Cast, answering: Mapping[uuid.UUID, list[people.Answering]], starts: Mapping[uuid.UUID, int]
) -> Iterator[Row]:
    """What happened, person by person in time. `starts`: the day on which each began."""
    found: dict[uuid.UUID, list[Row]] = {row.episode: list(_referral(row)) for row in ways.rows}
    acknowledged = episodes.acknowledged(ways.episodes, ways.now)
    for episode, at in acknowledged.items():
        row = ways.by_episode[episode]
        said = {"day": row.count.day(at), "hours": counting.hours(row.referred_at, at)}
        found[episode].append({"kind": "acknowledged", **said})
    for step in episodes.steps(ways.episodes, ways.now):
        found[step.episode] += _step(step, ways.by_episode[step.episode])
    for episode, rows in answering.items():
        first = next((one for one in rows if one.reason != DUTY), None)
        if first is not None:
            found[episode].append({"kind": "assigned", "day": ways.by_episode[episode].count.day(first.since)})
    for episode, day in starts.items():
        found[episode].append({"kind": "start", "day": day})
    _add_elsewhere(found, ways, cast)
    for row in ways.rows:
        for event in sorted(found[row.episode], key=lambda one: one["day"]):
            yield {"participant": row.name, **event}


def _referral(row: WayRow) -> Iterator[Row]:
    yield {"kind": "referral", "day": row.count.day(row.referred_at)}


def _step(step: episodes.Happened, row: WayRow) -> Iterator[Row]:
    """A step as an event. Its reason leaves only where it is a code of the protocol: a person may have typed it."""
    kind = KINDS.get(StepKind(step.kind), "")
    if not kind:
        return
    said = protocol_of(row.snapshot)
    known = {
        "ineligible": [one.ask for one in said.population.eligible_if], "discharge": said.discharge,
        "withdrawal": said.discharge,
    }.get(kind, [])  # fmt: skip
    reason = code(step.reason.partition(",")[0], known)
    detail = {StepKind.STOPPED: "treatment", StepKind.WITHDRAWN: "everything"}.get(StepKind(step.kind))
    event: Row = {"kind": kind, "day": row.count.day(step.at), "reason": reason, "detail": detail}
    yield event
    if kind == "discharge" and reason == LOST:
        yield {**event, "kind": "lost"}


def _add_elsewhere(found: dict[uuid.UUID, list[Row]], ways: Ways, cast: Cast) -> None:
    """What other rows tell: sent on to another service, adverse events, flares."""
    for sent in episodes.sent_on(ways.episodes, ways.now):
        row = ways.by_episode[sent.episode]
        to = code(sent.to, protocol_of(row.snapshot).onward)
        found[sent.episode].append({"kind": "onward", "day": row.count.day(sent.at), "reason": to})
        if sent.ended_at is not None:
            ended = {"day": row.count.day(sent.ended_at), "reason": to, "detail": code(sent.ended)}
            found[sent.episode].append({"kind": "onward_closed", **ended})
    for harm in care.harms(ways.episodes, ways.now):
        row = ways.by_episode[harm.episode]
        found[harm.episode].append({
            "kind": "adverse_event", "day": row.count.of(harm.on), "reason": code(harm.what, HARMS),
            "severity": code(harm.severity, SEVERITIES), "causality": code(harm.causality, CAUSALITIES),
        })  # fmt: skip
    for person, at in programmes.flares_begun([row.person for row in ways.rows if row.told], ways.now):
        if (way := ways.at(person, at)) is not None and way.told:
            found[way.episode].append({"kind": "flare", "day": way.count.day(at)})
