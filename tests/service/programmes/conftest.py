"""A patient in her course: Ana of the shared world, enrolled ten days ago, in treatment with Bea since a week."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest

from accord.service.access.table import SERVICE, Asker
from accord.service.assessments.models import Answer, Assessment
from accord.service.library.models import Current, Snapshot
from accord.service.library.queries import programme_snapshot
from accord.service.library.rules import bundle, unbundled
from accord.service.programmes import actions, queries


@dataclass
class Follows:
    """Somebody who follows a course, with short ways to do what she does."""

    world: Any
    person: Any
    episode: Any
    course: Any
    began: datetime  # day 0 of enrolment and of treatment

    @property
    def by(self) -> Asker:
        return self.world.asker(self.person)

    @property
    def bea(self) -> Asker:
        return self.world.asker(self.world.bea)

    def on(self, day: float) -> datetime:
        return self.began + timedelta(days=day)

    def now_course(self):
        """As a page would load it: nothing kept from before."""
        return queries.course_of(self.by, self.person.pk)

    def standing(self, day: float):
        return queries.standing(self.now_course(), self.on(day))

    def states(self, day: float) -> list[str]:
        return [one.state for one in self.standing(day).states]

    def begin(self, lesson: str, day: float):
        return actions.begin_lesson(course=self.now_course(), lesson=lesson, by=self.by, now=self.on(day))

    def finish(self, lesson: str, day: float) -> bool:
        """Every part of a lesson, on one day."""
        course, text = self.now_course(), queries.programme_of(self.now_course()).text(lesson)
        done = [
            actions.finish_part(course=course, lesson=lesson, part=number, by=self.by, now=self.on(day))
            for number in range(1, len(text.parts) + 1)
        ]
        return done[-1]

    def save(self, day: float, value: dict, *, block: str = "my_pain", revision: int = 0, **more: Any):
        given = {"lesson": "understanding_pain", "key": uuid.uuid4(), "by": self.by} | more
        return actions.save_entry(
            course=self.now_course(), block=block, value=value, revision=revision, now=self.on(day), **given
        )

    def change(self, day: float, lesson: str, kind: str, reason: str = "We spoke about it.", **more: Any):
        given = {"key": uuid.uuid4(), "by": self.bea} | more
        return actions.change_path(
            course=self.now_course(), lesson=lesson, kind=kind, reason=reason, now=self.on(day), **given
        )

    def practise(self, day: float, on: float | None = None, **more: Any):
        when = queries.today_of(self.now_course(), self.on(day if on is None else on))
        given = {"practice": "settling", "minutes": 6, "key": uuid.uuid4(), "by": self.by} | more
        return actions.log_practice(course=self.now_course(), on=when, now=self.on(day), **given)

    def answer(self, day: float, instrument: str, values: dict, *, occasion: int = 0, time_point: str = "screening"):
        """Answers as rows, in an asking that is made when it is not there yet."""
        asked, _ = Assessment.objects.get_or_create(
            episode=self.episode, person=self.person, time_point=time_point, occasion=occasion,
            defaults={"instruments": [instrument], "opens_at": self.on(day), "made_at": self.on(day)},
        )  # fmt: skip
        for item, value in values.items():
            Answer.objects.create(
                assessment=asked, instrument=instrument, item=item, revision=1, key=uuid.uuid4(), value=value,
                at=self.on(day),
            )  # fmt: skip
        return asked

    def no_red_flag(self, day: float = 0, **others: Any):
        """The red-flag questions answered, all with no but for `others`."""
        flags = {f"item_{number}": 0 for number in range(1, 9)} | {"worse_after_effort": 0}
        return self.answer(day, "red_flags", flags | others)

    def flare(self, day: float, *, new_pain: bool = False, key: uuid.UUID | None = None):
        return actions.begin_flare(
            person=self.person, new_pain=new_pain, key=key or uuid.uuid4(), by=self.by, now=self.on(day)
        )

    def new_version(self, day: float, edit) -> Any:
        """Her programme with changed files, published: `edit` gets and changes path -> text."""
        texts = unbundled(programme_snapshot("living-with-pain").source)
        edit(texts)
        source = bundle(texts)
        names = {"kind": "programme", "slug": "living-with-pain", "language": ""}
        row = Snapshot.objects.create(
            **names, version="2", source=source, sha256=sha256(source.encode()).hexdigest(), published_at=self.on(day)
        )
        Current.objects.filter(**names).update(snapshot=row, since=self.on(day))
        return row


def following(world: Any, person: Any, episode: Any) -> Follows:
    from accord.service.episodes.actions import set_anchor

    began = world.now.replace(hour=10, minute=0, second=0, microsecond=0)
    set_anchor(episode=episode, name="treatment-start", at=began, by=SERVICE, now=began)
    snapshot = programme_snapshot("living-with-pain")
    actions.begin_course(episode=episode, snapshot=snapshot, length="standard", by=SERVICE, now=began)
    return Follows(world, person, episode, queries.course_of(world.asker(person), person.pk), began)


@pytest.fixture
def follow():
    """Makes somebody follow the course: (world, person, episode) -> Follows."""
    return following


@pytest.fixture
def ana(published) -> Follows:
    return following(published, published.ana, published.episode)
