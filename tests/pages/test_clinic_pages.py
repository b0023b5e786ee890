"""The clinician's and the office's pages: who sees what, what a refused form keeps, how many queries a list costs."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.science.protocols.ladder import load_ladder, tier_of
from accord.service.access.models import Read
from accord.service.access.table import SERVICE, Role
from accord.service.care import actions as care
from accord.service.care.models import Alert, AlertStep, Contact
from accord.service.flows.send_message import send_message
from accord.service.people import actions as people
from accord.service.people import queries as people_queries

LADDER = load_ladder()


@pytest.fixture
def ana_alert(world):
    said = tier_of(LADDER, {"safety_check.item_1": 2, "follow_up_minutes": 0})
    return care.raise_alert(
        person=world.ana, episode=world.episode, assessment_id=None, occasion="x:1", track="risk", outcome=said,
        ladder=LADDER, by=SERVICE, now=world.now,
    )  # fmt: skip


def get(world, who, address):
    return world.client_of(who).get(address)


def post(world, who, address, **given):
    return world.client_of(who).post(address, {"key": str(uuid.uuid4()), **given})


def pages(world, alert):
    ana = world.ana.pk
    return [f"/clinic/alerts/{alert.pk}/", f"/clinic/people/{ana}/", f"/clinic/people/{ana}/messages/"]


# ------------------------------------------------------------------------------------------------ who sees what


def test_her_pages_are_for_who_answers_for_her(world, ana_alert):
    """Owner, therapist, colleague, stranger, nobody; and the clinic's supervisor and duty clinician."""
    for address in pages(world, ana_alert):
        seen = {name: get(world, who, address).status_code for name, who in world.five().items()}
        assert seen == {"owner": 404, "therapist": 200, "colleague": 404, "stranger": 404, "nobody": 302}, address
        for who in (world.fay, world.eli):
            assert get(world, who, address).status_code == 200
        for who in (world.dora, world.gus, world.hal):
            assert get(world, who, address).status_code == 404


@pytest.mark.parametrize("page", ["", "messages/", "sessions/", "letters/", "harms/", "way-on/"])
def test_a_colleague_has_no_clinical_record(world, page):
    """Who sees the clinic sees its patients and applicants; of a member of staff there is no such page."""
    for who in (world.fay, world.eli):
        assert get(world, who, f"/clinic/people/{world.ana.pk}/{page}").status_code == 200, "the page is there"
        for other in (world.bea, world.dora, who):
            assert get(world, who, f"/clinic/people/{other.pk}/{page}").status_code == 404


def test_the_caseload_shows_only_ones_own_people(world, ana_alert):
    name = world.ana.name
    shown = {who: name in get(world, getattr(world, who), "/clinic/?show=all").content.decode()
             for who in ("bea", "carl", "fay", "eli", "hal")}  # fmt: skip
    assert shown == {"bea": True, "carl": False, "fay": True, "eli": True, "hal": False}
    assert get(world, None, "/clinic/").status_code == 302
    for who in (world.ana, world.dora, world.gus):
        assert get(world, who, "/clinic/").status_code == 404


def test_the_office_shows_people_and_no_clinical_fact(world, ana_alert):
    for address in ("/office/", "/office/waiting/", "/office/staff/"):
        page = get(world, world.dora, address)
        assert page.status_code == 200
        assert ana_alert.reasons[0] not in page.content.decode()
        for who in (world.ana, world.joy, world.bea, None):
            assert get(world, who, address).status_code in (302, 404)
    assert world.ana.name in get(world, world.dora, "/office/").content.decode()


def test_nobody_posts_what_she_may_not(world, ana_alert):
    ana, alert = world.ana.pk, ana_alert.pk
    for step in ("acknowledge", "contact", "hand-over", "confirm", "note", "close"):
        for who in (world.ana, world.carl, world.joy, world.dora, None):
            assert post(world, who, f"/clinic/alerts/{alert}/{step}/", note="x").status_code in (302, 404)
    for place in ("contact", "raise", "hand-over", "messages/send"):
        coordinator = [] if place == "hand-over" else [world.dora]  # she does assign people; she sees no clinical page
        for who in (world.ana, world.carl, world.joy, None, *coordinator):
            page = post(world, who, f"/clinic/people/{ana}/{place}/", note="x", text="x", what="risk:r2", mode="phone",
                        outcome="reached", to=str(world.carl.pk))  # fmt: skip
            assert page.status_code in (302, 404)
    assert AlertStep.objects.count() == Contact.objects.count() == 0
    assert Alert.objects.count() == 1
    assert people_queries.accountable_for(ana, world.now).pk == world.bea.pk


def test_reading_her_page_is_written_down(world, ana_alert):
    for address in pages(world, ana_alert):
        get(world, world.bea, address)
    assert Read.objects.filter(by=world.bea.pk, person_id=world.ana.pk).count() == 3


def test_no_page_names_her_in_its_title_or_address(world, ana_alert):
    for address in [*pages(world, ana_alert), "/clinic/"]:
        page = get(world, world.bea, address).content.decode()
        title = page.split("<title>")[1].split("</title>")[0]
        assert not any(canary in title or canary in address for canary in world.canaries(world.ana))


# ------------------------------------------------------------------------------------------------ what can be done


def test_from_the_caseload_to_a_closed_alert(world, ana_alert):
    bea, address = world.client_of(world.bea), f"/clinic/alerts/{ana_alert.pk}/"
    first = bea.get("/clinic/").content.decode()
    assert ana_alert.reasons[0] in first
    assert f'href="{address.removeprefix("/clinic/")}"' in first
    bea.post(f"{address}acknowledge/")
    assert f"{world.bea.name} has it" in bea.get(address).content.decode()
    bea.post(f"{address}contact/", {"mode": "phone", "outcome": "reached", "minutes": "12", "key": str(uuid.uuid4())})
    bea.post(f"{address}close/", {"reason": "reached-and-safe", "note": "Safe."})
    assert AlertStep.objects.filter(kind="closed", reason="reached-and-safe").count() == 1
    assert "This alert is closed" in bea.get(address).content.decode()
    assert ana_alert.reasons[0] not in bea.get("/clinic/").content.decode()


@pytest.mark.parametrize(
    ("step", "given", "status"),
    [
        ("close", {"reason": "reached-and-safe", "note": "Zqkept words"}, 409),
        ("contact", {"mode": "phone", "outcome": "reached", "minutes": "soon", "note": "Zqkept words"}, 400),
        ("contact", {"mode": "pigeon", "outcome": "reached", "minutes": "1", "note": "Zqkept words"}, 400),
        ("hand-over", {"to": "", "note": "Zqkept words"}, 400),
        ("hand-over", {"to": "outside", "note": " "}, 400),
        ("note", {"note": "Zqkept\0words"}, 400),
        ("note", {"note": "x" * 900_000}, 400),
        ("nonsense", {}, 404),
    ],
)
def test_a_refused_form_comes_back_with_what_was_typed(world, ana_alert, step, given, status):
    page = post(world, world.bea, f"/clinic/alerts/{ana_alert.pk}/{step}/", **given)
    assert page.status_code == status
    if given.get("note", "").startswith("Zqkept words"):
        assert "Zqkept words" in page.content.decode()
    assert AlertStep.objects.count() == 0


def test_whoever_comes_second_is_told_who_was_first(world, ana_alert):
    post(world, world.bea, f"/clinic/alerts/{ana_alert.pk}/acknowledge/")
    page = post(world, world.fay, f"/clinic/alerts/{ana_alert.pk}/acknowledge/")
    assert page.status_code == 409
    assert f"{world.bea.name} has acknowledged this alert before you" in page.content.decode()


def test_a_conversation_is_answered_and_marked_as_read(world):
    send_message(
        person_id=world.ana.pk, text="<b>Zqhello</b>", key=uuid.uuid4(), by=world.asker(world.ana), now=world.now
    )
    address = f"/clinic/people/{world.ana.pk}/messages/"
    assert "Waits for your reply" in get(world, world.bea, "/clinic/").content.decode()
    assert "&lt;b&gt;Zqhello" in get(world, world.bea, address).content.decode()
    assert post(world, world.bea, f"{address}send/", text="Zqanswer").status_code == 302
    assert "Zqanswer" in get(world, world.bea, address).content.decode()
    assert "Waits for your reply" not in get(world, world.bea, "/clinic/").content.decode()
    kept = post(world, world.bea, f"{address}send/", text="x" * 6000)
    assert kept.status_code == 400
    assert "x" * 6000 in kept.content.decode()


def test_c15_an_alert_is_raised_in_one_form_from_a_conversation(world):
    page = post(world, world.bea, f"/clinic/people/{world.ana.pk}/raise/", what="risk:r2", note="She wrote of dying")
    alert = Alert.objects.get()
    assert page["Location"] == f"/clinic/alerts/{alert.pk}/"
    assert "She wrote of dying" in get(world, world.bea, page["Location"]).content.decode()
    assert post(world, world.bea, f"/clinic/people/{world.ana.pk}/raise/", what="risk:r9", note="x").status_code == 400


def test_a_coordinator_assigns_gives_the_duty_and_writes_down_an_absence(world):
    from plugins.world import enrolled

    enrolled(world.ivo, world.now)
    dora = world.client_of(world.dora)
    assert world.ivo.name in dora.get("/office/waiting/").content.decode()
    assert dora.post(f"/office/waiting/{world.ivo.pk}/assign/", {"therapist": ""}).status_code == 400
    dora.post(f"/office/waiting/{world.ivo.pk}/assign/", {"therapist": str(world.carl.pk)})
    assert world.ivo.name not in dora.get("/office/waiting/").content.decode()
    dora.post("/office/staff/duty/", {"person": str(world.fay.pk)})
    assert people_queries.duty_of(world.clinic.pk, world.now).pk == world.fay.pk
    day = world.now.date()
    away = {"person": str(world.carl.pk), "cover": str(world.bea.pk), "since": str(day - timedelta(days=1))}
    assert dora.post("/office/staff/absence/", {**away, "until": "soon"}).status_code == 400
    assert dora.post("/office/staff/absence/", {**away, "until": str(day + timedelta(days=3))}).status_code == 302
    assert people_queries.accountable_for(world.ivo.pk, world.now).pk == world.bea.pk
    assert "covers" in dora.get("/office/staff/").content.decode()
    assert dora.post("/office/staff/duty/", {"person": str(world.hal.pk)}).status_code == 404


# ------------------------------------------------------------------------------------------------ what it costs


def fill(world, count):
    """A caseload of so many: each with an episode, a contact, a message and an alert."""
    from plugins.world import enrolled

    said = tier_of(LADDER, {"safety_check.item_1": 2, "follow_up_minutes": 0})
    for number in range(count):
        person = world.add_patient(f"p{count}n{number}", world.bea, account=False)
        enrolled(person, world.now)
        by = world.asker(world.bea)
        care.log_contact(
            person_id=person.pk, mode="phone", outcome="reached", minutes=3, key=uuid.uuid4(), by=by, now=world.now
        )
        care.raise_alert(
            person=person, episode=None, assessment_id=None, occasion="x:1", track="risk", outcome=said, ladder=LADDER,
            by=SERVICE, now=world.now,
        )  # fmt: skip


def queries(client, address):
    client.get(address)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_a_list_costs_the_same_number_of_queries_whatever_its_length_and_shows_fifty(world):
    bea, dora = world.client_of(world.bea), world.client_of(world.dora)
    fill(world, 10)
    addresses = [(bea, "/clinic/"), (bea, "/clinic/?show=all"), (dora, "/office/"), (dora, "/office/waiting/")]
    few = [queries(client, address) for client, address in addresses]
    fill(world, 43)
    many = [queries(client, address) for client, address in addresses]
    assert many == few
    assert max(many) < 40
    page = get(world, world.bea, "/clinic/").content.decode()
    assert page.count('<th scope="row">') == 50
    assert "Page 1 of 2" in page
    assert get(world, world.bea, "/clinic/?page=999").status_code == 200
    assert get(world, world.bea, "/clinic/?page=x&show=nonsense").status_code == 200


def test_a_supervisor_sees_the_clinic_and_may_narrow_it_to_her_own(world, ana_alert):
    fay = world.client_of(world.fay)
    assert world.ana.name in fay.get("/clinic/").content.decode()
    assert world.ana.name not in fay.get("/clinic/?show=mine").content.decode()
    people.give_role(person=world.fay, role=Role.THERAPIST, clinic=world.clinic, by=SERVICE, now=world.now)
    assert world.ana.name in fay.get("/clinic/").content.decode()
