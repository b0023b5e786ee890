"""One person of the past on the clinic's calendar: when what happened to her, and which rows are hers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from accord.science.protocols.occasions import Occasion
from accord.service.demo.past.histories import Fact, History
from accord.service.demo.past.keys import Days, Keys, chance

if TYPE_CHECKING:
    import random

    from accord.science.programmes import Programme
    from accord.science.protocols import Protocol
    from accord.science.protocols.ladder import Ladder
    from accord.service.care.rules.calendar import Calendar
    from accord.service.demo.past.store import Store
    from accord.service.library.models import Snapshot
    from accord.service.people.models import Clinic

# The hour at which each thing happens on its day, in the order in which they may happen on one day.
REFERRED, SCREENED, DECIDED, AGREED, ENROLLED, ASSIGNED, ANSWERED, BEGUN, STARTED, ENDED = (
    9, 10, 11, 12, 13, 14, 15, 16.5, 17, 20,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scene:
    """What all of them share."""

    clinic: Clinic
    calendar: Calendar
    protocol: Protocol
    programme: Programme
    ladder: Ladder
    snapshots: dict[str, Snapshot]  # protocol, ladder, programme, consent
    occasions: dict[str, Occasion]
    therapists: dict[str, uuid.UUID]  # pseudonym -> person
    on_duty: uuid.UUID
    coordinator: uuid.UUID
    store: Store
    keys: Keys
    seed: int
    now: datetime
    parts: dict[str, int]  # lesson -> how many parts it has
    answers: bool  # item by item, too


@dataclass
class Life:
    """A history with its place in time and the keys of its hub rows."""

    scene: Scene
    history: History
    days: Days
    person: uuid.UUID
    episode: uuid.UUID

    @classmethod
    def of(cls, scene: Scene, history: History, first: date) -> Life:
        days = Days(first, scene.clinic.zone(), chance(scene.seed, history.participant, "minutes").randrange(25))
        came = days.at(history.day("referral") or 0, REFERRED)
        return cls(scene, history, days, scene.keys.at(came), scene.keys.at(came))

    def chance(self, story: str) -> random.Random:
        return chance(self.scene.seed, self.history.participant, story)

    def put(self, kind: type[Any], moment: datetime, /, **columns: Any) -> Any | None:
        """One row of hers at that moment; None when the moment has not come."""
        row = kind(id=self.scene.keys.at(moment), **columns)
        return row if self.scene.store.put(row, moment) else None

    def when(self, kind: str, hour: float) -> datetime | None:
        """The moment of her first event of a kind."""
        day = self.history.day(kind)
        return None if day is None else self.days.at(day, hour)

    @property
    def came(self) -> datetime:
        return self.days.at(self.history.day("referral") or 0, REFERRED)

    @property
    def screened(self) -> datetime:
        return self.days.at(self.history.day("screening") or 0, SCREENED)

    @property
    def enrolled(self) -> datetime | None:
        return self.when("enrolment", ENROLLED)

    @property
    def started(self) -> datetime | None:
        """When her course began; None where she left before."""
        if self.start_day is None or self.assigned is None:
            return None
        at = self.days.at(self.start_day, BEGUN)
        return at if at < self.end[2] else None

    @property
    def therapist(self) -> uuid.UUID | None:
        return self.scene.therapists.get(self.history.facts.get("therapist") or "")

    @property
    def assigned(self) -> datetime | None:
        """When a therapist was found: on the day it was, or on the day after enrolment."""
        if self.therapist is None or self.enrolled is None:
            return None
        return self.when("assigned", ASSIGNED) or self.days.at(1, ASSIGNED)

    @cached_property
    def start_day(self) -> int | None:
        """The day on which her treatment starts: when she opens the first lesson, or could have."""
        if self.enrolled is None:
            return None
        day = self.history.day("start")
        answered = [score["day"] for score in self.scores_at("baseline") if score["answered"]]
        return day if day is not None else max([2, *answered])

    def scores_at(self, name: str) -> list[Fact]:
        return self.scores.get(name, [])

    @cached_property
    def scores(self) -> dict[str, list[Fact]]:
        """Occasion -> the scales of it."""
        found: dict[str, list[Fact]] = {}
        for score in self.history.of.get("scores", ()):
            found.setdefault(score["time_point"], []).append(score)
        return found

    @cached_property
    def end(self) -> tuple[str, str, datetime]:
        """How her way ended: the step, the reason, the moment."""
        for kind, hour in (("ineligible", DECIDED), ("withdrawal", ENDED)):
            event = self.history.first(kind)
            if event:
                return ("not-eligible" if kind == "ineligible" else "withdrawn"), event["reason"] or "", self.days.at(
                    event["day"], hour
                )  # fmt: skip
        reason = (self.history.first("discharge") or {}).get("reason") or "lost_contact"
        return "discharged", reason, self.days.at(self._last_day(), ENDED)

    def _last_day(self) -> int:
        """As the service does it: when the last questions were answered, or their time was over."""
        last = next(reversed(self.scene.occasions.values()))
        answered = [score["day"] for score in self.scores_at(last.name) if score["answered"]]
        over = (self.start_day or 0) + last.window.last + 1
        least = self.history.day("discharge") or 0
        return max(least, *answered) if answered else max(least, over)
