"""The manager's page, `accord export` and `accord analyse` say the same, number by number.

Every number on the page carries the id of its definition. Each id is looked up in what `accord analyse --json` prints
of the folder that `accord export` wrote of the same moment; a number without a partner fails. So that one mistake in
what both read is seen too, key numbers are counted a second time by hand, straight from the tables.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import transaction
from django.db.models import Q
from django.test import Client

from accord.cli.main import main
from accord.service.access.table import SERVICE
from accord.service.care.models import Alert, AlertStep, Contact
from accord.service.demo.actions import mark_demonstration
from accord.service.demo.cast import fill
from accord.service.demo.past.bring import bring_past
from accord.service.demo.staff import open_demo_clinic
from accord.service.episodes.models import Consent, Episode, Step
from accord.service.flows.review_service import review_service
from accord.service.library.actions import publish_content
from accord.service.people.models import Clinic, RoleHeld
from accord.service.people.queries import account_of
from accord.service.programmes.models import Mark
from plugins.world import second_factor

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
DATA = re.compile(r'<data value="([^"]*)" data-id="([^"]+)"')
PEOPLE = 150
PURPOSE = "The test that page, export and analysis agree."


@pytest.fixture
def clinic(transactional_db, monkeypatch) -> Clinic:
    """A marked demonstration, staffed and empty, at a moment that does not move."""
    monkeypatch.setattr("accord.service.now.now", lambda: NOW)
    with transaction.atomic():
        publish_content(site=None, by=SERVICE, now=NOW)
        mark_demonstration(now=NOW)
        open_demo_clinic(now=NOW)
    return Clinic.objects.get()


@pytest.fixture
def command(monkeypatch, capsys):
    """Run `accord …` as it is typed; its exit code and what it printed."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["accord", *arguments])
        with pytest.raises(SystemExit) as stopped:
            main()
        printed = capsys.readouterr()
        return int(stopped.value.code or 0), printed.out, printed.err

    return run


def page_of(clinic: Clinic) -> str:
    """What a manager reads."""
    manager = RoleHeld.objects.filter(role="manager", clinic=clinic, until=None).first()
    assert manager is not None, "the demonstration has a manager"
    client, account = Client(), account_of(manager.person_id)
    assert account is not None
    client.force_login(account, backend=configured.AUTHENTICATION_BACKENDS[0])
    second_factor(client, account)
    answer = client.get("/manage/", {"clinic": str(clinic.pk), "protocol": "routine-care"})
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def judged(command, clinic: Clinic, at: datetime, tmp_path) -> dict[str, Any]:
    """What the two commands say of the same moment."""
    code, _out, said = command(
        "export", "--protocol", "routine-care", "--clinic", str(clinic.pk), "--out", str(tmp_path / "cohort"),
        "--purpose", PURPOSE, "--at", at.isoformat(),
    )  # fmt: skip
    assert code == 0, said
    code, out, said = command(
        "analyse", "routine-care", "--cohort", str(tmp_path / "cohort"), "--out", str(tmp_path / "report"), "--json",
        "--allow-invented",
    )  # fmt: skip
    assert code == 0, said
    result: dict[str, Any] = json.loads(out)
    return result


def compared(command, clinic: Clinic, tmp_path) -> tuple[dict[str, Any], list[tuple[str, float]]]:
    """Count, read the page, run the commands; every number has a partner, and the two are one."""
    review = review_service(clinic_id=clinic.pk, protocol="routine-care", by=SERVICE, now=NOW)
    found = [(name, float(value)) for value, name in DATA.findall(page_of(clinic))]
    result = judged(command, clinic, review.counted_at, tmp_path)
    numbers = {one["id"]: one["value"] for one in result["estimates"]}
    lost = sorted({name for name, _value in found if name not in numbers})
    assert not lost, f"on the page and in no analysis: {lost}"
    apart = [(name, value, numbers[name]) for name, value in found if abs(value - numbers[name]) > 1e-9]
    assert not apart
    return numbers, found


def counted_by_hand(clinic: Clinic) -> dict[str, float]:
    """Key numbers straight from the tables, with nothing of what makes a cohort or judges one."""
    ways = Episode.objects.filter(clinic=clinic, protocol="routine-care")

    def reached(kind: str) -> set[Any]:
        return set(Step.objects.filter(episode__in=ways, kind=kind).values_list("episode_id", flat=True))

    begun: dict[Any, set[str]] = {}
    done: dict[Any, set[str]] = {}
    for episode, kind, lesson in Mark.objects.filter(course__episode__in=ways).values_list(
        "course__episode_id", "kind", "lesson"
    ):
        if kind in ("begun", "done"):
            (begun if kind == "begun" else done).setdefault(episode, set()).add(lesson)
    enrolled = reached("enrolled")
    started = enrolled & set(begun)
    most = {one for one in started if len(done.get(one, ())) >= 4}
    minutes = dict.fromkeys(started, 0)
    for episode, length in Contact.objects.filter(episode__in=started).values_list("episode_id", "minutes"):
        minutes[episode] += length
    closed = AlertStep.objects.filter(kind="closed", at__lte=NOW).values("alert")
    alerts: dict[Any, Alert] = {}
    theirs = Q(episode__in=ways) | Q(episode=None, person__in=ways.values("person"))  # or raised beside any episode
    for row in Alert.objects.filter(theirs, raised_at__lte=NOW).order_by("raised_at", "id"):
        alerts[row.person_id, row.occasion, row.track] = row  # of one occasion the highest
    shut = set(closed.values_list("alert_id", flat=True))
    return {
        "referred": ways.count(), "enrolled": len(enrolled), "started": len(started), "most": len(most),
        "minutes": sum(minutes.values()) / len(started) if started else 0, "alerts": len(alerts),
        "alerts_open": sum(row.pk not in shut for row in alerts.values()),
    }  # fmt: skip


@pytest.mark.both
def test_the_demonstration_agrees(clinic, command, tmp_path):
    """The past and the people of today, whose ways went through the rooms themselves."""
    fill(clinic=clinic, now=NOW)
    with transaction.atomic():
        bring_past(clinic=clinic, now=NOW, people=PEOPLE, years=1, ended=0)
        for episode in Episode.objects.order_by("opened_at", "id")[:3]:  # what nobody has taken yet
            Alert.objects.create(
                person=episode.person, clinic=clinic, episode=episode, occasion="agreement", track="risk", tier="r2",
                clock="r2", ladder="x@1", raised_at=NOW - timedelta(hours=30), acknowledge_by=NOW - timedelta(hours=29),
            )  # fmt: skip
    numbers, found = compared(command, clinic, tmp_path)
    assert len({name for name, _value in found}) > 40
    hand = counted_by_hand(clinic)
    for name in ("referred", "enrolled", "started", "most"):
        assert numbers[f"reached.{name}"] == hand[name], name
    assert numbers["funnel.started"] == pytest.approx(hand["started"] / hand["enrolled"], abs=1e-9)
    assert numbers["minutes.all"] == pytest.approx(hand["minutes"], abs=1e-9)
    assert hand["alerts"] > hand["alerts_open"] > 3, "these three, and those of today's people"
    assert numbers["alerts.raised"] == hand["alerts"]
    assert numbers["alerts.open"] == hand["alerts_open"]


@pytest.mark.both
def test_with_withdrawals_and_missing_answers_it_agrees(clinic, command, tmp_path):
    """A third take back their consent to evaluation: they count in the funnel, and their answers nowhere."""
    from accord.science.cohort import read_cohort

    with transaction.atomic():
        bring_past(clinic=clinic, now=NOW, people=PEOPLE, years=1, ended=0, seed=7)
    before = counted_by_hand(clinic)
    gone = list(Consent.objects.filter(withdrawn_at=None).order_by("given_at", "id").values_list("pk", flat=True))[::3]
    for row in Consent.objects.filter(pk__in=gone):
        Consent.objects.filter(pk=row.pk).update(withdrawn_at=NOW - timedelta(hours=1))
        Consent.objects.create(episode=row.episode, person=row.person, snapshot=row.snapshot, given_at=NOW,
                               scopes=[one for one in row.scopes if one != "service-evaluation"])  # fmt: skip
    numbers, _found = compared(command, clinic, tmp_path)
    cohort = read_cohort(tmp_path / "cohort")
    people = cohort.table("participants")
    withdrawn = people.filter(people["answers"] == "withdrawn")
    assert withdrawn.height >= len(gone)
    told = cohort.table("scores")["participant"].unique()
    assert not set(told) & set(withdrawn["participant"])
    for column in ("age", "gender", "education", "pain_months"):
        assert withdrawn[column].null_count() == withdrawn.height
    for name in ("referred", "enrolled", "started", "most"):
        assert numbers[f"reached.{name}"] == before[name], name


@pytest.mark.both
def test_an_empty_clinic_says_so_everywhere(clinic, command, tmp_path):
    """Nobody has come: counts are nought, nothing else has a value, and the page shows none."""
    numbers, found = compared(command, clinic, tmp_path)
    assert {name: value for name, value in numbers.items() if value and family(name) not in STAFF} == {}
    assert {name: value for name, value in found if value and family(name) not in STAFF} == {}
    assert counted_by_hand(clinic)["referred"] == 0


STAFF = ("load", "cover")  # the colleagues are there before anybody comes


def family(name: str) -> str:
    return name.partition(".")[0]
