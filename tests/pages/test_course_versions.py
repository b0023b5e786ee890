"""A newer version (U13): the therapist sees what it changes and moves her, she reads why, nothing goes."""

from __future__ import annotations

import uuid
from datetime import timedelta
from hashlib import sha256

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accord.service.access.table import SERVICE
from accord.service.episodes import actions as episodes
from accord.service.library.models import Current, Snapshot
from accord.service.library.queries import programme_snapshot
from accord.service.library.rules import bundle, unbundled
from accord.service.programmes import actions, queries
from plugins.world import enrolled

pytestmark = pytest.mark.django_db
FIRST = "understanding_pain"


@pytest.fixture
def course(published):
    then = published.now - timedelta(days=3)
    episode = enrolled(published.ana, then)
    episodes.set_anchor(episode=episode, name="treatment-start", at=then, by=SERVICE, now=then)
    made = actions.begin_course(
        episode=episode, snapshot=programme_snapshot("living-with-pain"), length="standard", by=SERVICE, now=then
    )
    by = published.asker(published.ana)
    given = {"course": queries.course_of(by, published.ana.pk), "lesson": FIRST, "revision": 0, "by": by, "now": then}
    actions.save_entry(block="what_matters", value={"more_of": "Zqsewing"}, key=uuid.uuid4(), **given)
    actions.keep_entry_draft(block="first_step", value={"first_step": "Zqletterbox"}, **given)
    return made


@pytest.fixture
def newer(published, course):
    """A version without two of the boxes of the first lesson."""
    texts, name = unbundled(course.snapshot.source), "en/01-understanding-pain.md"
    texts[name] = texts[name].replace("::: exercise first_step", "::: exercise other_step").replace(
        "::: values what_matters", "::: values what_counts"
    )  # fmt: skip
    source, names = bundle(texts), {"kind": "programme", "slug": "living-with-pain", "language": ""}
    row = Snapshot.objects.create(
        **names, version="2", source=source, sha256=sha256(source.encode()).hexdigest(), published_at=published.now
    )
    Current.objects.filter(**names).update(snapshot=row)
    return row


def address(world):
    return reverse("therapist:version", args=[world.ana.pk])


def move(world, newer, reason="The first step is explained better.", who=None):
    page = world.client_of(who or world.bea)
    return page.post(address(world), {"snapshot": str(newer.pk), "reason": reason})


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 404), ("therapist", 200), ("colleague", 404), ("stranger", 404), ("nobody", 302)]
)
def test_only_who_answers_for_her_sees_the_page_and_moves_her(published, newer, who, status):
    client = published.client_of(published.five()[who])
    assert client.get(address(published)).status_code == status
    client.post(address(published), {"snapshot": str(newer.pk), "reason": "x"})
    assert (queries.moves(queries.course_of(SERVICE, published.ana.pk)) != []) == (who == "therapist")


def test_u13_what_changes_is_seen_before_and_read_afterwards(published, newer):
    bea, ana = published.client_of(published.bea), published.client_of(published.ana)
    seen = bea.get(address(published)).content.decode()
    assert "Understanding pain, and the plan" in seen
    assert "What you would like more of" in seen
    before = ana.get("/my/lessons").content.decode()
    assert "Your lessons have changed" not in before
    assert move(published, newer).status_code == 302
    after = ana.get("/my/lessons").content.decode()
    for words in ("Your lessons have changed", "The first step is explained better.", "has changed."):
        assert words in after
    assert "There is a newer version" not in bea.get(address(published)).content.decode()


def test_u8_what_she_wrote_and_typed_in_boxes_that_are_gone_is_still_shown(published, newer):
    move(published, newer)
    page = published.client_of(published.ana).get("/my/lessons").content.decode()
    assert "Zqsewing" in page
    assert "Zqletterbox" in page
    assert "You typed this and had not saved it." in page


def test_a_move_needs_a_reason_and_the_version_that_was_looked_at(published, newer):
    for reason in ("", " " * 5, "x" * 601):
        answer = move(published, newer, reason)
        assert answer.status_code == 400
    other = published.client_of(published.bea).post(address(published), {"snapshot": str(uuid.uuid4()), "reason": "x"})
    assert other.status_code == 409
    assert queries.moves(queries.course_of(SERVICE, published.ana.pk)) == []
    move(published, newer)
    assert move(published, newer).status_code == 409  # moved already
    assert len(queries.moves(queries.course_of(SERVICE, published.ana.pk))) == 1


def test_moves_cost_no_more_queries(published, newer):
    ana = published.client_of(published.ana)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            ana.get("/my/lessons")
        return len(captured)

    move(published, newer)
    cost()
    once = cost()
    for number in range(4):
        back = [queries.course_of(SERVICE, published.ana.pk).snapshot, newer][number % 2]
        course, later = queries.course_of(SERVICE, published.ana.pk), published.now + timedelta(hours=1 + number)
        actions.move_course(course=course, snapshot=back, reason="x", by=SERVICE, now=later)
    assert cost() == once
