"""The invented clinic: filled once through the same flows as the pages use, taken up where it stopped, kept after."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps

from accord.service.demo.actions import move_clock
from accord.service.demo.cast import CAST
from accord.service.demo.queries import demonstration
from accord.service.demo.seed import open_clinic
from accord.service.demo.staff import DOMAIN, STAFF
from accord.service.demo.visitors import VISITORS
from accord.service.errors import NotAllowed, NotNow
from accord.service.library.actions import publish_content
from accord.service.now import now
from accord.service.people.queries import account_with


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
    from accord.service.demo import cast

    monkeypatch.setattr(cast, "CAST", ())
    open_clinic()


@pytest.mark.both
def test_it_is_filled_once_and_a_second_start_adds_nobody(opened):
    people = rows("people.Person").count()
    assert people == len(STAFF) + len(CAST) + 1  # and the one whose doctor wrote
    assert open_clinic() == 0
    assert rows("people.Person").count() == people


def test_an_interrupted_start_is_taken_up(published, monkeypatch):
    from accord.service.demo import cast

    calls = []

    def breaks(*args, **more):
        calls.append(1)
        if len(calls) == 4:
            raise RuntimeError("the machine went off")
        return arrive(*args, **more)

    arrive = cast.walk.arrive
    monkeypatch.setattr(cast.walk, "arrive", breaks)
    with pytest.raises(RuntimeError, match="went off"):
        open_clinic()
    assert demonstration() is not None
    assert open_clinic() == len(CAST) - 3


def test_what_a_visitor_finds(opened):
    raised = {(alert.person.name, alert.track, alert.tier) for alert in rows("care.Alert").select_related("person")}
    assert raised == {
        ("Rosa Vidal", "risk", "r2"), ("Lena Brandt", "risk", "r2"), ("Mosi Adeyemi", "health", "d2"),
    }  # fmt: skip
    closed = rows("care.AlertStep").filter(kind="closed").select_related("alert__person")
    assert [step.alert.person.name for step in closed] == ["Lena Brandt"]
    assert rows("messaging.Message").count() == 1


def test_every_address_lies_in_a_domain_that_cannot_exist(staffed):
    addresses = list(rows("people.Account").values_list("email", flat=True))
    assert addresses
    assert all(address.endswith(f"@{DOMAIN}") and DOMAIN.endswith(".invalid") for address in addresses)


@pytest.mark.both
@pytest.mark.parametrize("key", list(VISITORS))
def test_one_click_lets_a_visitor_in(staffed, client, key):
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
