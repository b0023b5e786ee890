"""The invented past: the same for the same seed, finished, and as the rooms themselves would have left it."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, models, transaction

from accord.service.access.table import SERVICE
from accord.service.assessments.queries import past_their_window, series, unfinished
from accord.service.audit.queries import verify
from accord.service.care.queries import open_alerts
from accord.service.demo.actions import mark_demonstration
from accord.service.demo.past.bring import LONGEST, bring_past
from accord.service.demo.staff import open_demo_clinic
from accord.service.episodes.queries import asked_now, overview
from accord.service.episodes.rules import State, StepKind, may_follow, state_after
from accord.service.errors import NotAllowed
from accord.service.flows.end_course import end_course
from accord.service.flows.open_due_assessments import open_due_assessments
from accord.service.flows.watch_progress import watch_progress
from accord.service.library.actions import publish_content
from accord.service.messaging.queries import waiting
from accord.service.programmes.queries import summaries
from plugins.standing import out_of_step

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PEOPLE = 40
UNTOLD = ("audit.Entry", "audit.Head", "people.Clinic", "people.Account")  # of hashes, of chance, of staff
LEFT_OUT = {"contenttypes", "auth", "sessions", "library", "account", "mfa", "usersessions", "studies"}


def rows(label):
    return apps.get_model(*label.split("."))._default_manager


def bring(**more) -> int:
    publish_content(now=NOW)
    mark_demonstration(now=NOW)
    clinic, _team = open_demo_clinic(now=NOW)
    return bring_past(clinic=clinic, now=NOW, **{"people": PEOPLE, **more})


@pytest.fixture
def brought(db):
    return bring()


def logical_hash() -> str:
    """All rows by what they say: encrypted values opened, keys followed to what they name, the order of rows left."""
    told = []
    for model in apps.get_models():
        if model._meta.app_label in LEFT_OUT or model._meta.label in UNTOLD:
            continue
        fields = [
            one for one in model._meta.concrete_fields if not isinstance(one, models.ForeignKey | models.UUIDField)
        ]
        links = [one for one in model._meta.concrete_fields if isinstance(one, models.ForeignKey)]
        for row in model._default_manager.all():
            said = {one.name: getattr(row, one.attname) for one in fields if one.name != "id"}
            said |= {one.name: _name(getattr(row, one.name)) for one in links if one.name not in ("snapshot", "ladder")}
            told.append(json.dumps([model._meta.label, said], default=str, sort_keys=True))
    return hashlib.sha256("\n".join(sorted(told)).encode()).hexdigest()


def _name(row) -> str:
    person = getattr(row, "person", row)
    return f"{row._meta.label} {getattr(person, 'name', '')}" if row is not None else ""


def test_the_same_seed_gives_the_same_past_and_another_seed_another(db):
    hashes = []
    for seed in (1, 1, 2):
        with transaction.atomic():
            bring(people=12, seed=seed)
            hashes.append(logical_hash())
            transaction.set_rollback(True)
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.both
def test_keys_are_those_of_the_service_and_sort_by_time(brought):
    people = list(rows("people.Person").filter(clinic__people__isnull=False).distinct().order_by("pk"))
    brought_in = [one for one in people if one.made_at < NOW - timedelta(days=LONGEST)]
    assert {one.pk.version for one in brought_in} == {7}
    assert [one.made_at for one in brought_in] == sorted(one.made_at for one in brought_in)


@pytest.mark.both
def test_everybody_came_some_way_and_every_stage_of_the_funnel_has_somebody(brought):
    found = Counter(row.state for row in overview(SERVICE))
    assert brought == sum(found.values())
    assert set(found) == {State.NOT_ELIGIBLE, State.WITHDRAWN, State.DISCHARGED}
    assert rows("episodes.Consent").count() == PEOPLE
    assert rows("programmes.Mark").filter(kind="done").exists()
    assert rows("episodes.Acknowledgement").count() == brought


@pytest.mark.both
def test_every_step_was_allowed_where_it_was_taken(brought):
    kinds: dict[object, list[str]] = {}
    for step in rows("episodes.Step").order_by("at", "id"):
        before = kinds.setdefault(step.episode_id, [])
        assert may_follow(state_after(before), StepKind(step.kind)), (before, step.kind)
        before.append(step.kind)
    assert out_of_step() == []


@pytest.mark.both
def test_the_audit_says_of_each_that_she_was_brought_in_and_its_chain_holds(brought, tmp_path):
    entries = rows("audit.Entry").filter(action="bring_in")
    assert entries.count() == brought
    assert set(entries.values_list("sequence", flat=True)) == {1}
    verdict = verify(Path(tmp_path))
    assert verdict.faults == []


@pytest.mark.both
def test_nothing_of_the_past_falls_due_and_nobody_of_it_waits(brought):
    people = set(rows("people.Person").values_list("pk", flat=True))
    assert list(open_alerts(SERVICE, NOW)) == []
    assert waiting(people) == {}
    assert asked_now() == []
    assert past_their_window(NOW) == []
    assert list(unfinished(NOW)) == []
    assert (open_due_assessments(now=NOW), watch_progress(now=NOW), end_course(now=NOW)) == (0, 0, 0)
    named = rows("people.Accountability").filter(until=None)
    assert set(named.values_list("reason", flat=True)) == {"discharged"}
    assert named.count() == brought


@pytest.mark.both
def test_at_every_moment_exactly_one_answered_for_her(brought):
    for person in rows("people.Person").filter(episodes__isnull=False).prefetch_related("accountable"):
        spans = sorted((row.since, row.until) for row in person.accountable.all())
        assert spans[0][0] == person.made_at
        assert all(one[1] == next_one[0] for one, next_one in pairwise(spans))


@pytest.mark.both
def test_scores_are_marked_as_nobodys_wording_and_show_no_band(brought):
    scores = rows("assessments.Score")
    assert set(scores.values_list("wording", flat=True)) == {"invented"}
    assert not scores.exclude(band="").exists()
    assert not scores.filter(instrument="phq_9").exists()
    everybody = series(rows("people.Person").values_list("pk", flat=True))
    points = [point for scales in everybody.values() for point in scales.get("phq_9.total", [])]
    assert points
    assert all(point.demo for point in points)


@pytest.mark.both
def test_lessons_are_counted_by_the_room_as_they_were_brought(brought):
    people = list(rows("programmes.Course").values_list("person_id", flat=True))
    done = Counter(row.done for row in summaries(people, NOW).values())
    marks = Counter(rows("programmes.Mark").filter(kind="done").values_list("course_id", flat=True))
    assert sum(number * times for number, times in done.items()) == sum(marks.values())
    assert done[5] > len(people) / 4


@pytest.mark.both
def test_everything_lies_before_now_also_when_people_are_under_way(db):
    bring(ended=0)
    later = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateTimeField)
        and model._meta.app_label in ("people", "episodes", "care", "messaging")
        and field.name in ("at", "since", "sent_at", "raised_at", "made_at")
        and model._default_manager.filter(**{f"{field.name}__gt": NOW}).exists()
    }  # fmt: skip
    assert later == set()
    assert asked_now()
    open_rows = rows("people.Accountability").filter(until=None).values_list("person_id", flat=True)
    assert set(open_rows) >= {row.episode.person_id for row in asked_now()}
    assert len(open_rows) == len(set(open_rows))


@pytest.mark.both
def test_answers_item_by_item_when_they_are_asked_for(db):
    bring(people=5, answers=True)
    given = set(rows("assessments.Answer").values_list("instrument", flat=True))
    assert {"bpi_interference", "phq_9", "safety_check"} <= given


@pytest.mark.both
def test_twice_is_once(brought):
    before = rows("people.Person").count()
    clinic = rows("people.Clinic").get()
    assert bring_past(clinic=clinic, now=NOW, people=PEOPLE) == 0
    assert rows("people.Person").count() == before


def test_no_past_is_brought_into_a_real_clinic(db):
    publish_content(now=NOW)
    clinic, _team = open_demo_clinic(now=NOW)
    with pytest.raises(NotAllowed):
        bring_past(clinic=clinic, now=NOW, people=PEOPLE)
    assert not rows("episodes.Episode").exists()


def test_nobody_of_the_past_can_log_in(brought):
    patients = rows("people.Person").filter(episodes__isnull=False)
    assert not rows("people.Account").filter(person__in=patients).exists()
    connection.check_constraints()
