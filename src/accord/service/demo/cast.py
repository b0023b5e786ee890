"""The invented people whom a visitor finds: each at another point of the way, from a referral to the follow-up."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.service.care import actions as care
from accord.service.care.queries import open_alerts_of
from accord.service.care.rules.handling import SAFE
from accord.service.demo import course, office_cast, together, walk
from accord.service.demo.staff import BEA, CARL, DOMAIN, Member
from accord.service.demo.timeline import Story, at, before, play
from accord.service.demo.weeks import Habit, Moment, weeks
from accord.service.flows.leave import TREATMENT, leave
from accord.service.flows.refer_person import refer_person

if TYPE_CHECKING:
    from accord.service.demo.walk import Answers, Walker
    from accord.service.people.models import Clinic

SAFETY = "safety_check"
PLAN: Answers = {(SAFETY, "item_1"): 2, (SAFETY, "item_2"): 1, (SAFETY, "item_3"): 0, (SAFETY, "item_4"): 0}
THOUGHTS: Answers = {(SAFETY, "item_1"): 1, (SAFETY, "item_2"): 0, (SAFETY, "item_3"): 0, (SAFETY, "item_4"): 0}
QUESTION = "The first lesson made sense. Is it all right to do it twice?"
Script = Callable[["Walker", str, datetime], Story]
CAME = 8.5  # the hour of the day
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Part:
    """One person of the cast: how long ago she came, and what she did since."""

    key: str
    name: str
    days: int
    story: Script


def fill(*, clinic: Clinic, now: datetime) -> int:
    """Bring in everybody who is not there yet; how many came."""
    parts = [part for part in CAST if not walk.known(part.key)]
    if not parts:
        return 0
    stories = [_story(part, clinic, now) for part in parts] + [_a_doctor_writes(clinic, now)]
    if {part.key for part in parts} >= {*together.IN_THE_GROUP, *together.NAMED}:
        stories += office_cast.by_letter(clinic, now) + together.stories(clinic, now)
    failing = play(stories, until=now)
    if failing:
        log.error("While the demonstration was filled, these jobs failed: %s", ", ".join(sorted(failing)))
    return len(parts)


def _story(part: Part, clinic: Clinic, now: datetime) -> Story:
    # In the morning, whatever the hour is now: who came after the clock's round would begin a day later. And until
    # yesterday: whoever opens the clinic in the evening finds everybody where a visitor of the morning does.
    then = yield at(now, -part.days, CAME) if part.days else now - timedelta(minutes=40)
    one = walk.arrive(clinic=clinic, key=part.key, now=then)
    story = part.story(one, part.name, then)
    yield from before(at(now, 0, 0), story) if part.days else story


def _a_doctor_writes(clinic: Clinic, now: datetime) -> Story:
    then = yield now - timedelta(hours=5)
    refer_person(
        email=f"una.weiss@{DOMAIN}", name="Una Weiss", source="general_practitioner", clinic=clinic,
        note="Back pain for six years; asks for help to live with it.", now=then,
    )  # fmt: skip


def _only_came(one: Walker, name: str, now: datetime) -> Story:
    walk.introduce(one, name=name, now=now)
    yield from ()


def _not_eligible(one: Walker, name: str, now: datetime) -> Story:
    walk.introduce(one, name=name, now=now)
    walk.screen(one, given={("questions", "pain_months"): 1}, now=now)
    yield from ()


def _red_flag(one: Walker, name: str, now: datetime) -> Story:
    walk.introduce(one, name=name, now=now)
    walk.screen(one, given={("red_flags", "item_2"): 1}, now=now)
    yield from ()


def _waits(one: Walker, name: str, now: datetime) -> Story:
    """Enrolled; a coordinator has to find her a therapist."""
    walk.introduce(one, name=name, now=now)
    then = yield walk.screen(one, now=now) + timedelta(hours=1)
    walk.join(one, now=then)


def _joins(member: Member, given: Answers | None = None, *, level: float = 0.6, pauses: bool = False) -> Script:
    """Screened, enrolled, given a therapist; answers the first questionnaires, or stops in the middle of them."""

    def story(one: Walker, name: str, now: datetime) -> Story:
        walk.introduce(one, name=name, now=now)
        later = walk.screen(one, now=now) + timedelta(minutes=2)
        walk.join(one, now=later)
        office_cast.assigned(one, member, later)
        stop = (SAFETY, "item_4" if given else "item_1") if pauses else None
        walk.answer_baseline(one, given=given or {}, level=level, stop_after=stop, now=later + timedelta(minutes=1))
        yield from ()

    return story


def _called_and_safe(one: Walker, name: str, now: datetime) -> Story:
    """Her alert was taken, she was reached by telephone, and it was closed with a reason; she began all the same."""
    yield from _joins(CARL, THOUGHTS)(one, name, now)
    then = yield now + timedelta(minutes=30)
    by = course.staff(CARL, then)
    for standing in open_alerts_of(one.person.pk, then):
        alert = standing.alert.pk
        care.acknowledge(alert_id=alert, by=by, now=then)
        care.log_contact(
            person_id=one.person.pk, mode="phone", outcome="reached", minutes=15, alert_id=alert,
            key=uuid.uuid5(alert, "called"), by=by, now=then + timedelta(minutes=25),
            note="Spoke for a quarter of an hour. Safe today; knows how to reach us; safety plan looked at together.",
        )  # fmt: skip
        care.close_alert(alert_id=alert, reason=SAFE, by=by, now=then + timedelta(minutes=30))
    yield from weeks(one, now, Habit(CARL, lessons=1, parts=1))


def _course(habit: Habit, *, level: float = 0.6) -> Script:
    """Joins, and goes through her weeks."""

    def story(one: Walker, name: str, now: datetime) -> Story:
        yield from _joins(habit.member, level=level)(one, name, now)
        yield from weeks(one, now, habit)

    return story


def _asks(one: Walker, now: datetime) -> None:
    course.write(one, QUESTION, now)


def _flares(one: Walker, now: datetime) -> None:
    course.flares(one, now)


def _falls(one: Walker, now: datetime) -> None:
    together.harms(BEA, "umar.qazi", now, what="fall", severity="moderate", causality="unrelated")


def _hurts_more(one: Walker, now: datetime) -> None:
    together.harms(BEA, "ines.ferro", now, what="more-pain", severity="mild", causality="possible")


def _leaves(one: Walker, now: datetime) -> None:
    """Ends the treatment and goes on answering questions now and then; her therapist is told."""
    leave(person_id=one.person.pk, what=TREATMENT, reason="", by=one.asker(now), now=now)


def _meets_today(one: Walker, now: datetime) -> None:
    course.plans_to_meet(BEA, one, starts_at=now + timedelta(days=3), now=now)


def _soon(days: int, hour: float, do: Moment) -> dict[tuple[int, float], Moment]:
    return {(days, hour): do}


# Lessons open on days 0, 7, 21, 35 and 49 of the treatment, the last questionnaires on days 56 and 140.
CAST = (
    Part("zeno.ricci", "Zeno Ricci", 146, _course(Habit(BEA, answers_until=100))),  # done; the follow-up stands open
    Part("bahar.demir", "Bahar Demir", 60, _course(Habit(BEA, answers_until=56))),  # the last questionnaires stand open
    Part("umar.qazi", "Umar Qazi", 51, _course(Habit(BEA, moments=_soon(30, 15, _falls)))),  # at the fifth lesson
    Part("tove.lund", "Tove Lund", 40, _course(Habit(BEA, moments=_soon(37, 10.5, _meets_today)))),  # the fourth
    Part("wim.aalto", "Wim Aalto", 31, _course(Habit(BEA, level=lambda day: 0.95 if day > 24 else 0.4), level=0.35)),
    Part("vera.moss", "Vera Moss", 27, _course(Habit(BEA, moments=_soon(26, 9, _flares)))),  # in a flare
    Part("yara.haddad", "Yara Haddad", 24, _course(Habit(BEA, lessons=1, until=8))),  # gone quiet
    Part("sami.okoro", "Sami Okoro", 26, _course(Habit(CARL, until=15, moments=_soon(15, 18, _leaves)))),  # left
    Part("ines.ferro", "Ines Ferro", 23, _course(Habit(BEA, moments=_soon(12, 15, _hurts_more)))),  # at the third
    Part("kadi.saar", "Kadi Saar", 12, _joins(BEA, pauses=True)),
    Part("xenia.pohl", "Xenia Pohl", 11, _joins(BEA)),  # never began
    Part("jonas.holt", "Jonas Holt", 9, _course(Habit(BEA, moments=_soon(8, 20, _asks)))),  # at the second; asks
    Part("lena.brandt", "Lena Brandt", 9, _called_and_safe),  # at the first
    Part("mosi.adeyemi", "Mosi Adeyemi", 6, _red_flag),
    Part("nora.quist", "Nora Quist", 5, _not_eligible),
    Part("oren.levy", "Oren Levy", 3, _waits),
    Part("pia.rask", "Pia Rask", 2, _waits),
    Part("quin.ellis", "Quin Ellis", 1, _only_came),
    Part("rosa.vidal", "Rosa Vidal", 0, _joins(BEA, PLAN, pauses=True)),
    *(Part(key, name, 30 - place, _course(Habit(CARL, lessons=4 - place % 3, parts=2)))  # five who meet on Tuesdays
      for place, (key, name) in enumerate(together.IN_THE_GROUP.items())),
    *(Part(*one) for one in office_cast.PEOPLE),
)  # fmt: skip
