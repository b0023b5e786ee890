"""The patient's lesson pages: who may open them, that every block keeps what she writes, and that nothing is lost."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accord.science.programmes import load_programme
from accord.service.access.table import SERVICE
from accord.service.episodes import actions as episodes
from accord.service.library.queries import programme_snapshot
from accord.service.now import now as clock
from accord.service.programmes import actions, queries
from plugins.world import enrolled

pytestmark = pytest.mark.django_db
FIRST, SECOND = "understanding_pain", "meeting_thoughts"
PROGRAMME = load_programme("living-with-pain")


@pytest.fixture
def course(published):
    """Ana's course, begun three weeks ago; nothing done yet."""
    then = published.now - timedelta(days=21)
    episode = enrolled(published.ana, then)
    episodes.set_anchor(episode=episode, name="treatment-start", at=then, by=SERVICE, now=then)
    return actions.begin_course(
        episode=episode, snapshot=programme_snapshot("living-with-pain"), length="standard", by=SERVICE, now=then
    )


@pytest.fixture
def ana(published, course):
    """Ana's browser."""
    return published.client_of(published.ana)


def part_url(number, lesson=FIRST):
    return reverse("patient:part", args=[lesson, number])


def hidden(page):
    """Every hidden field of a page, as a browser sends it."""
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.content.decode()))


def send(client, url, act="next", **given):
    fields = {name.replace("__", "."): value for name, value in given.items()}
    return client.post(url, hidden(client.get(url)) | {"act": act} | fields)


def text(page):
    words = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", page.content.decode(), flags=re.DOTALL)
    return " ".join(words.split())


PAGES = {
    "lessons": "/my/lessons", "lesson": f"/my/lessons/{FIRST}", "part": f"/my/lessons/{FIRST}/1",
    "block": f"/my/lessons/{FIRST}/boxes/my_pain", "guide": f"/my/lessons/{FIRST}/guides/week_one",
    "lesson_print": f"/my/lessons/{FIRST}/print", "practice": "/my/practices/settling",
    "practised": "/my/practices/settling/kept", "steady": "/my/practices/settling/steady",
    "plan": "/my/plan", "signs": "/my/signs",
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_her_lessons_are_hers_alone(published, course, name):
    """Owner, her therapist, a colleague, a stranger with a log-in and no course, nobody."""
    answers = {who: published.client_of(one).get(PAGES[name]).status_code for who, one in published.five().items()}
    open_to_all_patients = name in ("lessons", "plan", "signs")
    assert answers == {
        "owner": 200, "therapist": 404, "colleague": 404, "stranger": 200 if open_to_all_patients else 404, "nobody": 302,
    }  # fmt: skip


@pytest.mark.parametrize("number", range(1, 7))
def test_every_part_of_the_first_lesson_opens(ana, number):
    page = ana.get(part_url(number))
    assert page.status_code == 200
    assert PROGRAMME.text(FIRST).parts[number - 1].title in text(page)

