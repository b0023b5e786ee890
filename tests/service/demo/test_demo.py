"""The invented clinic: filled once through the same flows as the pages use, taken up where it stopped, kept after."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection

from accord.service.access.table import SERVICE
from accord.service.demo import cast, walk
from accord.service.demo.actions import move_clock
from accord.service.demo.cast import CAST
from accord.service.demo.office_cast import LETTERS
from accord.service.demo.queries import demonstration
from accord.service.demo.seed import open_clinic
from accord.service.demo.staff import DOMAIN, STAFF
from accord.service.demo.timeline import at
from accord.service.demo.visitors import IN_COURSE, VISITORS
from accord.service.episodes.queries import overview
from accord.service.episodes.rules import State
from accord.service.errors import NotAllowed, NotNow
from accord.service.library.actions import publish_content
from accord.service.now import now
from accord.service.people.queries import account_with, clinics
from accord.service.programmes.queries import standing


def rows(label):
    return apps.get_model(*label.split("."))._default_manager


@pytest.fixture
def published(db):
    publish_content(now=now())


@pytest.fixture
def opened(published):
    open_clinic()


@pytest.fixture
def staffed(published, monkeypatch):
    """The clinic without its invented patients: quicker, and enough for the door."""
    monkeypatch.setattr(cast, "CAST", ())
    open_clinic()


@pytest.mark.both
def test_it_is_filled_once_and_a_visitor_finds_somebody_at_every_point(opened, caplog):
    people = rows("people.Person").count()
    assert people == len(STAFF) + len(CAST) + len(LETTERS) + 1  # and the one whose doctor used the page
    assert open_clinic() == 0
    assert rows("people.Person").count() == people
    raised = {(alert.person.name, alert.track, alert.tier) for alert in rows("care.Alert").select_related("person")}
    assert raised >= {
        ("Rosa Vidal", "risk", "r2"), ("Lena Brandt", "risk", "r2"), ("Mosi Adeyemi", "health", "d2"),
        ("Hedy Blom", "risk", "r1"), ("Cyril Aas", "risk", "r3"), ("Gita Roy", "risk", "r3"),
        ("Levi Stam", "risk", "unknown"), ("Dunja Ilic", "safeguarding", "safe"), ("Yara Haddad", "silence", "i1"),
    }  # fmt: skip
    closed = rows("care.AlertStep").filter(kind="closed").select_related("alert__person")
    assert {step.alert.person.name for step in closed} == {"Lena Brandt", "Hedy Blom"}
    assert stands().items() >= {
        "Lena Brandt": (0, "started"), "Jonas Holt": (1, "started"), "Ines Ferro": (2, "started"),
        "Tove Lund": (3, "started"), "Umar Qazi": (4, "started"), "Xenia Pohl": (0, "open"), "Yara Haddad": (1, "open"),
        "Sami Okoro": (2, "open"), "Vera Moss": (3, "in a flare"), "Wim Aalto": (3, ""),
        "Bahar Demir": (5, ""), "Zeno Ricci": (5, ""),
    }.items()  # fmt: skip
    assert {row.state for row in overview(SERVICE)} == set(State) - {State.CONSENTED}
    assert rows("episodes.Step").filter(kind="stopped").values_list("episode__person_id", flat=True).count() == 1
    assert open_for("Zeno Ricci") == {"follow_up"}
    assert open_for("Bahar Demir") == {"post"}
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


@pytest.mark.parametrize("hour", [0.25, 9, 23.75])
def test_whatever_the_hour_of_opening_everybody_stands_at_the_same_point(staffed, monkeypatch, hour):
    monkeypatch.setattr(cast, "CAST", [part for part in CAST if part.key in ("tove.lund", "jonas.holt", "quin.ellis")])
    moment = at(now(), 1, hour)
    assert cast.fill(clinic=clinics()[0], now=moment) == 3
    assert stands(moment).items() >= {"Tove Lund": (3, "started"), "Jonas Holt": (1, "started")}.items()


def stands(moment: datetime | None = None) -> dict[str, tuple[int, str]]:
    """Name -> lessons done, and how the current one stands."""
    found = {}
    for course in rows("programmes.Course").select_related("person"):
        way = standing(course, moment or now())
        state = way.current.state if way.current else ""
        found[course.person.name] = (way.done, "in a flare" if way.flare else state)
    return found


def open_for(name: str) -> set[str]:
    person = next(one for one in rows("people.Person").all() if one.name == name)
    asked = rows("assessments.Assessment").filter(person=person, submitted_at=None, closed_at=None)
    return set(asked.values_list("time_point", flat=True))


@pytest.mark.django_db(transaction=True)
def test_an_interrupted_start_leaves_nobody_half_way_and_the_next_one_begins_again(monkeypatch):
    publish_content(now=now())
    monkeypatch.setattr(cast, "CAST", [part for part in CAST if part.days < 4])
    calls = []

    def breaks(*args, **more):
        calls.append(1)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return arrive(*args, **more)

    arrive = cast.walk.arrive
    monkeypatch.setattr(cast.walk, "arrive", breaks)
    with pytest.raises(KeyboardInterrupt):
        open_clinic()
    assert demonstration() is not None
    assert rows("people.Person").count() == len(STAFF)
    assert connection.get_autocommit()
    assert open_clinic() == len(cast.CAST)
    assert rows("people.Person").count() == len(STAFF) + len(cast.CAST) + 1


def test_every_address_lies_in_a_domain_that_cannot_exist(staffed):
    addresses = list(rows("people.Account").values_list("email", flat=True))
    assert addresses
    assert all(address.endswith(f"@{DOMAIN}") and DOMAIN.endswith(".invalid") for address in addresses)


@pytest.mark.both
@pytest.mark.parametrize("key", list(VISITORS))
def test_one_click_lets_a_visitor_in(staffed, client, key):
    for one in IN_COURSE:  # those of the cast whom a visitor can be
        walk.arrive(clinic=clinics()[0], key=one, now=now())
    answer = client.post(f"/demo/enter/{key}/")
    assert answer.status_code == 302
    assert client.session["_auth_user_id"]


def test_every_click_on_a_risk_answer_is_somebody_new_with_an_alert(staffed, client):
    before = rows("care.Alert").count()
    for _ in range(2):
        client.post("/demo/enter/risk-answer/")
    assert rows("care.Alert").count() == before + 2
    assert rows("care.Alert").order_by("-raised_at").first().tier == "r2"


def test_who_comes_in_as_somebody_else_is_no_longer_who_she_was(staffed, client):
    client.post("/demo/enter/therapist/")
    bea = client.session["_auth_user_id"]
    client.post("/demo/enter/coordinator/")
    assert client.session["_auth_user_id"] not in ("", bea)


def test_time_moves_forward_only(staffed):
    before = now()
    move_clock(by=timedelta(days=1), now=before)
    assert now() - before >= timedelta(days=1)
    with pytest.raises(NotNow):
        move_clock(by=timedelta(days=-1), now=before)
    with pytest.raises(NotNow):
        move_clock(by=timedelta(days=4000), now=before)


def test_without_the_mark_there_is_no_door_and_no_time_machine(staffed, client):
    rows("demo.Demonstration").all().delete()
    assert client.get("/demo/").status_code == 404
    assert client.post("/demo/enter/therapist/").status_code == 404
    assert client.post("/demo/time/", {"step": "1-day"}).status_code == 404
    with pytest.raises(NotAllowed):
        move_clock(by=timedelta(days=1), now=now())


def test_the_door_takes_a_post_with_a_token_and_nothing_else(staffed, client):
    from django.test import Client

    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/demo/enter/therapist/").status_code == 403
    assert client.get("/demo/enter/therapist/").status_code == 405
    assert client.post("/demo/enter/somebody/").status_code == 404
    assert client.post("/demo/time/", {"step": "a-century"}).status_code == 404


def test_staff_is_known_by_address(staffed):
    assert all(account_with(member.address) for member in STAFF)
