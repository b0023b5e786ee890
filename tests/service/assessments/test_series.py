"""The scores of many people as series, for pictures, progress and flags."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from accord.service.access.table import SERVICE
from accord.service.assessments import actions, queries

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def answered(world, occasion, value, *, instrument="nrs_pain", wording="own"):
    now = world.now + timedelta(days=7 * occasion)
    asked = actions.open_assessment(
        episode=world.episode, time_point="weekly", occasion=occasion, instruments=[instrument],
        wordings={instrument: wording}, by=SERVICE, now=now,
    )  # fmt: skip
    for slot in queries.slots(asked):
        actions.save_answer(
            assessment=asked, instrument=instrument, item=slot.item, value=value, revision=0, key=uuid.uuid4(),
            by=world.asker(world.ana), now=now,
        )  # fmt: skip
    actions.finish(assessment=asked, by=world.asker(world.ana), now=now)
    return now


def test_series_are_in_order_with_time_point_and_occasion(world):
    moments = [answered(world, number, value) for number, value in enumerate((6, 5, None, 4), start=1)]
    found = queries.series([world.ana.pk, world.joy.pk])
    points = found[world.ana.pk]["nrs_pain.total"]
    assert [(point.at, point.occasion, point.value) for point in points] == [
        (moments[0], 1, 6.0), (moments[1], 2, 5.0), (moments[3], 4, 4.0),
    ]  # fmt: skip  # what was left out is no point
    assert not any(point.demo for point in points)
    assert found[world.joy.pk] == {}


def test_scores_from_demonstration_wording_are_marked(world):
    answered(world, 1, 2, instrument="phq_9", wording="topics only")
    [point] = queries.series([world.ana.pk])[world.ana.pk]["phq_9.total"]
    assert (point.value, point.demo) == (18.0, True)


def test_series_cost_one_query(world, django_assert_num_queries):
    answered(world, 1, 5)
    people = [world.ana.pk, world.joy.pk, *(uuid.uuid4() for _ in range(1000))]
    with django_assert_num_queries(1):
        assert len(queries.series(people)) == 1002
