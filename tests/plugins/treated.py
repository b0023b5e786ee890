"""Fixture `treated`: Ana of the shared world on the first day of her treatment, with short ways to go through it.

def test_x(treated):
    treated.open_due(day=6)
    weekly = treated.asked("weekly")[0]
    treated.answer(weekly, day=6)
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest

from accord.service.access.table import SERVICE, Asker
from accord.service.assessments import actions, queries


@dataclass
class Treated:
    """Somebody in treatment; day 0 is the day on which she was enrolled and her treatment began, at ten o'clock."""

    world: Any
    person: Any
    episode: Any
    began: datetime

    @property
    def by(self) -> Asker:
        return self.world.asker(self.person)

    def on(self, day: float) -> datetime:
        return self.began + timedelta(days=day)

    def open_due(self, day: float) -> int:
        from accord.service.flows.open_due_assessments import open_due_assessments

        return open_due_assessments(now=self.on(day))

    def asked(self, time_point: str | None = None) -> list[Any]:
        rows = queries.of_episodes([self.episode.pk])[self.episode.pk]
        rows = [row for row in rows if time_point in (None, row.time_point)]
        return sorted(rows, key=lambda row: (row.opens_at, row.occasion, row.sitting))

    def answer(self, assessment: Any, day: float, value: Any = 0, *, only: int | None = None) -> None:
        """Answer every question with `value` where it is allowed, and send; `only` so many questions, unsent."""
        for number in range(500):
            held = queries.held(queries.current(assessment))
            slot = queries.next_slot(assessment, held)
            if slot is None or number == only:
                break
            given = 0 if slot.instrument == "safety_check" and value else value
            at_least_one = slot.instrument in ("satisfaction", "pgic")
            actions.save_answer(
                assessment=assessment, instrument=slot.instrument, item=slot.item,
                value=1 if at_least_one and given == 0 else given,
                revision=held[slot.key].revision if slot.key in held else 0, key=uuid.uuid4(), by=self.by,
                now=self.on(day),
            )  # fmt: skip
        if only is None:
            actions.finish(assessment=assessment, by=self.by, now=self.on(day))

    def flare(self, day: float) -> Any:
        from accord.service.programmes.actions import begin_flare

        return begin_flare(person=self.person, new_pain=False, key=uuid.uuid4(), by=self.by, now=self.on(day))

    def client(self) -> Any:
        return self.world.client_of(self.person)


def in_treatment(world: Any, person: Any, episode: Any) -> Treated:
    """Her treatment begins today at ten in the morning, UTC; her baseline is sent; the course is hers."""
    from accord.service.episodes.actions import set_anchor
    from accord.service.episodes.models import Anchor
    from accord.service.library.queries import programme_snapshot
    from accord.service.programmes.actions import begin_course

    began = world.now.replace(hour=10, minute=0, second=0, microsecond=0)
    Anchor.objects.filter(episode=episode, name="enrolment").update(at=began)
    set_anchor(episode=episode, name="treatment-start", at=began, by=SERVICE, now=began)
    one = Treated(world, person, episode, began)
    baseline = actions.open_assessment(
        episode=episode, time_point="baseline", instruments=["nrs_pain", "safety_check"],
        wordings={"nrs_pain": "own", "safety_check": "own"}, by=SERVICE, now=began,
    )  # fmt: skip
    one.answer(baseline, 0, 0)
    snapshot = programme_snapshot("living-with-pain")
    begin_course(episode=episode, snapshot=snapshot, length="standard", by=SERVICE, now=began)
    return one


@pytest.fixture
def treated(published: Any) -> Treated:
    return in_treatment(published, published.ana, published.episode)
