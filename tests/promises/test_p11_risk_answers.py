"""P11: every risk answer raises its alert in the same transaction, and each alert is acknowledged or rises in time.

Part one invents answers and a staff that acts, acts late or never, in a time that jumps; the clock is away at random,
and the database refuses at random. Ten thousand under `make promises`. Part two posts a thousand through the real form
to a running server, while the clock, the mail's server and PostgreSQL are stopped at random.
"""

from __future__ import annotations

import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import DatabaseError

from accord.science.protocols.ladder import tier_of
from accord.service.access.table import SERVICE
from accord.service.assessments.actions import open_assessment
from accord.service.care import actions as care
from accord.service.care.rules.handling import SAFE
from accord.service.demo import walk
from accord.service.demo.staff import BEA, CARL, ELI, FAY, open_demo_clinic
from accord.service.errors import Refusal
from accord.service.flows import submit_answer as submitting
from accord.service.flows.escalate_alerts import escalate_alerts
from accord.service.flows.finish_assessment import finish_assessment
from accord.service.flows.sweep_unfinished import sweep_unfinished
from accord.service.library.actions import publish_content
from accord.service.library.queries import ladder
from accord.service.people.actions import make_accountable
from accord.service.people.queries import asker_for
from plugins.promises import counted, size

START = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)  # a Monday; the year's clock change and holidays lie ahead
LADDER_FACTS = ("item_1", "item_2", "item_3", "item_4")
TICK = timedelta(minutes=15)  # how often the simulated clock looks


def rows(label):
    return apps.get_model(*label.split("."))._default_manager


@dataclass
class Run:
    """One simulated service: its people, its chance, what was answered."""

    seed: int
    people: list[walk.Walker]
    staff: dict[str, object]
    answered: int = 0
    refused: int = 0
    silent: list[str] = field(default_factory=list)
    pauses: list[tuple[datetime, datetime]] = field(default_factory=list)
    begun: list[tuple[datetime, walk.Walker, object]] = field(default_factory=list)
    chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)


@pytest.fixture
def service(db):
    publish_content(now=START)
    clinic, team = open_demo_clinic(now=START)
    people = []
    for number in range(size(4, 40)):
        one = walk.arrive(clinic=clinic, key=f"proof-{number}", now=START)
        walk.introduce(one, name=f"Proof {number}", now=START)
        if number % 3:
            therapist = team[(BEA, CARL)[number % 2].key]
            make_accountable(person=one.person, clinician=therapist, reason="therapist", by=SERVICE, now=START)
        people.append(one)
    return Run(11, people, team)


def simulate(run: Run, answers: int) -> None:
    """Answers come day and night; the clock ticks unless it is away; the staff does what it does."""
    now, away_until = START, START
    per_tick = 0.6
    while run.answered < answers:
        now += TICK
        if run.chance.random() < per_tick:
            asked(run, now)
        sent(run, now)
        if now >= away_until and run.chance.random() < 0.002:  # the clock stops, for minutes or for a night
            away_until = now + timedelta(minutes=run.chance.choice([10, 60, 600]))
            run.pauses.append((now, away_until))
        if now >= away_until:
            sweep_unfinished(now=now)
            escalate_alerts(now=now)
        if _office(now):
            somebody_acts(run, now)
    for _ in range(4 * 24 * 4):  # four days more, a weekend among them, in which nobody acts but the clock
        now += TICK
        sent(run, now)
        if now >= away_until and _office(now):
            sweep_unfinished(now=now)
            escalate_alerts(now=now)


def _office(now: datetime) -> bool:
    return 6 <= now.hour < 18


def asked(run: Run, now: datetime) -> None:
    """One occasion of the safety check: some go on, some stop after the first question, some leave it out."""
    one = run.chance.choice(run.people)
    by = one.asker(now)
    opened = open_assessment(
        episode=one.episode, time_point="weekly", occasion=run.answered + 1, instruments=["safety_check"],
        wordings={"safety_check": "own"}, by=by, now=now,
    )  # fmt: skip
    first = run.chance.choice([None, 0, 0, 1, 1, 2, 3])
    given = {"item_1": first}
    if first and run.chance.random() < 0.7:
        given |= {item: run.chance.choice([0, 0, 1]) for item in LADDER_FACTS[1:]}
    for item, value in given.items():
        submit(run, opened, item, value, by, now)
    run.answered += 1
    stopped = first is None or (first and len(given) == 1)
    run.begun.append((now + timedelta(hours=3 if stopped else 0), one, opened))


def sent(run: Run, now: datetime) -> None:
    """Who stopped comes back after some hours, leaves the rest out and sends it; the others send it at once."""
    ready = [one for one in run.begun if one[0] <= now]
    run.begun = [one for one in run.begun if one[0] > now]
    for _, who, opened in ready:
        walk.answer(who, opened, given=dict.fromkeys((("safety_check", item) for item in LADDER_FACTS), None), now=now)
        finish_assessment(assessment_id=opened.pk, by=who.asker(now), now=now)


def submit(run: Run, opened, item: str, value, by, now: datetime) -> None:
    """Post, and post again with the same key when the database refused in the middle."""
    key = uuid.UUID(int=run.chance.getrandbits(128), version=4)
    for _attempt in range(5):
        if run.chance.random() < 0.05:
            with pytest.raises(DatabaseError), _database_breaks(run.chance):
                _post(opened, item, value, key, by, now)
            run.refused += 1
            continue
        _post(opened, item, value, key, by, now)
        return
    _post(opened, item, value, key, by, now)


def _post(opened, item, value, key, by, now) -> None:
    submitting.submit_answer(
        assessment_id=opened.pk, instrument="safety_check", item=item, value=value, revision=0, key=key, by=by, now=now
    )


class _database_breaks:
    """The database goes away between the answer and the end of the transaction."""

    def __init__(self, chance: random.Random) -> None:
        self.after = chance.random() < 0.5

    def __enter__(self) -> None:
        self.real, after = submitting.raise_alert, self.after
        self.decisions = submitting.decisions

        def broken(**given):
            if after:
                self.real(**given)
            raise DatabaseError("planted: the database went away")

        def decided(*args, **more):
            found = self.decisions(*args, **more)
            if not found:
                raise DatabaseError("planted: the database went away")
            return found

        submitting.raise_alert, submitting.decisions = broken, decided

    def __exit__(self, *_: object) -> None:
        submitting.raise_alert, submitting.decisions = self.real, self.decisions


def somebody_acts(run: Run, now: datetime) -> None:
    """A clinician takes one or two of the open alerts, calls and closes; or is refused because it is not hers."""
    standing = list(rows("care.Alert").exclude(steps__kind="closed").order_by("raised_at")[:30])
    for alert in run.chance.sample(standing, min(len(standing), 2)):
        who = run.staff[run.chance.choice([BEA, CARL, ELI, FAY]).key]
        by, key = asker_for(who.pk, now, strong=True), uuid.uuid5(alert.pk, "call")
        try:
            care.acknowledge(alert_id=alert.pk, by=by, now=now)
            care.log_contact(
                person_id=alert.person_id, mode="phone", outcome="reached", minutes=10, key=key, by=by, now=now,
                alert_id=alert.pk,
            )  # fmt: skip
            care.close_alert(alert_id=alert.pk, reason=SAFE, by=by, now=now)
        except Refusal:
            run.refused += 1


def judge(run: Run) -> Counter[str]:
    """Each occasion against the ladder, each alert against its clock."""
    counts: Counter[str] = Counter()
    rules = ladder(run.people[0].episode.ladder_id)
    alerts: dict[str, list] = {}
    for alert in rows("care.Alert").prefetch_related("steps"):
        alerts.setdefault(alert.occasion, []).append(alert)
    for opened in rows("assessments.Assessment").filter(time_point="weekly").prefetch_related("answers"):
        said = {row.item: row.value for row in opened.answers.all()}
        record = {"safety_check.asked": True, **{f"safety_check.{k}": v for k, v in said.items()}, "last_tier": 0}
        clock = tier_of(rules, record).clock if said.get("item_1") else None
        raised = alerts.get(f"assessment:{opened.pk}", [])
        if clock is not None:
            counts["risk answers"] += 1
            if not raised:
                run.silent.append(f"{opened.pk}: {said}")
        for alert in raised:
            counts[_fate(run, alert)] += 1
    return counts


def _fate(run: Run, alert) -> str:
    taken = min((step.at for step in alert.steps.all() if step.kind == "acknowledged"), default=None)
    rose = min((step.at for step in alert.steps.all() if step.kind == "escalated"), default=None)
    if taken is not None and taken <= alert.acknowledge_by:
        return "acknowledged in time"
    if rose is not None and rose <= _back(run, alert.acknowledge_by) + TICK:
        return "risen in time"
    if taken is not None and taken <= _back(run, alert.acknowledge_by) + TICK:
        return "acknowledged in time"
    run.silent.append(f"{alert.pk} {alert.tier} due {alert.acknowledge_by} taken {taken} rose {rose}")
    return "silent"


def _back(run: Run, due: datetime) -> datetime:
    """The first moment from `due` on at which the clock was there."""
    for since, until in run.pauses:
        if since <= due < until:
            due = until
    return due


def test_every_risk_answer_is_acknowledged_or_rises(service):
    simulate(service, size(40, 10_000))
    counts = judge(service)
    assert service.silent == []
    assert counts["risk answers"] > 0
    assert counts["silent"] == 0
    counted("P11", "simulated risk answers", seed=service.seed, occasions=service.answered, **{
        name.replace(" ", "_"): number for name, number in sorted(counts.items())
    }, refusals_survived=service.refused, pauses_of_the_clock=len(service.pauses), silent=0)  # fmt: skip


def test_the_harness_finds_an_alert_that_is_never_raised(service, monkeypatch):
    from accord.service.flows import finish_assessment as finishing

    real = care.raise_alert

    def forgetful(**given):
        return None if given["assessment_id"].int % 2 else real(**given)

    # At each of the three places that ask for it: an answer, the sending, and the sweep that would mend the first two.
    monkeypatch.setattr(submitting, "raise_alert", forgetful)
    monkeypatch.setattr(finishing, "raise_alert", forgetful)
    monkeypatch.setattr(care, "raise_alert", forgetful)
    simulate(service, 15)
    judge(service)
    assert service.silent
    counted("P11", "planted fault: an alert is not raised", found=True, silent=len(service.silent))


def test_the_harness_finds_a_clock_that_does_not_escalate(service, monkeypatch):
    monkeypatch.setitem(globals(), "escalate_alerts", lambda now: 0)
    monkeypatch.setitem(globals(), "somebody_acts", lambda run, now: None)
    simulate(service, 15)
    assert judge(service)["silent"] > 0
    counted("P11", "planted fault: nothing rises", found=True, silent=len(service.silent))
