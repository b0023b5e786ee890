"""What a service says of itself, against cohorts so small that every number was counted by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from accord.science.analyses import analyse
from accord.science.analyses.result import AnalysisResult
from accord.science.cohort import Cohort, Manifest
from accord.science.cohort.tables import TABLES
from accord.science.protocols import load_protocol

PROTOCOL = load_protocol("routine-care")
SCHEMAS = {name: table.schema for name, table in TABLES.items()}


def frame(name: str, *rows: dict[str, Any]) -> pl.DataFrame:
    """Rows of a table; what they do not say is empty."""
    columns = {**SCHEMAS[name]}
    for row in rows:
        columns |= {key: pl.String() for key in row if key not in columns}
    return pl.DataFrame([{key: row.get(key) for key in columns} for row in rows], schema=columns)


def cohort(**tables: list[dict[str, Any]]) -> Cohort:
    manifest = Manifest(origin="real", title="by hand", protocol="routine-care", counted_on="2026-11-22")
    return Cohort(manifest, {name: frame(name, *rows) for name, rows in tables.items()})


def judged(**tables: list[dict[str, Any]]) -> AnalysisResult:
    return analyse(PROTOCOL, cohort(**tables))


def value(result: AnalysisResult, id: str) -> float | None:
    found = result.estimate(id)
    assert found is not None, id
    return found.value


def note(result: AnalysisResult, id: str) -> str:
    found = result.estimate(id)
    assert found is not None, id
    return found.note


def person(name: str, counted: int | None = 40, **more: Any) -> dict[str, Any]:
    return {"participant": name, "role": "patient", "counted_day": counted, **more}


def event(name: str, kind: str, day: int, **more: Any) -> dict[str, Any]:
    return {"participant": name, "kind": kind, "day": day, **more}


# --- waits ------------------------------------------------------------------------------------------------------------

# Referral to enrolment: a 10 days, b 20, c 30; d was turned away after 5; e waits since 50 days.
WAITING = {
    "participants": [person("a"), person("b"), person("c"), person("d", 12), person("e", 50)],
    "events": [
        event("a", "referral", -10), event("a", "acknowledged", -9, hours=20.0), event("a", "screening", -5),
        event("a", "eligible", -5), event("a", "enrolment", 0), event("a", "assigned", 2), event("a", "start", 6),
        event("b", "referral", -20), event("b", "acknowledged", -18, hours=50.0), event("b", "eligible", -9),
        event("b", "enrolment", 0), event("b", "assigned", 1),
        event("c", "referral", -30), event("c", "acknowledged", -29), event("c", "eligible", -8),
        event("c", "enrolment", 0),
        event("d", "referral", 0), event("d", "acknowledged", 1, hours=10.0), event("d", "ineligible", 5),
        event("e", "referral", 0), event("e", "screening", 3),
    ],
}  # fmt: skip


def test_waits_count_who_still_waits() -> None:
    result = judged(**WAITING)
    # At risk of enrolment after 10 days: 4, since d left after 5. 3/4 still wait then; 2/4 after 20, which is half
    # exactly, so the middle of the step from 20 to 30; a quarter after 30.
    assert value(result, "wait.enrolment.median") == 25
    assert value(result, "wait.enrolment.p90") is None
    assert "not reached" in note(result, "wait.enrolment.p90")
    assert value(result, "wait.enrolment.now") == 1
    assert value(result, "wait.enrolment.longest") == 50
    # Start: a after 16 days. b and c have been there for 60 and 70 days, e for 50.
    assert value(result, "wait.start.now") == 3
    assert value(result, "wait.start.longest") == 70
    assert value(result, "wait.start.median") is None
    assert value(result, "wait.assigned.now") == 2


def test_acknowledged_in_time() -> None:
    # Promised: 48 hours. a 20, b 50 (late), c by days: one day, d 10; e nothing for 50 days: late. 3 of 5.
    result = judged(**WAITING)
    found = result.estimate("acknowledged.in_time")
    assert found is not None
    assert found.value == pytest.approx(3 / 5)
    assert found.n == 5
    assert "1 person" in found.note
    assert value(result, "wait.acknowledged.now") == 1


def test_stages_count_by_the_last_decision() -> None:
    opened = [{"participant": "a", "lesson": "one", "opened_day": 6}]
    result = judged(**WAITING, lessons=opened)
    assert value(result, "reached.referred") == 5
    assert value(result, "reached.eligible") == 3  # e is being screened: not known yet
    assert value(result, "reached.enrolled") == 3
    assert value(result, "reached.started") == 1
    assert value(result, "stage_wait.eligible") == 11  # 5, 11, 22
    assert value(result, "stage_wait.enrolled") == 8  # 5, 9, 8
    assert value(result, "stage_wait.started") == 6
    assert value(result, "stage_wait.most") is None


def test_one_found_eligible_after_all() -> None:
    events = [*WAITING["events"], event("d", "eligible", 8), event("d", "enrolment", 9)]
    assert value(judged(participants=WAITING["participants"], events=events), "reached.eligible") == 4


def test_without_a_day_of_counting_nobody_waits_now() -> None:
    people = [{**one, "counted_day": None} for one in WAITING["participants"]]
    result = judged(participants=people, events=WAITING["events"])
    found = result.estimate("wait.start.now")
    assert found is not None
    assert found.value is None
    assert "does not say when it was counted" in found.note


# --- replies, alerts, complaints --------------------------------------------------------------------------------------


def test_replies() -> None:
    def reply(promised: float, answered: float | None = None, waiting: float | None = None) -> dict[str, Any]:
        return {"participant": "a", "promised_hours": promised, "answered_hours": answered, "waiting_hours": waiting}

    rows = [reply(24, 3), reply(24, 24), reply(24, 30), reply(48, None, 50), reply(24, None, 2)]
    result = judged(participants=[person("a")], replies=rows)
    assert value(result, "replies.messages") == 5
    found = result.estimate("replies.in_time")
    assert found is not None
    assert (found.value, found.n, found.missing) == (pytest.approx(2 / 4), 4, 1)
    assert value(result, "replies.waiting") == 2
    assert value(result, "replies.overdue") == 1
    # 2 h censored, 3 h of 4: 3/4, 24 h of 3: 1/2 exactly until 30 h: the middle, 27.
    assert value(result, "replies.median_hours") == 27


ALERT = {"participant": "a", "track": "risk", "tier": "r2", "promised_hours": 1.0, "promised_contact_hours": 8.0}
ALERTS = [
    {**ALERT, "alert": "1", "acknowledged_hours": 0.5, "contacted_hours": 3.0, "closed_hours": 30.0,
     "reason": "plan_made"},
    {**ALERT, "alert": "2", "acknowledged_hours": 2.0, "contacted_hours": 9.0, "closed_hours": 40.0,
     "reason": "plan_made"},
    {**ALERT, "alert": "3", "open_hours": 0.5},  # too early to tell
    {**ALERT, "alert": "4", "open_hours": 200.0},  # overdue
    {**ALERT, "alert": "5", "track": "silence", "tier": "i1", "promised_hours": 24.0, "promised_contact_hours": None,
     "acknowledged_hours": 20.0, "open_hours": 30.0},
]  # fmt: skip


def test_alerts_by_tier_and_age() -> None:
    result = judged(participants=[person("a")], alerts=ALERTS)
    assert value(result, "alerts.raised") == 5
    assert value(result, "alerts.raised.r2") == 4
    assert value(result, "alerts.acknowledged_in_time.r2") == pytest.approx(1 / 3)
    assert value(result, "alerts.contacted_in_time.r2") == pytest.approx(1 / 3)
    assert value(result, "alerts.acknowledged_in_time.i1") == 1
    assert value(result, "alerts.contacted_in_time.i1") is None  # none promised
    assert value(result, "alerts.acknowledged_in_time") == pytest.approx(2 / 4)
    assert value(result, "alerts.open") == 3
    assert value(result, "alerts.overdue") == 1
    ages = {"under_a_day": 1, "one_to_seven_days": 1, "one_to_four_weeks": 1, "over_four_weeks": 0}
    assert {age: value(result, f"alerts_open.{age}") for age in ages} == ages
    assert value(result, "alerts_closed.plan_made") == 2


def test_complaints() -> None:
    def made(number: int, **days: Any) -> dict[str, Any]:
        return {"complaint": f"c{number}", "about": "waiting", "promised_days": 28.0, **days}

    rows = [
        made(1, acknowledged_days=1.0, answered_days=10.0, closed_days=12.0),
        made(2, acknowledged_days=2.0, closed_days=20.0),  # closed without a step of answering: answered then
        made(3, answered_days=30.0, closed_days=31.0), made(4, open_days=40.0),
        {**made(5, open_days=3.0, acknowledged_days=1.0), "about": "privacy"},
    ]  # fmt: skip
    result = judged(participants=[person("a")], complaints=rows)
    assert value(result, "complaints.made") == 5
    assert value(result, "complaints.acknowledged") == pytest.approx(4 / 5)
    found = result.estimate("complaints.answered_in_time")
    assert found is not None
    assert (found.value, found.n, found.missing) == (pytest.approx(2 / 4), 4, 1)
    assert value(result, "complaints.open") == 2
    assert value(result, "complaints.overdue") == 1
    assert value(result, "complaints.about.waiting") == 4


# --- harms, load ------------------------------------------------------------------------------------------------------


def test_harms_by_severity_and_serious_ones_by_code() -> None:
    def harm(what: str, severity: str, causality: str) -> dict[str, Any]:
        return event("a", "adverse_event", 3, reason=what, severity=severity, causality=causality)

    events = [event("a", "enrolment", 0), harm("fall", "serious", "unrelated"), harm("distress", "mild", "possible"),
              harm("hospital", "serious", "possible")]  # fmt: skip
    result = judged(participants=[person("a")], events=events)
    assert value(result, "harm_events.all") == 3
    assert value(result, "harm_events.severity.serious") == 2
    assert value(result, "harm_events.severity.moderate") == 0
    assert value(result, "harm_events.causality.possible") == 2
    assert value(result, "harm_events.serious.fall") == 1
    assert value(result, "harm_events.serious.hospital") == 1
    assert result.estimate("harm_events.serious.distress") is None


def test_load_and_cover() -> None:
    rows = [
        {"therapist": "t1", "people_now": 12, "places": 10, "away": False},
        {"therapist": "t2", "people_now": 3, "places": 10, "away": True, "covered": False},
        {"therapist": "t3", "people_now": 7, "places": None, "away": True, "covered": True},
    ]
    result = judged(participants=[person("a")], therapists=rows)
    wanted = {"therapists": 3, "people": 22, "places": 20, "fewest": 3, "median": 7, "most": 12, "over": 1, "away": 2,
              "uncovered": 1}  # fmt: skip
    assert {what: value(result, f"cover.{what}") for what in wanted} == wanted
    assert value(result, "load.t1") == 12


def test_no_number_on_what_became_of_one_therapists_people() -> None:
    """C13: the only numbers that name a therapist are how many people she has."""
    rows = [{"therapist": "t1", "people_now": 12, "places": 10, "away": False}]
    people = [person("a", therapist="t1"), person("b", therapist="t1")]
    result = judged(
        participants=people, therapists=rows, events=[event("a", "referral", -3), event("a", "enrolment", 0)]
    )
    assert [estimate.id for estimate in result.estimates if "t1" in estimate.id.split(".")] == ["load.t1"]


# --- rescues ----------------------------------------------------------------------------------------------------------


def test_who_began_after_a_call_beside_others_in_the_same_state() -> None:
    names = "abcdefgh"
    start = {"a": 15, "b": 30, "c": 10, "d": 24, "e": 40, "g": 12}
    events = [event(name, "enrolment", 0) for name in names]
    events += [event(name, "start", day) for name, day in start.items()]
    events += [event("f", "withdrawal", 14)]
    rescues = [
        {"participant": "a", "day": 10, "why": "not_started", "kind": "call", "minutes": 5.0, "reason": "technical"},
        {"participant": "b", "day": 12, "why": "not_started", "kind": "call", "minutes": 7.0},
        {"participant": "c", "day": 11, "why": "not_started", "kind": "call"},  # had begun the day before
    ]
    people = [person(name, 20 if name == "h" else 100) for name in names]
    result = judged(participants=people, events=events, rescues=rescues)
    # a began 5 days after the call, b 18 days after; c had begun already. Landmark: day 11 (the median of 10 and 12).
    came = result.estimate("rescue.not_started.call.came")
    assert came is not None
    assert (came.value, came.n, came.missing) == (0.5, 2, 1)
    # Others on day 11: d began on 24 (within 14 days), e on 40, f left on 14, g on 12; h was seen until day 20 only.
    others = result.estimate("rescue.not_started.call.others")
    assert others is not None
    assert (others.value, others.n) == (0.5, 4)
    difference = result.estimate("rescue.not_started.call.difference")
    assert difference is not None
    assert difference.value == 0
    assert "chosen, not drawn: no effect is shown" in difference.note
    assert "day 11" in difference.note
    assert value(result, "rescues.given") == 3
    assert value(result, "rescues.minutes") == 12


def test_who_came_back_after_going_quiet() -> None:
    people = [person(name, 100) for name in "abcd"]
    events = [e for name in "abcd" for e in (event(name, "enrolment", 0), event(name, "start", 1))]
    lessons = [
        {"participant": "a", "lesson": "one", "opened_day": 1}, {"participant": "a", "lesson": "two", "opened_day": 20},
        {"participant": "b", "lesson": "one", "opened_day": 2},
        {"participant": "c", "lesson": "one", "opened_day": 1}, {"participant": "c", "lesson": "two", "opened_day": 30},
        {"participant": "d", "lesson": "one", "opened_day": 1, "completed_day": 2},
        {"participant": "d", "lesson": "two", "opened_day": 3, "completed_day": 5},
    ]  # fmt: skip
    # a is called on day 16 (15 days after her last lesson) and comes back on day 20.
    rescues = [{"participant": "a", "day": 16, "why": "quiet", "kind": "call"}]
    result = judged(participants=people, events=events, lessons=lessons, rescues=rescues)
    assert value(result, "rescue.quiet.call.came") == 1
    others = result.estimate("rescue.quiet.call.others")
    assert others is not None
    # After 15 quiet days: b never came back; c did on day 30, 14 days after day 16; d had finished both lessons.
    assert (others.value, others.n) == (0.5, 2)


def test_put_off_is_no_rescue_of_the_others() -> None:
    events = [event(name, "enrolment", 0) for name in "ab"]
    rescues = [{"participant": "a", "day": 5, "why": "not_started", "kind": "call"},
               {"participant": "b", "day": 5, "why": "not_started", "kind": "later"}]  # fmt: skip
    result = judged(participants=[person("a", 60), person("b", 60)], events=events, rescues=rescues)
    others = result.estimate("rescue.not_started.call.others")
    assert others is not None
    assert others.n == 1


# --- what is not there ------------------------------------------------------------------------------------------------


def test_absent_tables_are_listed_and_make_no_section() -> None:
    result = judged(participants=[person("a")])
    ids = {section.id for section in result.sections}
    assert not ids & {"waits", "alerts", "replies", "complaints", "rescues", "load"}
    measures = result.section("measures")
    assert measures is not None
    said = " ".join(text for block in measures.blocks for text in block.texts())
    for name in ("events", "alerts", "replies", "rescues", "complaints"):
        assert f"no table of {name}" in said
    assert "how many people each therapist answers for" in said


def test_a_trial_is_told_nothing_of_services() -> None:
    from accord.science.simulation import simulate

    result = analyse(load_protocol("mair"), simulate(load_protocol("mair"), n=40, seed=1, truth=False))
    assert not {section.id for section in result.sections} & {"waits", "equity", "load"}
    measures = result.section("measures")
    said = " ".join(text for block in measures.blocks for text in block.texts()) if measures else ""
    assert "no table of alerts" not in said


def test_a_cohort_that_no_service_made_may_not_be_empty() -> None:
    from accord.science.errors import BadInput

    made = cohort(participants=[])
    empty = replace(made, manifest=made.manifest.model_copy(update={"counted_on": None}))
    with pytest.raises(BadInput):
        analyse(PROTOCOL, empty)
