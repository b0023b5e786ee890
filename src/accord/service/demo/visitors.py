"""Who a visitor can be, and how each comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accord.service.demo import walk
from accord.service.demo.office_cast import assigned
from accord.service.demo.staff import BEA, DOMAIN, DORA, ELI, FAY, GUS, ILA, JON, MIRA, Member
from accord.service.people.queries import account_with, clinics

if TYPE_CHECKING:
    from accord.service.people.models import Account


COURSE, FLARE, AFTER, GROUP = IN_COURSE = ("ines.ferro", "vera.moss", "zeno.ricci", "sara.mink")


@dataclass(frozen=True, slots=True)
class Visitor:
    """One of the choices at the door."""

    key: str
    title: str | Promise
    about: str | Promise
    button: str | Promise
    goes_to: str  # the name of the first page
    come: Callable[[datetime], Account]


def _as(member: Member) -> Callable[[datetime], Account]:
    def come(now: datetime) -> Account:
        account = account_with(member.address)
        if account is None:
            raise Http404
        return account

    return come


def _as_patient(key: str) -> Callable[[datetime], Account]:
    """One of the invented patients, wherever she is on her way."""

    def come(now: datetime) -> Account:
        account = account_with(f"{key}@{DOMAIN}")
        if account is None:
            raise Http404
        return account

    return come


def _as_new(now: datetime) -> Account:
    """Somebody who has just used the link of her mail; the pages ask her everything else."""
    return walk.arrive(clinic=clinics()[0], key=walk.new_key(), now=now).account


def _with_a_risk_answer(now: datetime) -> Account:
    """A patient of Bea who gave an answer that means danger a moment ago, with the follow-up questions before her."""
    one = walk.arrive(clinic=clinics()[0], key=walk.new_key(), now=now - timedelta(minutes=4))
    then = now - timedelta(minutes=4)
    walk.introduce(one, name=f"Robin Sample {one.seed[-4:]}", now=then)
    later = walk.screen(one, now=then)
    walk.join(one, now=later)
    assigned(one, BEA, later)
    stop = ("safety_check", "item_1")
    walk.answer_baseline(one, given={stop: 2}, stop_after=stop, now=later)
    return one.account


_ALL = (
    Visitor(
        "new-patient", _("A new patient"),
        _("You have just used the link in your e-mail. First we ask how to reach you, then a few questions."),
        _("Come in as a new patient"), "patient:today", _as_new,
    ),
    Visitor(
        "risk-answer", _("A patient who gave a risk answer"),
        _("You are answering the first questionnaires, and one answer was about thoughts of death."),
        _("Come in after that answer"), "patient:today", _with_a_risk_answer,
    ),
    Visitor(
        "in-the-course", _("A patient in the middle of the course"),
        _("Ines is in her fourth week: a lesson she has begun, practices, messages, her own progress."),
        _("Come in as Ines"), "patient:today", _as_patient(COURSE),
    ),
    Visitor(
        "hard-day", _("A patient on a hard day"),
        _("Vera has asked for the short version: one very small step, then rest, and the questions that matter."),
        _("Come in as Vera"), "patient:today", _as_patient(FLARE),
    ),
    Visitor(
        "afterwards", _("A patient three months later"),
        _("Zeno has done the course; the last questions are open, and his own plan is there to read."),
        _("Come in as Zeno"), "patient:today", _as_patient(AFTER),
    ),
    Visitor(
        "in-a-group", _("A patient who is in a group"),
        _("Sara meets others on a screen each week, beside her own lessons."),
        _("Come in as Sara"), "patient:today", _as_patient(GROUP),
    ),
    Visitor(
        "therapist", _("A therapist"),
        _("Bea sees her caseload, sorted by who needs her first, with the reason in words."),
        _("Come in as a therapist"), "therapist:caseload", _as(BEA),
    ),
    Visitor(
        "coordinator", _("A coordinator"),
        _("Dora sees who was referred, who waits for a therapist, and who is away."),
        _("Come in as a coordinator"), "coordinator:referrals", _as(DORA),
    ),
    Visitor(
        "facilitator", _("Somebody who leads a group"),
        _("Mira leads a group with a colleague, and writes down who came."),
        _("Come in as a facilitator"), "therapist:groups", _as(MIRA),
    ),
    Visitor(
        "duty-clinician", _("The duty clinician"),
        _("Eli answers for everybody who has no therapist yet, and for alerts that nobody took in time."),
        _("Come in as the duty clinician"), "therapist:caseload", _as(ELI),
    ),
    Visitor(
        "supervisor", _("The supervisor"),
        _("Fay leads the service: she sees the whole clinic and is the last to be told of an alert."),
        _("Come in as the supervisor"), "therapist:caseload", _as(FAY),
    ),
    Visitor(
        "manager", _("A manager"),
        _("Gus sees the numbers of the service, each with what it means, and nobody's name."),
        _("Come in as a manager"), "manager:numbers", _as(GUS),
    ),
    Visitor(
        "researcher", _("A researcher"),
        _("Ila sees the protocols in force and takes out data without names."),
        _("Come in as a researcher"), "research:protocols", _as(ILA),
    ),
    Visitor(
        "operator", _("Whoever runs the machine"),
        _("Jon sees the settings, what is unsafe here, and the last backup."),
        _("Come in as the operator"), "operator:settings", _as(JON),
    ),
)  # fmt: skip
VISITORS = {visitor.key: visitor for visitor in _ALL}
