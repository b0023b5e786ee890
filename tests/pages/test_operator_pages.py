"""The operator's pages: facts of a clinic, what is unsafe, what is published; for manager and operator, nobody else."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from django.urls import reverse

from accord.science.definitions import packaged_content
from accord.service.access.table import SERVICE, Role
from accord.service.audit.models import Entry
from accord.service.episodes.models import Episode
from accord.service.library.actions import publish_content
from accord.service.library.models import Snapshot
from accord.service.outbox.actions import beat
from accord.service.people.models import Clinic
from plugins.world import enrolled

SETTINGS, CONTENT = reverse("operator:settings"), reverse("operator:content")


def clinic_page(world) -> str:
    return reverse("operator:clinic", args=[world.clinic.pk])


@pytest.fixture
def operator(world):
    return world.add("oda", Role.OPERATOR)


@pytest.fixture
def site(tmp_path, settings):
    for folder in ("protocols", "ladders", "texts"):
        shutil.copytree(packaged_content() / folder, tmp_path / folder)
    settings.SITE_FOLDER = tmp_path
    return tmp_path


def given(clinic, **more):
    said = {"name": clinic.name, "country": clinic.country, "region": clinic.region, "time_zone": clinic.time_zone,
            "hours": "Mon-Fri 09:00-17:00", "phone": clinic.phone, "on_call": "no", "service_lead": ""}  # fmt: skip
    return said | more


def test_who_comes_in(world, operator):
    for who, status in [("gus", 200), ("oda", 200), ("bea", 404), ("carl", 404), ("dora", 404), ("fay", 404),
                        ("ana", 404), ("joy", 404)]:  # fmt: skip
        client = world.client_of(world.people[who])
        assert client.get(SETTINGS).status_code == status, who
        assert client.get(CONTENT).status_code == status, who
        assert client.get(clinic_page(world)).status_code == status, who
        assert client.post(reverse("operator:publish")).status_code == (302 if status == 200 else 404), who
    nobody = world.client_of(None)
    assert nobody.get(SETTINGS).status_code == 302
    assert Clinic.objects.get(pk=world.clinic.pk).name == world.clinic.name


def test_what_must_be_mended_and_when_things_were_seen(world, operator):
    client = world.client_of(operator)
    page = client.get(SETTINGS).content.decode()
    assert "must be mended" in page
    assert "There is no backup." in page
    assert "The clock has never run" in page
    assert "Service lead" in page
    beat(name="backup", now=world.now)
    page = client.get(SETTINGS).content.decode()
    assert "There is no backup." not in page
    assert "proposal that nobody has signed" not in page
    assert "proposal that nobody has signed" in client.get(SETTINGS + "?look=all").content.decode()


def test_no_patient_stands_on_it(world, operator):
    world.episode  # noqa: B018 - makes it
    client = world.client_of(operator)
    for page in (SETTINGS + "?look=all", CONTENT, clinic_page(world)):
        text = client.get(page).content.decode()
        for person in (world.ana, world.ivo, world.joy):
            assert not [one for one in world.canaries(person) if one in text]


@pytest.mark.both
def test_facts_are_changed_and_told(world):
    client = world.client_of(world.gus)
    page = client.get(clinic_page(world)).content.decode()
    assert "Mon-Fri 09:00-17:00" in page
    changed = given(world.clinic, phone="+44 20 1", hours="Mon-Sat 08:00-18:00", on_call="yes",
                    service_lead=str(world.fay.pk))  # fmt: skip
    assert client.post(clinic_page(world), changed).status_code == 302
    row = Clinic.objects.get(pk=world.clinic.pk)
    assert (row.phone, row.on_call, row.service_lead_id, len(row.hours)) == ("+44 20 1", True, world.fay.pk, 6)
    told = Entry.objects.get(action="update_clinic")
    assert told.by == world.gus.pk
    assert "hours" in told.facts


@pytest.mark.parametrize(
    "wrong",
    [{"hours": "always"}, {"country": "G"}, {"time_zone": "Mars/Base"}, {"name": ""}, {"service_lead": "x"},
     {"phone": "9" * 1_000}],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_stays_in_the_form(world, wrong):
    client = world.client_of(world.gus)
    answer = client.post(clinic_page(world), given(world.clinic, region="Zqregion", **wrong))
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert 'value="Zqregion"' in answer.content.decode()
    assert not Entry.objects.filter(action="update_clinic").exists()


def test_a_clinic_of_somebody_else_is_not_there(world, operator):
    page = reverse("operator:clinic", args=[world.elsewhere.pk])
    for who in (operator, world.gus):
        assert world.client_of(who).get(page).status_code == 404
        assert world.client_of(who).post(page, given(world.elsewhere)).status_code == 404


def test_what_stands_published(world, operator):
    publish_content(by=SERVICE, now=world.now)
    client = world.client_of(operator)
    page = client.get(CONTENT).content.decode()
    assert page.count("<tr>") == 51
    assert "Page 1 of" in page
    page = client.get(CONTENT + "?kind=ladder").content.decode()
    assert "service-default" in page
    assert "proposal" in page
    assert client.get(CONTENT + "?kind=nonsense&page=999").status_code == 200


def test_queries_do_not_grow(world, operator, django_assert_max_num_queries):
    client = world.client_of(operator)
    publish_content(by=SERVICE, now=world.now)
    with django_assert_max_num_queries(14):
        client.get(CONTENT)
    with django_assert_max_num_queries(40):
        client.get(SETTINGS)


# --- a protocol is changed while people are in it ---------------------------------------------------------------


@pytest.mark.both
def test_a_protocol_changed_in_mid_flight_stays_what_it_was_for_who_began(world, operator, site):
    publish_content(site=site, by=SERVICE, now=world.now - timedelta(days=3))
    first = Snapshot.objects.get(kind="protocol", slug="routine-care")
    for person in (world.ana, world.joy):
        enrolled(person, world.now)
    Episode.objects.update(snapshot=first)
    enrolled(world.ivo, world.now, steps=("referred", "screening", "not-eligible"))
    file = site / "protocols" / "routine-care.yaml"
    text = file.read_text().replace("\nversion: 1\n", "\nversion: 2\n")
    file.write_text(text)
    client = world.client_of(operator)
    answer = client.post(reverse("operator:publish"), follow=True)
    page = answer.content.decode()
    assert "routine-care is now version 2; 2 people stay on the one they began." in page, page
    assert "not asked any more" not in page
    assert set(Episode.objects.filter(person__in=[world.ana, world.joy]).values_list("snapshot", flat=True)) == {
        first.pk
    }
    assert "Nothing has changed" in client.post(reverse("operator:publish"), follow=True).content.decode()


def test_a_time_point_that_goes_is_said(world, site):
    from accord.service.flows.publish_site import _changed
    from accord.service.library import queries as library

    publish_content(site=site, by=SERVICE, now=world.now)
    first = library.protocol_snapshot("routine-care")
    enrolled(world.ana, world.now)
    Episode.objects.update(snapshot=first)
    point = list(library.protocol(first).schedule)[-1]
    text = first.source.replace(f"\n  {point}:", "\n  at_last:")
    new = Snapshot.objects.create(kind="protocol", slug="routine-care", version="2", sha256="0" * 64, source=text,
                                  published_at=world.now)  # fmt: skip
    changed = _changed(new)
    assert (changed.stay, changed.no_longer_asked) == (1, (point,))


@pytest.mark.both
def test_content_that_cannot_be_used_publishes_nothing(world, operator, site):
    publish_content(site=site, by=SERVICE, now=world.now)
    before = Snapshot.objects.count()
    (site / "protocols" / "routine-care.yaml").write_text("protocol: routine-care\nversion: two\n")
    (site / "texts" / "en" / "mail-alert-raised.md").write_text("# Another subject\n\nOther words.\n\n{link}\n")
    answer = world.client_of(operator).post(reverse("operator:publish"))
    assert answer.status_code == 409
    assert "routine-care.yaml" in answer.content.decode()
    assert Snapshot.objects.count() == before
