"""The invented people whom a visitor finds: each at another point of the way, from a referral to an open alert."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.service.access.table import Role
from accord.service.care import actions as care
from accord.service.care.queries import open_alerts_of
from accord.service.care.rules.handling import SAFE
from accord.service.demo import walk
from accord.service.demo.staff import BEA, CARL, DOMAIN, DORA, Member
from accord.service.flows.assign_therapist import assign_therapist
from accord.service.flows.refer_person import refer_person
from accord.service.flows.send_message import send_message
from accord.service.people.queries import account_with, asker_for

if TYPE_CHECKING:
    from accord.service.demo.walk import Answers, Walker
    from accord.service.people.models import Clinic

SAFETY = "safety_check"
PLAN: Answers = {(SAFETY, "item_1"): 2, (SAFETY, "item_2"): 1, (SAFETY, "item_3"): 0, (SAFETY, "item_4"): 0}
THOUGHTS: Answers = {(SAFETY, "item_1"): 1, (SAFETY, "item_2"): 0, (SAFETY, "item_3"): 0, (SAFETY, "item_4"): 0}


Story = Callable[["Walker", str, datetime], None]
QUESTION = "The first lesson made sense. Is it all right to do it twice?"


@dataclass(frozen=True, slots=True)
class Part:
    """One person of the cast: how long ago she came, and what she did since."""

    key: str
    name: str
    days: int
    story: Story


def fill(*, clinic: Clinic, now: datetime) -> int:
    """Bring in everybody who is not there yet; how many came."""
    came = 0
    for part in CAST:
        if not walk.known(part.key):
            then = now - timedelta(days=part.days, minutes=40)
            one = walk.arrive(clinic=clinic, key=part.key, now=then)
            part.story(one, part.name, then)
            came += 1
    if CAST and came == len(CAST):
        refer_person(
            email=f"una.weiss@{DOMAIN}", name="Una Weiss", source="general_practitioner", clinic=clinic,
            note="Back pain for six years; asks for help to live with it.", now=now - timedelta(hours=5),
        )  # fmt: skip
    return came


def _only_came(one: Walker, name: str, now: datetime) -> None:
    walk.introduce(one, name=name, now=now)


def _not_eligible(one: Walker, name: str, now: datetime) -> None:
    walk.introduce(one, name=name, now=now)
    walk.screen(one, given={("questions", "pain_months"): 1}, now=now)


def _red_flag(one: Walker, name: str, now: datetime) -> None:
    walk.introduce(one, name=name, now=now)
    walk.screen(one, given={("red_flags", "item_2"): 1}, now=now)


def _waits(one: Walker, name: str, now: datetime) -> None:
    """Enrolled; a coordinator has to find her a therapist."""
    walk.introduce(one, name=name, now=now)
    walk.join(one, now=walk.screen(one, now=now) + timedelta(hours=1))


def _treated(member: Member, given: Answers | None = None, *, message: str = "", pauses: bool = False) -> Story:
    def story(one: Walker, name: str, now: datetime) -> None:
        walk.introduce(one, name=name, now=now)
        later = walk.screen(one, now=now) + timedelta(minutes=2)
        walk.join(one, now=later)
        assign(one, member, later)
        stop = (SAFETY, "item_4" if given else "item_1") if pauses else None
        walk.answer_baseline(one, given=given or {}, stop_after=stop, now=later + timedelta(minutes=1))
        if message:
            send_message(
                person_id=one.person.pk, text=message, key=uuid.uuid5(one.person.pk, "first message"),
                by=one.asker(later), now=later + timedelta(minutes=20),
            )  # fmt: skip

    return story


def _called_and_safe(one: Walker, name: str, now: datetime) -> None:
    """Her alert was taken, she was reached by telephone, and it was closed with a reason."""
    _treated(CARL, THOUGHTS)(one, name, now)
    carl = account_with(CARL.address)
    assert carl is not None
    assert carl.person_id is not None
    then = now + timedelta(minutes=30)
    by = asker_for(carl.person_id, then)
    for standing in open_alerts_of(one.person.pk, then):
        alert = standing.alert.pk
        key = uuid.uuid5(alert, "called")
        care.acknowledge(alert_id=alert, by=by, now=then)
        care.log_contact(
            person_id=one.person.pk, mode="phone", outcome="reached", minutes=15, alert_id=alert, key=key,
            note="Spoke for a quarter of an hour. Safe today; knows how to reach us; safety plan looked at together.",
            by=by, now=then + timedelta(minutes=25),
        )  # fmt: skip
        care.close_alert(alert_id=alert, reason=SAFE, by=by, now=then + timedelta(minutes=30))


def assign(one: Walker, member: Member, now: datetime) -> None:
    """The coordinator gives her a therapist."""
    dora, therapist = account_with(DORA.address), account_with(member.address)
    assert dora is not None
    assert dora.person_id is not None
    assert therapist is not None
    assert therapist.person_id is not None
    by = asker_for(dora.person_id, now)
    assert by.holds(Role.COORDINATOR)
    assign_therapist(person_id=one.person.pk, therapist_id=therapist.person_id, by=by, now=now)


CAST = (
    Part("ines.ferro", "Ines Ferro", 34, _treated(BEA)),
    Part("jonas.holt", "Jonas Holt", 21, _treated(BEA, message=QUESTION)),
    Part("kadi.saar", "Kadi Saar", 12, _treated(CARL, pauses=True)),
    Part("lena.brandt", "Lena Brandt", 9, _called_and_safe),
    Part("mosi.adeyemi", "Mosi Adeyemi", 6, _red_flag),
    Part("nora.quist", "Nora Quist", 5, _not_eligible),
    Part("oren.levy", "Oren Levy", 3, _waits),
    Part("pia.rask", "Pia Rask", 2, _waits),
    Part("quin.ellis", "Quin Ellis", 1, _only_came),
    Part("rosa.vidal", "Rosa Vidal", 0, _treated(BEA, PLAN, pauses=True)),
)  # fmt: skip
