"""The office finds somebody who telephones, among everybody who ever came."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.service.access.models import Read
from accord.service.flows.enter_referral import enter_referral
from plugins.world import enrolled


@pytest.fixture
def world(published):
    enrolled(published.ana, published.now - timedelta(days=1))
    return published


def enter(world, name, **more):
    given = {
        "clinic": world.clinic, "protocol": "routine-care", "source": "general_practitioner", "came": "letter",
        "name": name, "phone": "+44 20 7000", "key": uuid.uuid4(), "by": world.asker(world.dora), "now": world.now,
    }  # fmt: skip
    return enter_referral(**given | more)


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [("zqj", True), ("OSE zqjo", True), ("zqjosé", True), ("garcia zqjo", True), ("arcia", False),
     ("zqjo smith", False), ("020 7946", True), ("7946-0999", True), ("7946 0998", False), ("00", False),
     ("zqj.g@EXAMPLE", True), ("g@ex", True), ("@nowhere", False), ("x", False), ("", False)],
)  # fmt: skip
def test_somebody_is_found_by_the_beginning_of_a_name_a_number_or_an_address(world, wanted, fits):
    row = enter(world, "Zqjose Ose-García", phone="+44 20 7946 0999", email="zqj.g@example.org")
    answer = world.client_of(world.dora).post("/office/find/", {"wanted": wanted})
    assert answer.status_code == 200
    assert (f"/office/people/{row.person_id}/" in answer.content.decode()) is fits


def test_a_search_finds_no_colleague_and_nobody_of_another_clinic_and_is_the_offices_own(world):
    dora = world.client_of(world.dora)
    assert f"/office/people/{world.ana.pk}/" in dora.post("/office/find/", {"wanted": "zqana"}).content.decode()
    assert "Nobody fits" in dora.post("/office/find/", {"wanted": "zqbea"}).content.decode()
    for other in ("bea", "ana", "gus"):
        assert world.client_of(world.people[other]).post("/office/find/", {"wanted": "zqana"}).status_code == 404
    for number in range(21):
        enter(world, f"Zqmany {number}")
    text = dora.post("/office/find/", {"wanted": "zqmany"}).content.decode()
    assert "21 people fit; the newest 20 are shown" in text
    assert text.count("<tr>") == 21


def test_it_costs_the_same_for_many_as_for_few(world):
    dora = world.client_of(world.dora)
    enter(world, "Zqmany 0")
    dora.post("/office/find/", {"wanted": "zqmany"})
    with CaptureQueriesContext(connection) as few:
        dora.post("/office/find/", {"wanted": "zqmany"})
    for number in range(1, 12):
        enter(world, f"Zqmany {number}")
    with CaptureQueriesContext(connection) as many:
        assert "12 people fit" in dora.post("/office/find/", {"wanted": "zqmany"}).content.decode()
    assert len(many) == len(few)


def test_whose_number_was_shown_stands_in_the_read_log(world):
    enter = {"wanted": world.ana.name.split()[0][:5]}
    before = Read.objects.filter(person_id=world.ana.pk, by=world.dora.pk).count()
    assert (
        f"/office/people/{world.ana.pk}/" in world.client_of(world.dora).post("/office/find/", enter).content.decode()
    )
    assert Read.objects.filter(person_id=world.ana.pk, by=world.dora.pk, page="coordinator:find").count() == before + 1
    world.client_of(world.dora).post("/office/find/", {"wanted": "nobodyofthisname"})
    assert Read.objects.filter(page="coordinator:find").exclude(person_id=world.ana.pk).count() == 0
