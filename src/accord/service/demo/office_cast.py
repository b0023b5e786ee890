"""The people whose stories the office knows: how they came, where they stopped, how they went on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Generator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.service.care import actions as care
from accord.service.care.queries import ladder_for, open_alerts_of
from accord.service.care.rules.handling import SAFE
from accord.service.demo import course, walk
from accord.service.demo.staff import CARL, DOMAIN, DORA, HAL, NIA, Member, staff
from accord.service.demo.timeline import Story, at
from accord.service.demo.weeks import Habit, weeks
from accord.service.episodes.actions import add_onward_step, refer_onward
from accord.service.episodes.actions.letters import send_letter, write_letter
from accord.service.episodes.queries import current_episode
from accord.service.flows.assign_therapist import assign_therapist
from accord.service.flows.discharge_person import discharge_person
from accord.service.flows.enter_referral import enter_referral
from accord.service.flows.leave import EVERYTHING, leave
from accord.service.flows.open_screening import open_screening
from accord.service.flows.refer_again import refer_again
from accord.service.people.queries import account_with
from accord.service.ui.letter_facts import draft

if TYPE_CHECKING:
    from accord.service.demo.walk import Answers, Walker
    from accord.service.people.models import Clinic

PROTOCOL = "routine-care"
GAP = re.compile(r"\[\[.*?\]\]", re.DOTALL)
SAFETY = "safety_check"
OFTEN: Answers = {(SAFETY, "item_1"): 1, (SAFETY, "item_2"): 0, (SAFETY, "item_3"): 0, (SAFETY, "item_4"): 0}
NOT_SAFE: Answers = {(SAFETY, "item_1"): 2, (SAFETY, "item_2"): 0, (SAFETY, "item_3"): 0, (SAFETY, "item_4"): 1}
LEFT_OUT: Answers = {(SAFETY, "item_1"): None}
Script = Callable[["Walker", str, datetime], Story]


def key_of(one: Walker, word: str) -> uuid.UUID:
    return uuid.uuid5(one.person.pk, word)


def assigned(one: Walker, member: Member, now: datetime, *, override: str = "") -> None:
    """The coordinator gives her a therapist."""
    account = account_with(member.address)
    assert account is not None
    assert account.person_id is not None
    assign_therapist(
        person_id=one.person.pk, therapist_id=account.person_id, override=override, by=staff(DORA, now), now=now
    )


def joins(member: Member, given: Answers | None = None, *, override: str = "") -> Script:
    """Screened, enrolled, given a therapist, and the first questionnaires sent."""

    def story(one: Walker, name: str, now: datetime) -> Story:
        walk.introduce(one, name=name, now=now)
        later = walk.screen(one, now=now) + timedelta(minutes=2)
        walk.join(one, now=later)
        assigned(one, member, later, override=override)
        walk.answer_baseline(one, given=given or {}, level=0.6, now=later + timedelta(minutes=1))
        yield from ()

    return story


def letter(one: Walker, member: Member, kind: str, now: datetime, *, goes: str = "post") -> None:
    """A letter as the record fills it, its gaps filled; sent that way, or signed and still on the desk."""
    by = staff(member, now)
    way = current_episode(by, one.person.pk)
    assert way is not None
    filled = draft(by, way, kind, now)
    row = write_letter(
        episode=way, kind=kind, addressee="Dr Invented\n1 Harbour Street", subject=filled.subject, head=filled.head,
        body=GAP.sub("as agreed", filled.body), snapshot_id=filled.snapshot_id, key=key_of(one, kind), by=by, now=now,
    )  # fmt: skip
    if goes:
        send_letter(letter_id=row.pk, how=goes, by=by, now=now)


# ------------------------------------------------------------------------------------------------- what means danger


def called_then_again(one: Walker, name: str, now: datetime) -> Story:
    """Thoughts at the first questions: called, closed. Again a week later, no more often: the lowest tier."""
    yield from joins(CARL, OFTEN)(one, name, now)
    then = yield now + timedelta(hours=1)
    for standing in open_alerts_of(one.person.pk, then):
        alert, by = standing.alert.pk, staff(CARL, then)
        care.acknowledge(alert_id=alert, by=by, now=then)
        care.log_contact(
            person_id=one.person.pk, mode="phone", outcome="reached", minutes=12, alert_id=alert,
            key=key_of(one, "called"), by=by, now=then, note="Spoke with her. Safe today; has her plan beside the bed.",
        )  # fmt: skip
        care.close_alert(alert_id=alert, reason=SAFE, by=by, now=then + timedelta(minutes=20))
    for day in (1, 3):
        course.reads(one, parts=3, lessons=1, now=(yield at(now, day, 19)))
    course.answer_open(one, level=0.55, given=OFTEN, now=(yield at(now, 8, 19)))


def safeguarding(one: Walker, name: str, now: datetime) -> Story:
    """Her therapist reads something that concerns a child and raises it by hand."""
    yield from joins(CARL)(one, name, now)
    then = yield now + timedelta(days=2, hours=1)
    care.raise_alert_by_hand(
        person_id=one.person.pk, track="safeguarding", tier="safe", key=key_of(one, "by hand"),
        ladder=ladder_for(one.person.pk), by=staff(CARL, then), now=then,
        note="Says on the telephone that her son stays at home alone at night when she is in hospital.",
    )  # fmt: skip
    yield from weeks(one, now, Habit(CARL, lessons=1, parts=2))


# ------------------------------------------------------------------------------------------------- where they stopped


def stops_in_the_questions(one: Walker, name: str, now: datetime) -> Story:
    walk.introduce(one, name=name, now=now)
    opened = open_screening(episode_id=one.episode.pk, by=one.asker(now), now=now)
    walk.answer(one, opened, given=walk.FITTING, stop_after=("questions", "pain_months"), now=now)
    yield from ()


def fits_and_thinks(one: Walker, name: str, now: datetime) -> Story:
    """Could say yes, and has not."""
    walk.introduce(one, name=name, now=now)
    walk.screen(one, now=now)
    yield from ()


def without_certificate(one: Walker, name: str, now: datetime) -> Story:
    """Given to a colleague whose certificate ran out, with the reason kept (C40)."""
    why = "Speaks her language; the renewal is booked for next week, and the supervisor reads along until then."
    yield from joins(HAL, override=why)(one, name, now)


# ------------------------------------------------------------------------------------------------- how they went on


def sent_on(to: str, *steps: tuple[str, float]) -> Script:
    """Does not fit here, and is sent on; `steps`: what became of it, after so many days."""

    def story(one: Walker, name: str, now: datetime) -> Story:
        walk.introduce(one, name=name, now=now)
        walk.screen(one, given={("questions", "pain_months"): 1}, now=now)
        then = yield now + timedelta(hours=3)
        row = refer_onward(
            episode=one.episode, to=to, reason="not-eligible", key=key_of(one, "onward"), by=staff(DORA, then),
            now=then, note="Her pain is new; a doctor looks first.",
        )  # fmt: skip
        for kind, days in steps:
            after = yield then + timedelta(days=days)
            add_onward_step(onward=row, kind=kind, key=key_of(one, kind), by=staff(DORA, after), now=after)

    return story


def takes_everything_back(one: Walker, name: str, now: datetime) -> Story:
    yield from joins(CARL)(one, name, now)
    then = yield now + timedelta(days=10)
    leave(person_id=one.person.pk, what=EVERYTHING, reason="", by=one.asker(then), now=then)


def discharged(one: Walker, name: str, now: datetime) -> Story:
    """Has found help nearer to home; discharged by the office, and sent on to a pain clinic that has seen her."""
    yield from joins(CARL)(one, name, now)
    yield from weeks(one, now, Habit(CARL, lessons=1, until=12))
    then = yield now + timedelta(days=20)
    by = staff(DORA, then)
    discharge_person(person_id=one.person.pk, reason="referred_on", by=by, now=then)
    letter(one, CARL, "discharge_summary", then + timedelta(hours=2))
    row = refer_onward(
        episode=one.episode, to="pain_clinic", reason="her-wish", key=key_of(one, "onward"), by=by, now=then
    )
    for kind, days in (("sent", 1), ("received", 4), ("seen", 12)):
        after = yield then + timedelta(days=days)
        add_onward_step(onward=row, kind=kind, key=key_of(one, kind), by=staff(DORA, after), now=after)


def referred_again(one: Walker, name: str, now: datetime) -> Story:
    """Did not fit seven weeks ago; a doctor has looked since, and she comes again."""
    walk.introduce(one, name=name, now=now)
    walk.screen(one, given={("questions", "pain_months"): 2}, now=now)
    then = yield now + timedelta(days=47)
    by = staff(DORA, then)
    discharge_person(person_id=one.person.pk, reason="referred_on", by=by, now=then)
    later = yield then + timedelta(hours=1)
    refer_again(
        person_id=one.person.pk, protocol=PROTOCOL, source="general_practitioner", came="letter", told=True,
        referrer="Dr Invented, 1 Harbour Street", key=key_of(one, "again"), by=staff(DORA, later), now=later,
    )  # fmt: skip
    letter(one, DORA, "referral_received", later + timedelta(hours=1), goes="")


LETTERS = (  # name, days ago, whether whoever sent them knows that it has arrived
    ("Elsa Thorn", 4.0, False), ("Malik Stowe", 0.2, False), ("Greta Haan", 9.0, True),
)  # fmt: skip


def by_letter(clinic: Clinic, now: datetime) -> list[Generator[datetime, datetime, None]]:
    """Referrals on paper: one that nobody has acknowledged in time, one of today, one that waits for her own word."""
    return [_by_letter(clinic, now - timedelta(days=days), name, told) for name, days, told in LETTERS]


def _by_letter(clinic: Clinic, when: datetime, name: str, told: bool) -> Story:
    then = yield when
    enter_referral(
        clinic=clinic, protocol=PROTOCOL, source="pain_clinic", came="letter", name=name, told=told,
        email=f"{name.lower().replace(' ', '.')}@{DOMAIN}", referrer="Dr Invented, 2 Harbour Street",
        note="Asks for help to live with pain in both shoulders.", key=uuid.uuid5(clinic.pk, name),
        by=staff(DORA, then), now=then,
    )  # fmt: skip


# key, name, days ago, story
PEOPLE: tuple[tuple[str, str, int, Script], ...] = (
    ("cyril.aas", "Cyril Aas", 1, joins(NIA, NOT_SAFE)),
    ("gita.roy", "Gita Roy", 8, joins(NIA)),
    ("levi.stam", "Levi Stam", 2, joins(NIA, LEFT_OUT)),
    ("hedy.blom", "Hedy Blom", 10, called_then_again),
    ("dunja.ilic", "Dunja Ilic", 6, safeguarding),
    ("tilda.voss", "Tilda Voss", 4, stops_in_the_questions),
    ("pavo.kern", "Pavo Kern", 6, fits_and_thinks),
    ("mila.dean", "Mila Dean", 4, without_certificate),
    ("ruth.palm", "Ruth Palm", 40, sent_on("general_practitioner", ("sent", 0.1), ("received", 3), ("seen", 11))),
    ("ede.lux", "Ede Lux", 28, sent_on("pain_clinic", ("sent", 0.1))),
    ("anton.rieu", "Anton Rieu", 12, sent_on("general_practitioner", ("sent", 0.1), ("declined", 5))),
    ("osk.ramm", "Osk Ramm", 20, takes_everything_back),
    ("ane.holt", "Ane Holt", 35, discharged),
    ("ben.arvid", "Ben Arvid", 50, referred_again),
)
