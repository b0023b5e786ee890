"""An invented person goes the way of everybody: the same flows as the pages use, so that nothing here is made up
beside the rules. Answers come from a seeded generator: the same person answers the same."""

from __future__ import annotations

import random
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from accord.science.instruments import Item
from accord.service.access.table import SERVICE, Asker
from accord.service.assessments.queries import current, held, instrument, of_time_point, slots
from accord.service.assessments.rules.questions import QUESTIONS, Slot, next_open
from accord.service.demo.staff import DOMAIN
from accord.service.episodes.queries import confirm_token, current_episode, open_referrals
from accord.service.fields.keys import new_id
from accord.service.flows.confirm_referral import confirm_referral
from accord.service.flows.decide_eligibility import decide_eligibility
from accord.service.flows.enrol import enrol
from accord.service.flows.finish_assessment import finish_assessment
from accord.service.flows.give_consent import give_consent
from accord.service.flows.open_screening import open_screening
from accord.service.flows.sign_up import sign_up
from accord.service.flows.submit_answer import submit_answer
from accord.service.library.queries import latest
from accord.service.people.actions import change_contact
from accord.service.people.queries import account_with, asker_for

if TYPE_CHECKING:
    from accord.service.assessments.models import Assessment
    from accord.service.episodes.models import Episode
    from accord.service.people.models import Account, Clinic, Person

Answers = dict[tuple[str, str], object]
PACE = timedelta(seconds=8)  # from one answer to the next
FITTING: Answers = {
    (QUESTIONS, "age"): 44, (QUESTIONS, "pain_months"): 60, (QUESTIONS, "pain_seen_by_doctor"): "yes",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Walker:
    """Somebody on her way, as far as she has come."""

    account: Account
    person: Person
    episode: Episode
    seed: str

    def asker(self, now: datetime) -> Asker:
        return asker_for(self.person.pk, now)


def arrive(*, clinic: Clinic, key: str, now: datetime) -> Walker:
    """Signs up and uses the link of the mail; a duty clinician answers for her from here on (C4)."""
    address = f"{key}@{DOMAIN}"
    sign_up(email=address, clinic=clinic, now=now)
    referral = next(row for row in reversed(open_referrals(SERVICE)) if row.person.email == address)
    account = confirm_referral(token=confirm_token(referral.pk), password=secrets.token_urlsafe(24), now=now)
    return walker(account, key, now)


def walker(account: Account, seed: str, now: datetime) -> Walker:
    assert account.person is not None
    episode = current_episode(asker_for(account.person.pk, now), account.person.pk)
    assert episode is not None
    return Walker(account, account.person, episode, seed)


def known(key: str) -> bool:
    """Whether somebody of this key came before: a second start adds nobody twice."""
    return account_with(f"{key}@{DOMAIN}") is not None


def introduce(one: Walker, *, name: str, now: datetime) -> None:
    """Says her name, her number (of a range kept for fiction) and where she is."""
    number = f"020 7946 0{random.Random(one.seed).randrange(1000):03d}"  # noqa: S311 - an invented number
    change_contact(person=one.person, name=name, phone=number, country="GB", where="London", by=one.asker(now), now=now)


def screen(one: Walker, *, given: Answers | None = None, now: datetime) -> datetime:
    """Answers the first questions and is told whether the programme fits; when she was done."""
    opened = open_screening(episode_id=one.episode.pk, by=one.asker(now), now=now)
    done = answer(one, opened, given={**FITTING, **(given or {})}, now=now)
    finish_assessment(assessment_id=opened.pk, by=one.asker(done), now=done)
    decide_eligibility(episode_id=one.episode.pk, by=one.asker(done), now=done)
    return done


def join(one: Walker, *, now: datetime) -> Assessment:
    """Reads, agrees, is enrolled; the first questionnaires are open."""
    seen = latest("text", "consent-care", "en").pk
    give_consent(episode_id=one.episode.pk, seen=seen, by=one.asker(now), now=now)
    return enrol(episode_id=one.episode.pk, by=one.asker(now), now=now)


def answer_baseline(
    one: Walker, *, given: Answers, level: float = 0.5, stop_after: tuple[str, str] | None = None, now: datetime
) -> None:
    """Answers the first questionnaires; stops after one question, or sends them."""
    opened = of_time_point(one.episode.pk, "baseline")
    assert opened is not None
    done = answer(one, opened, given=given, level=level, stop_after=stop_after, now=now)
    if stop_after is None:
        finish_assessment(assessment_id=opened.pk, by=one.asker(done), now=done)


def answer(
    one: Walker,
    assessment: Assessment,
    *,
    given: Answers,
    level: float = 0.5,
    stop_after: tuple[str, str] | None = None,
    stop_before: str = "",
    now: datetime,
) -> datetime:
    """One question after the other as the pages ask them, a few seconds each; when the last one was answered.

    `level` says how she is: 0 as well as can be, 1 as bad as can be.
    """
    chance = random.Random(f"{one.seed} {assessment.time_point} {assessment.occasion}")  # noqa: S311 - invented answers
    laid_out, by = slots(assessment), one.asker(now)
    while (slot := next_open(laid_out, known := held(current(assessment)))) and slot.instrument != stop_before:
        value, text = _words(given[slot.key]) if slot.key in given else _some(slot, chance, level)
        submit_answer(
            assessment_id=assessment.pk, instrument=slot.instrument, item=slot.item, value=value, text=text,
            revision=known[slot.key].revision if slot.key in known else 0, key=new_id(), by=by, now=now,
        )  # fmt: skip
        now += PACE
        if slot.key == stop_after:
            break
    return now


def _words(value: object) -> tuple[object, str]:
    return (None, value) if isinstance(value, str) and len(value) > 60 else (value, "")


def _some(slot: Slot, chance: random.Random, level: float) -> tuple[object, str]:
    """An answer that fits how she is; no to everything that would raise an alarm."""
    asked = slot.definition
    if slot.instrument in ("safety_check", "red_flags"):
        return (1 if slot.item == "doctor_seen" else 0), ""
    if not isinstance(asked, Item):
        if asked.kind == "number":
            return int(asked.low or 0) + chance.randrange(5), ""
        if asked.kind in ("choice", "choices"):
            first = chance.choice(list(asked.options))
            return (first if asked.kind == "choice" else [first]), ""
        return None, ""
    if asked.kind == "text" or asked.minimum is None or asked.maximum is None:
        return None, ""
    if slot.key == ("phq_9", "item_9"):
        return 0, ""
    span = asked.maximum - asked.minimum
    middle = asked.minimum + span * (1 - level if _better(slot.instrument) else level)
    return max(asked.minimum, min(asked.maximum, round(chance.gauss(middle, span / 8)))), ""


def _better(name: str) -> bool:
    """Whether more is better on this questionnaire."""
    scales = instrument(name).scales
    return next(iter(scales.values())).direction == "higher_better"


def new_key() -> str:
    """The address part of a visitor: nobody else's."""
    return f"visitor-{uuid.uuid4().hex[:12]}"
