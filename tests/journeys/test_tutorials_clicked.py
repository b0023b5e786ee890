"""Every tutorial about a page is clicked through as it is written, and its pictures are taken on the way."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from plugins.chromium import chromium, somebody
from plugins.clicked import play, steps
from plugins.servers import served

TUTORIALS = Path(__file__).parents[2] / "docs" / "tutorials"
CLICKED = sorted(path for path in TUTORIALS.glob("as-*.md"))
COUNTED = "from accord.service.studies.models import Review; print(Review.objects.count())"
SCREEN = {"as-a-patient": "phone"}


@pytest.fixture(scope="module")
def clinic():
    with served("sqlite", clock=True, ACCORD_DEMO_PAST="80") as (server, _):
        for _ in range(100):  # the numbers are counted by the clock once the clinic is open
            if int(server.ask(COUNTED)):
                break
            time.sleep(3)
        yield server


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.mark.browser
@pytest.mark.parametrize("tutorial", CLICKED, ids=lambda path: path.stem)
def test_a_tutorial_does_what_it_says(tutorial, clinic, browser):
    one = somebody(browser, clinic.url, SCREEN.get(tutorial.stem, "desk"))
    assert play(tutorial, one) >= 6


def test_there_is_one_for_each_who_comes_in():
    said = {path.stem for path in CLICKED}
    assert {
        "as-a-patient",
        "as-a-therapist",
        "as-a-coordinator",
        "as-a-manager",
        "as-a-researcher",
        "as-an-operator",
    } <= said


def test_a_sentence_that_begins_like_a_step_and_is_none_is_refused():
    with pytest.raises(ValueError, match="line 1"):
        list(steps("Press `Send` now."))
    found = list(steps("Open `/demo/`. Press **Come in**.\n\nThen read on. You see **Hello\nthere**."))
    assert [(one.kind, *one.given.values()) for one in found] == [
        ("open", "/demo/"), ("press", "Come in", None), ("see", "Hello there"),
    ]  # fmt: skip
