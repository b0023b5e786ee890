"""Every public and patient's page in Chromium: three widths, light and dark; axe finds nothing, nothing runs out."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe

from plugins.chromium import chromium, somebody
from plugins.servers import served

pytestmark = pytest.mark.browser
WIDTHS = (320, 768, 1280)
OPEN = ("/", "/begin", "/begin/sent", "/refer", "/refer/sent", "/about", "/help", "/confirm/unknown", "/no-such-page")

# Buttons, fields and links that stand alone; a link inside a sentence may be as high as its line (WCAG 2.5.8).
SMALL = """() => [...document.querySelectorAll(
    "main button, .button, input:not([type=hidden], [type=radio], [type=checkbox]), select, textarea, " +
    "label.choice, label.number-choice, .bar a, .bar button, .foot a, summary, .ways a")]
  .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 43.5)
  .map(e => e.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def clinic():
    with served("sqlite", clock=False) as (server, _):
        yield server


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


class Look:
    """Looks at the page that stands open, at every width, light and dark, and remembers what was wrong."""

    def __init__(self, page):
        self.page, self.wrong, self.seen = page, [], set()

    def __call__(self, name):
        if name in self.seen:
            return
        self.seen.add(name)
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            for width in WIDTHS:
                self.page.set_viewport_size({"width": width, "height": 800})
                wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                self.wrong += [(name, width, f"runs {wide} px out")] * (wide > 0)
                self.wrong += [(name, width, "lower than 44 px", small) for small in self.page.evaluate(SMALL)]
            found = Axe().run(self.page).response["violations"]
            self.wrong += [(name, scheme, one["id"], one["nodes"][0]["html"][:120]) for one in found]


def test_every_open_page_fits_every_screen(clinic, browser):
    one = somebody(browser, clinic.url, "desk")
    look = Look(one.page)
    for path in OPEN:
        one.go(path)
        look(path)
    one.go("/begin")
    one.press("Send me the link")
    look("an address that is none")
    assert look.wrong == []
    assert one.foreign == []


def test_every_page_of_the_way_in_fits_every_screen(clinic, browser):
    one = somebody(browser, clinic.url, "desk")
    page = one.page
    look = Look(page)
    one.go("/demo/")
    one.press("Come in as a new patient")
    look("today, first")
    one.go("/my/contact")
    one.press("Save and go on")
    look("contact, with faults")
    page.fill("#name", "Robin Sample")
    page.fill("#phone", "020 7946 0000")
    one.press("Save and go on")
    one.press("Next")
    look("a number, with a fault")
    for _ in range(40):
        if page.url.endswith("/send"):
            break
        if "read-this" in page.url or "help-now" in page.url:
            look(page.url.rsplit("/", 1)[1])
            page.locator("main a.button").first.click()
        elif page.locator("input#answer").count():
            look("a number")
            page.fill("#answer", "44")
            one.press("Next")
        else:
            safety = "thoughts of death" in one.heading
            look("the safety question" if safety else "a choice")
            page.locator("label.choice").nth(2 if safety else 0).click()
            if "fever" in one.heading:
                page.locator("label.choice").nth(1).click()
            one.press("Next")
    assert {"read-this", "help-now", "the safety question"} <= look.seen
    look("before sending")
    one.press("Send my answers")
    look("today, eligible")
    one.press("Read and decide")
    look("consent")
    page.locator("label.choice").click()
    one.press("Go on")
    look("a scale of numbers")
    page.locator("label.number-choice").nth(6).click()
    one.press("Pause")
    look("paused")
    one.press("To today")
    look("today, begun")
    one.go("/my/messages")
    page.fill("#text", "Is it normal that evenings are harder?")
    one.press("Send")
    look("messages")
    assert look.wrong == []
    assert one.foreign == []


def test_a_question_is_answered_with_the_keyboard_alone_and_without_javascript(clinic, browser):
    one = somebody(browser, clinic.url, "desk", java_script_enabled=False)
    page = one.page
    one.go("/demo/")
    one.press("Come in as a new patient")
    one.go("/my/contact")
    page.fill("#name", "Robin Keys")
    page.fill("#phone", "020 7946 0000")
    page.keyboard.press("Enter")
    page.wait_for_url("**/1")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.locator("#answer:focus").count():
            break
    page.keyboard.type("44")
    page.keyboard.press("Enter")
    page.wait_for_url("**/2")
    assert "Saved" in one.words
