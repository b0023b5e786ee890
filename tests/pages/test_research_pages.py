"""The researcher's pages: who sees them, what they say, and that an export can be asked for, followed and taken."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.test.utils import CaptureQueriesContext

from accord.service.access.models import Read
from accord.service.access.table import Role
from accord.service.audit.models import Entry
from accord.service.flows.make_export import make_export
from accord.service.studies.actions import ask_export, make_cohort
from accord.service.studies.models import Export

PURPOSE = "A paper on who comes to us, agreed with the board."


@pytest.fixture
def studied(published, settings, tmp_path):
    """North with one enrolled person and a cohort counted; a researcher there, and one elsewhere."""
    settings.DATA_FOLDER = tmp_path / "data"
    assert published.episode
    published.add("pia", Role.RESEARCHER)
    published.add("ray", Role.RESEARCHER, clinic=published.elsewhere)
    make_cohort(protocol="routine-care", clinic_ids=[published.clinic.pk], out=tmp_path / "cohort",
                now=published.now + timedelta(minutes=5))  # fmt: skip
    return published


def words(page) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page.content.decode())))


def asked(world, **more) -> Export:
    given = {"clinic": world.clinic, "protocol": "routine-care", "purpose": PURPOSE, "form": "parquet",
             "key": uuid.uuid4(), "by": world.asker(world.pia), "now": world.now}  # fmt: skip
    return ask_export(**(given | more))


def test_protocols_recruitment_and_completeness(studied):
    pia = studied.client_of(studied.pia)
    assert "routine-care" in words(pia.get("/research/"))
    page = pia.get(f"/research/protocols/{studied.clinic.pk}/routine-care/")
    said = words(page)
    assert "1 person is enrolled; 1,367 are planned." in said
    assert "Counted" in said
    for canary in studied.canaries(studied.ana):
        assert canary not in said


def test_a_protocol_that_changed_in_mid_flight_says_so(studied):
    from hashlib import sha256

    from accord.service.library.models import Current, Snapshot

    old = Snapshot.objects.get(pk=studied.episode.snapshot_id)
    source = old.source.replace("target: 1367", "target: 900").replace("version: 1", "version: 2", 1)
    new = Snapshot.objects.create(
        kind="protocol", slug="routine-care", version="2", source=source, published_at=studied.now,
        sha256=sha256(source.encode()).hexdigest(),
    )  # fmt: skip
    Current.objects.filter(kind="protocol", slug="routine-care").update(snapshot=new)
    pia = studied.client_of(studied.pia)
    assert "mid-flight" not in words(pia.get("/research/"))  # nobody follows the new one yet
    from plugins.world import enrolled

    ed = studied.add("ed", Role.PATIENT)
    second = enrolled(ed, studied.now)
    type(second).objects.filter(pk=second.pk).update(snapshot=new)
    assert "changed in mid-flight" in words(pia.get("/research/"))
    said = words(pia.get(f"/research/protocols/{studied.clinic.pk}/routine-care/"))
    assert "This protocol changed while people were on it" in said
    assert "population.target" in said


@pytest.mark.django_db(transaction=True)
def test_asked_followed_taken_and_read(studied):
    pia = studied.client_of(studied.pia)
    key = re.search(r'name="key" value="([^"]+)"', pia.get("/research/exports/").content.decode())[1]
    form = {"what": f"{studied.clinic.pk}/routine-care", "purpose": PURPOSE, "form": "csv", "key": key}
    first, again = pia.post("/research/exports/ask/", form), pia.post("/research/exports/ask/", form)
    assert first.status_code == 302
    assert first["Location"] == again["Location"]
    row = Export.objects.get()
    page = pia.get(first["Location"])
    assert "How far it is" in words(page)
    assert b"hx-trigger" in page.content  # it renews itself, until there is nothing to wait for
    assert pia.get(f"{first['Location']}data/").status_code == 409
    make_export(export_id=row.pk, now=studied.now + timedelta(minutes=5))
    page = pia.get(first["Location"])
    assert "Download" in words(page)
    assert b"hx-trigger" not in page.content
    assert b"<script" not in page.content
    taken = pia.get(f"{first['Location']}data/")
    assert taken.status_code == 200
    assert b"".join(taken.streaming_content)[:2] == b"PK"
    assert taken["Content-Disposition"] == f'attachment; filename="routine-care-{str(row.pk)[-8:]}.zip"'
    assert Read.objects.filter(by=studied.pia.pk, page="research:download").count() == 1
    assert Entry.objects.filter(action="download_export", by=studied.pia.pk).count() == 1


def test_the_report_runs_nothing_and_reaches_nothing(studied):
    from accord.service.studies.queries import exports

    row = asked(studied)
    Export.objects.filter(pk=row.pk).update(state="made", size=1, expires_at=studied.now + timedelta(days=7))
    exports.folder().mkdir(parents=True)
    exports.report_of(row).write_text("<script>alert(1)</script>", encoding="utf-8")
    page = studied.client_of(studied.pia).get(f"/research/exports/{row.pk}/report/")
    assert page.status_code == 200
    policy = page["Content-Security-Policy"]
    assert policy.startswith("sandbox;")
    assert "script-src" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy


def test_what_cannot_be_asked_keeps_what_was_typed(studied):
    pia = studied.client_of(studied.pia)
    form = {"what": f"{studied.clinic.pk}/routine-care", "purpose": "because", "key": str(uuid.uuid4()), "form": "csv"}
    page = pia.post("/research/exports/ask/", form)
    assert page.status_code == 409
    assert ">because</textarea>" in page.content.decode()
    assert 'value="csv" checked' in page.content.decode()
    for wrong in (
        {"what": f"{studied.elsewhere.pk}/routine-care"},
        {"what": ""},
        {"key": "x"},
        {"purpose": "a\0b" * 9},
    ):
        assert pia.post("/research/exports/ask/", form | {"purpose": PURPOSE} | wrong).status_code in (400, 409)
    assert not Export.objects.exists()


def test_who_may_not_sees_nothing(studied):
    row = asked(studied)
    pages = ["/research/", f"/research/protocols/{studied.clinic.pk}/routine-care/", "/research/exports/",
             *(f"/research/exports/{row.pk}/{more}" for more in ("", "data/", "report/"))]  # fmt: skip
    for name in ("ana", "bea", "carl", "dora", "gus", "fay", "joy"):
        client = studied.client_of(getattr(studied, name))
        assert {client.get(one).status_code for one in pages} == {404}, name
    assert {studied.client_of(None).get(one).status_code for one in pages} == {302}
    ray = studied.client_of(studied.ray)
    assert [ray.get(one).status_code for one in pages] == [200, 404, 200, 404, 404, 404]
    assert PURPOSE not in words(ray.get("/research/exports/"))


def test_the_list_costs_the_same_however_long_it_is(studied, django_assert_max_num_queries):
    from django.db import connection

    pia = studied.client_of(studied.pia)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert pia.get("/research/exports/").status_code == 200
        return len(queries)

    asked(studied)
    few = cost()
    rows = [Export(clinic=studied.clinic, protocol="routine-care", snapshot_id=studied.episode.snapshot_id,
                   purpose=PURPOSE, asked_by=studied.pia.pk, asked_at=studied.now, key=uuid.uuid4())
            for _ in range(120)]  # fmt: skip
    Export.objects.bulk_create(rows)
    assert cost() <= few + 1  # the number of pages
    assert "Page 1 of 3" in words(pia.get("/research/exports/"))


def test_a_refusal_stands_where_she_typed_and_the_protocol_of_the_page_before_is_chosen(studied):
    pia, one = studied.client_of(studied.pia), f"{studied.clinic.pk}/routine-care"
    assert f'value="{one}" selected' not in pia.get("/research/exports/").content.decode()
    page = pia.get(f"/research/protocols/{one}/").content.decode()
    assert f'href="/research/exports/?what={one}#ask"' in page
    assert f'value="{one}" selected' in pia.get("/research/exports/", {"what": one}).content.decode()
    refused = pia.post("/research/exports/ask/", {"what": one, "purpose": "because", "key": str(uuid.uuid4())})
    form = refused.content.decode().partition('id="ask"')[2]
    assert 'class="errors" role="alert"' in form
    assert 'action="/research/exports/ask/#ask"' in form


def test_what_a_demonstration_gives_out_is_called_invented_on_the_page_and_in_the_file_name(studied, monkeypatch):
    from accord.service.portals.research import exports as pages
    from accord.service.portals.research import frame

    row = asked(studied)
    make_export(export_id=row.pk, now=studied.now + timedelta(minutes=5))
    pia = studied.client_of(studied.pia)
    paths = ("/research/", "/research/exports/", f"/research/exports/{row.pk}/",
             f"/research/protocols/{studied.clinic.pk}/routine-care/")  # fmt: skip
    assert not any("invented data" in words(pia.get(path)) for path in paths)
    for module in (pages, frame):
        monkeypatch.setattr(module, "invented", lambda: True)
    assert all("invented data" in words(pia.get(path)) for path in paths)
    assert pia.get(f"/research/exports/{row.pk}/data/")["Content-Disposition"].endswith('-invented.zip"')
