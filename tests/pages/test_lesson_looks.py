"""The lesson pages in Chromium: three widths, light and dark; axe finds nothing; by keyboard and without scripts.

Without JavaScript a part is read, written and kept; with it, what is typed is kept as a draft and a practice is led.
"""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest

from accord.service.access.table import SERVICE
from accord.service.episodes import actions as episodes
from accord.service.library.queries import programme_snapshot
from accord.service.programmes import actions
from accord.service.programmes.rules import facts
from pages.test_patient_looks import Look
from plugins.chromium import chromium, somebody
from plugins.world import enrolled

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FIRST = "understanding_pain"
KNOWN = {"red_flags.any": False, "red_flags.worse_after_effort": 0, "body_practice_caution": "no"}


@pytest.fixture
def ana(published, live_server, monkeypatch):
    """Ana's browsers: in the middle of her course, the first lesson done, all the others open; `ana(screen)` opens one.

    Rows are written before Chromium starts.
    """
    monkeypatch.setattr(facts, "facts", lambda *_given: dict(KNOWN))
    then, by = published.now - timedelta(days=21), published.asker(published.ana)
    episode = enrolled(published.ana, then)
    episodes.set_anchor(episode=episode, name="treatment-start", at=then, by=SERVICE, now=then)
    course = actions.begin_course(
        episode=episode, snapshot=programme_snapshot("living-with-pain"), length="standard", by=SERVICE, now=then
    )
    value = {"more_of": "Sitting at the table when my son visits.", "who_would_notice": "My son"}
    actions.save_entry(
        course=course, lesson=FIRST, block="what_matters", value=value, revision=0, key=uuid.uuid4(), by=by, now=then
    )
    for part in range(1, 7):
        actions.finish_part(course=course, lesson=FIRST, part=part, by=by, now=then)
    for lesson in ("body_at_rest", "steps_that_matter", "keeping_gains"):
        actions.change_path(
            course=course, lesson=lesson, kind="open", reason="We agreed on it.", key=uuid.uuid4(), by=SERVICE, now=then
        )
    session = published.client_of(published.ana).cookies["sessionid"].value
    with chromium() as browser:

        def comes(screen="desk", **more):
            one = somebody(browser, live_server.url, screen, **more)
            one.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
            return one

        yield comes


PARTS = (
    ("understanding_pain", 1), ("understanding_pain", 2), ("understanding_pain", 4), ("understanding_pain", 5),
    ("understanding_pain", 6), ("meeting_thoughts", 3), ("steps_that_matter", 3), ("steps_that_matter", 4),
    ("keeping_gains", 2), ("keeping_gains", 5),
)  # fmt: skip


def test_every_lesson_page_fits_every_screen(ana):
    one = ana()
    page, look = one.page, Look(one.page)
    for path in ("lessons", "lessons/understanding_pain", "lessons/meeting_thoughts", "plan", "signs",
                 "lessons/understanding_pain/print", "lessons/understanding_pain/guides/week_one",
                 "practices/settling", "practices/settling/steady", "practices/settling/kept"):  # fmt: skip
        one.go(f"/my/{path}")
        look(path)
    for lesson, number in PARTS:
        one.go(f"/my/lessons/{lesson}/{number}")
        look(f"{lesson} {number}")
    one.go("/my/lessons/understanding_pain/4")
    page.fill("#first_step-step_minutes", "ten")
    page.get_by_role("button", name="Keep").first.click()
    page.wait_for_selector(".errors")
    look("a part, with a fault")
    other = one.context.new_page()
    other.goto(f"{one.base}/my/lessons/understanding_pain/3")
    one.go("/my/lessons/understanding_pain/3")
    for each, text in ((other, "The stairs"), (page, "The queue in the shop")):
        each.fill("#my_circle-hard_moment", text)
        each.locator("#my_circle").get_by_role("button", name="Save this now").click()
        each.wait_for_load_state()
    assert one.heading == "Which version counts?"
    look("two versions")
    assert look.wrong == []
    assert one.foreign == []


def test_a_part_is_read_written_and_kept_with_the_keyboard_alone_and_without_javascript_u17(ana):
    one = ana("phone", java_script_enabled=False)
    page = one.page
    one.go("/my/lessons/meeting_thoughts/1")
    assert page.locator("[data-listen]").is_hidden()  # offered only where the browser can
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.locator("#looking_back_one-settling_was:focus").count():
            break
    page.keyboard.type("Restless, then quiet")
    page.keyboard.press("Enter")  # keeps the page and stays on it
    page.wait_for_load_state()
    assert page.url.endswith("/meeting_thoughts/1")
    assert page.locator("#looking_back_one-settling_was").input_value() == "Restless, then quiet"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.locator("button[value=next]:focus").count():
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/meeting_thoughts/2")
    one.go("/my/lessons/understanding_pain/2")
    reply = page.locator(".quiz details").nth(2)
    reply.locator("summary").focus()
    page.keyboard.press("Enter")
    assert reply.locator("p").is_visible()  # a quiz answers without a script and sends nothing


def test_with_javascript_what_is_typed_is_kept_and_a_practice_is_led(ana):
    one = ana("phone")
    page = one.page
    one.go("/my/lessons/understanding_pain/1")
    page.fill("#my_pain-pain_in_my_words", "Half a sentence")
    page.locator("#my_pain").get_by_text("Kept at").wait_for()
    again = ana()
    again.go("/my/lessons/understanding_pain/1")
    assert again.page.locator("#my_pain-pain_in_my_words").input_value() == "Half a sentence"
    assert "not saved for your therapist yet" in again.words
    one.go("/my/practices/settling")
    page.get_by_label("My feet").check()
    assert "feel your feet" in page.locator(".rest-on").inner_text()
    page.get_by_role("button", name="Start").click()
    page.wait_for_selector(".cues li.in-turn")
    assert re.fullmatch(r"[56]:\d\d", page.locator(".clock").inner_text())
    one.in_order()
    page.keyboard.press("Escape")
    assert page.locator(".cues li.in-turn").count() == 0
