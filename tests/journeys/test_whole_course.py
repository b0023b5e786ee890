"""The journey: eight weeks, lesson by lesson, with a flare, a bad week, a thread, a call, a session, to the follow-up.

The browser does what is to be shown; time and the boring answers are moved behind the stage. The time of the clinic
only goes forward, so each screen's person begins where the one before her has arrived.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from plugins.backstage import Backstage, backstage, invented_wording
from plugins.chromium import Somebody, chromium, somebody
from plugins.servers import served
from plugins.steps import answers_until, reads_the_lesson, sends

pytestmark = pytest.mark.browser
DAY = r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
KINDS = {"text", "story", "exercise", "quiz", "values", "practice", "practice_log", "guide", "check_in",
         "thought_record", "activity_planner", "exposure_ladder", "flare_plan", "relapse_plan"}  # fmt: skip
WORDS = "The stairs in the morning, and a walk to the harbour."


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def clinic(request, tmp_path_factory):
    site = str(invented_wording(tmp_path_factory.mktemp("site")))
    with served(request.param, preloaded=True, ACCORD_SITE=site) as (server, _), backstage(server) as behind:
        yield server, behind


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture(params=["phone", "desk"])
def story(request, clinic, browser):
    server, behind = clinic
    key = f"mira.{request.param}"
    person = behind.comes(key, f"Mira of {request.param.title()}s", level=0.35)
    return Story(
        behind, somebody(browser, server.url, request.param), somebody(browser, server.url, "desk"), key, person
    )


class Story:
    """Her, her therapist, and the time that passes for both."""

    def __init__(self, behind: Backstage, her: Somebody, bea: Somebody, key: str, person: str) -> None:
        self.behind, self.her, self.bea, self.key, self.person = behind, her, bea, key, person
        self.began, self.met = behind.now(), set[str]()

    @property
    def name(self) -> str:
        return f"Mira of {self.key.partition('.')[2].title()}s"

    def today(self) -> Somebody:
        self.behind.lets_in(self.key, self.her).go("/my/")
        return self.her

    def therapist(self) -> Somebody:
        self.bea.go("/demo/")
        self.bea.page.locator("form[action$='/enter/therapist/'] button").click()
        self.bea.page.wait_for_load_state()
        return self.bea

    def opens(self, path: str = "") -> Somebody:
        """Bea opens what there is about her."""
        self.therapist().go(f"/clinic/people/{self.person}/{path}")
        return self.bea

    def until_day(self, day: float, hour: int = 19) -> None:
        """Time goes on to an evening of the course; of a long wait the last two days hour by hour."""
        moment = (self.began + timedelta(days=day)).replace(hour=hour, minute=0, second=0, microsecond=0)
        if (wait := moment - self.behind.now()) > timedelta(days=20):
            self.behind.waits(days=wait.days - 2)
        if wait > timedelta():
            self.behind.travels(until=moment.isoformat())


# ---------------------------------------------------------------------------------------------- when


def reads(story: Story, slug: str) -> None:
    """From today, through every part of the lesson; it is done at its end."""
    her = story.today()
    her.go(f"/my/lessons/{slug}")
    parts = reads_the_lesson(her, words=WORDS, met=story.met)
    assert 4 <= parts <= 7
    her.go("/my/lessons")
    her.in_order()
    her.go(f"/my/lessons/{slug}")
    assert "You have done this lesson" in her.words


def answers_in_the_browser(story: Story) -> None:
    """The set that waits on today, question by question, sent at the end."""
    her = story.today()
    her.page.locator("main .card.now a.button[href*='/questions/'], main .card.now form button").first.click()
    her.page.wait_for_load_state()
    answers_until(her, checks=1)
    sends(her)
    assert "/thank-you" in her.page.url
    her.in_order()


def writes(story: Story, text: str) -> None:
    her = story.today()
    her.go("/my/messages")
    her.page.get_by_label("Your message").fill(text)
    her.page.locator("button[value=send]").click()
    her.page.wait_for_load_state()
    assert text in her.words
    assert re.search(rf"answer by {DAY}", her.words)
    her.in_order()


def answers_with_a_template(story: Story, asked: str) -> str:
    """The template as it stands is not sent; made personal it is."""
    bea = story.opens("messages/")
    assert asked in bea.words
    bea.page.locator("a[href*='template=']", has_text="What I read in your lesson").click()
    bea.page.wait_for_load_state()
    bea.in_order()
    box = bea.page.locator("#text")
    template = box.input_value()
    assert "[[" in template
    bea.page.locator("form#answer button.button").first.click()
    bea.page.wait_for_load_state()
    assert bea.page.locator("ol.messages li.ours").count() == 0
    assert "400" in bea.complaints.pop()  # the refusal, which a browser's console mentions
    bea.in_order()
    said = "Yes, twice is fine, Mira. The stairs are a good place to begin: shall we plan them for Tuesday?"
    bea.page.locator("#text").fill(said)
    bea.page.locator("form#answer button.button").first.click()
    bea.page.wait_for_load_state()
    assert said in bea.page.locator("ol.messages").inner_text()
    return said


# ---------------------------------------------------------------------------------------------- the journey


def test_a_whole_course_with_a_flare_and_a_bad_week(story):
    # given somebody whose course began today: her first lesson is the one thing on her page
    her = story.today()
    her.in_order()
    assert her.page.locator("main .card.now").count() == 1
    # when she reads it and saves what it asks
    reads(story, "understanding_pain")
    # and writes to her therapist
    asked = "The first lesson made sense. Is it all right to do it twice?"
    writes(story, asked)
    # then her therapist finds both, with the hour by which she answers
    bea = story.therapist()
    row = bea.page.locator("tr", has_text=story.name)
    assert row.count() == 1
    bea.in_order()
    bea = story.opens("lessons/")
    assert WORDS in bea.words
    bea.in_order()
    # and a template is sent only when it was made personal
    said = answers_with_a_template(story, asked)
    story.today().go("/my/messages")
    assert said in story.her.words

    # when a week passes, she answers the weekly questions, and the second lesson has opened
    story.until_day(8)
    answers_in_the_browser(story)
    reads(story, "meeting_thoughts")

    # when a flare comes: lessons wait, questions shrink, and her own small step is there
    story.until_day(15)
    her = story.today()
    her.press("Today: the short version")
    her = story.today()
    her.in_order()
    assert her.heading == "Today: the short version"
    assert "We will still ask how you are" in her.words
    assert "failed" not in her.words.lower()
    # then it ends by itself
    story.until_day(18)
    her = story.today()
    assert her.heading != "Today: the short version"
    # and her therapist sees it on her line of time
    bea = story.opens()
    assert "flare" in bea.words.lower()

    # when her therapist calls her: two taps
    bea.page.locator("form#contact .chip", has_text="telephone").first.click()
    bea.page.locator("form#contact .taps button").first.click()
    bea.page.wait_for_load_state()
    assert re.search(r"So far [1-9]\d* contacts?, \d+ min", bea.words)
    # and plans a session
    bea.go(f"/clinic/people/{story.person}/sessions/")
    on = (story.behind.now() + timedelta(days=1)).date().isoformat()
    bea.page.locator("form#plan #day").fill(on)
    bea.page.locator("form#plan #time").fill("10:00")
    bea.page.locator("form#plan button.button").click()
    bea.page.wait_for_load_state()
    bea.in_order()
    # then she finds it on her page
    assert "10:00" in story.today().words
    # and when it was held, one tap writes it down, and it is a contact of its own
    story.until_day(20)
    bea = story.opens("sessions/")
    assert "Was it held?" in bea.words
    bea.page.locator("form[action$='/held/'] .taps button").first.click()
    bea.page.wait_for_load_state()
    assert "No session is planned." in bea.words
    bea.in_order()

    # when the third lesson is read and half way everything is worse
    story.until_day(22)
    reads(story, "body_at_rest")
    story.until_day(27)
    story.behind.answers_all(story.key, level=1.0)
    story.until_day(34)
    story.behind.answers_all(story.key, level=1.0)
    story.until_day(35)
    # then her therapist is asked to look, and chooses what to do
    bea = story.therapist()
    assert "worse" in bea.page.locator("tr", has_text=story.name).inner_text().lower()
    bea = story.opens()
    bea.page.locator("main a[href*='/support/']").first.click()
    bea.page.wait_for_load_state()
    bea.in_order()
    bea.page.locator("input[name=option]").first.check()
    bea.page.locator("#note-chosen").fill("We spoke about smaller steps.")
    bea.press("This is what we do")
    bea.in_order()

    # when the last two lessons are read
    story.until_day(37)
    reads(story, "steps_that_matter")
    story.until_day(50)
    reads(story, "keeping_gains")
    # then every kind of block was met, and her plan holds her own words
    assert story.met >= KINDS, KINDS - story.met
    her = story.today()
    her.go("/my/plan")
    assert WORDS in her.words
    her.in_order()
    # and after three weeks the flag asks whether it helped
    story.until_day(57)
    bea = story.opens()
    bea.page.locator("main a[href*='/support/']").first.click()
    bea.page.wait_for_load_state()
    assert "Did it help?" in bea.words
    bea.page.locator("form#looked .taps button").first.click()
    bea.page.wait_for_load_state()
    bea.in_order()

    # when the last questions come, with satisfaction and unwanted effects
    story.until_day(58)
    story.behind.answers_all(story.key, level=0.2, until="satisfaction")
    answers_in_the_browser(story)
    her = story.today()
    her.go("/my/progress")
    her.in_order()
    # and three months later the follow-up
    story.until_day(142)
    story.behind.answers_all(story.key, level=0.2)
    story.behind.travels(hours=26)
    her = story.today()
    her.in_order()
    assert "come to its end" in her.words
    # then her therapist has nothing left to do for her
    bea = story.opens()
    bea.in_order()
    assert her.complaints == bea.complaints == []
