"""The journeys of a therapist: a Monday morning with twelve people; who never starts and who goes quiet are found.

They use the people of the demonstration, who stand at every point of a course.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from plugins.backstage import backstage
from plugins.chromium import Somebody, chromium, somebody
from plugins.servers import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def clinic(request):
    """The demonstration on a Monday at half past eight."""
    with served(request.param, clock=False) as (server, _), backstage(server) as behind:
        today = behind.now().replace(hour=8, minute=30, second=0, microsecond=0)
        behind.travels(until=(today + timedelta(days=7 - today.weekday())).isoformat())
        yield server, behind


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture
def desk(clinic, browser):
    return _therapist(browser, clinic, "desk")


@pytest.fixture(params=["phone", "desk"])
def bea(request, clinic, browser):
    return _therapist(browser, clinic, request.param)


def _therapist(browser, clinic, screen: str) -> Somebody:
    one = somebody(browser, clinic[0].url, screen)
    one.go("/demo/")
    one.page.locator("form[action$='/enter/therapist/'] button").click()
    one.page.wait_for_load_state()
    return one


def row_of(one: Somebody, name: str):
    return one.page.locator("table.cases tbody tr", has_text=name)


def opens(one: Somebody, name: str) -> None:
    one.go("/clinic/?show=all")
    row_of(one, name).locator("th a").click()
    one.page.wait_for_load_state()


def names(one: Somebody) -> list[str]:
    return [text.split("\n")[0].strip() for text in one.page.locator("table.cases tbody th").all_inner_texts()]


def test_a_monday_morning_with_twelve_people(bea, clinic):
    # given a caseload of at least twelve people, those who need somebody first
    bea.go("/clinic/?show=all")
    bea.in_order()
    assert len(names(bea)) >= 12
    bea.go("/clinic/")
    bea.in_order()
    order = names(bea)
    # then who gave a risk answer stands at the top (below who has nobody yet, once somebody has her alert in hand),
    # and everybody on the list has a reason in words
    assert "Rosa Vidal" in order[:3]
    assert "Jonas Holt" in order
    for why in bea.page.locator("td.why b").all_inner_texts():
        assert len(why.split()) >= 2, why

    # when Bea takes the alert, calls, and writes down what came of it
    row_of(bea, "Rosa Vidal").locator("td.do a").click()
    bea.page.wait_for_load_state()
    bea.in_order()
    if bea.page.get_by_role("button", name="Acknowledge: I have it").count():
        bea.press("Acknowledge: I have it")
    contact = bea.page.locator("form#contact")
    contact.get_by_label("reached", exact=False).first.check()
    contact.get_by_label("Minutes").fill("15")
    contact.get_by_role("button").click()
    bea.page.wait_for_load_state()
    # then the alert is hers, and says so
    assert "Bea Lindqvist" in bea.page.locator("ol.line").inner_text()

    # when she answers a question that waits
    opens(bea, "Jonas Holt")
    bea.in_order()
    waits = bea.page.get_by_role("link", name="Read and reply")
    if waits.count():
        waits.click()
        bea.page.wait_for_load_state()
        assert "Is it all right to do it twice?" in bea.words
        bea.page.locator("form#answer textarea").fill("Yes, Jonas, twice is fine. Take the practice as it comes.")
        bea.page.locator("form#answer button.button").first.click()
        bea.page.wait_for_load_state()
    bea.go("/clinic/")
    # then nothing of him is due any more
    assert "reply" not in (row_of(bea, "Jonas Holt").inner_text().lower() if row_of(bea, "Jonas Holt").count() else "")

    # when she reads what somebody saved in a lesson
    opens(bea, "Umar Qazi")
    assert "How it goes" in bea.words
    bea.go(bea.page.url.replace(bea.base, "") + "lessons/")
    bea.in_order()
    unread = bea.page.get_by_role("button", name="I have read this")
    before = unread.count()
    if before:
        unread.first.click()
        bea.page.wait_for_load_state()
        assert bea.page.get_by_role("button", name="I have read this").count() == before - 1
    # and looks at one person's next week as he will see it
    opens(bea, "Tove Lund")
    bea.go(bea.page.url.replace(bea.base, "") + "preview/")
    bea.in_order()
    assert bea.complaints == []


def test_who_never_starts_and_who_goes_quiet_are_found_and_helped(desk, clinic, browser):
    (server, behind), bea = clinic, desk
    # given one who never began her course and one who fell silent after the first lesson
    bea.go("/clinic/?show=all")
    # then both stand on the list with the reason in words, and nobody has to look for them
    assert re.search(r"not (yet )?(started|begun)|has not opened|never", row_of(bea, "Xenia Pohl").inner_text(), re.I)
    assert re.search(r"quiet|silen|no sign|nothing", row_of(bea, "Yara Haddad").inner_text(), re.I)

    for name, key in (("Xenia Pohl", "xenia.pohl"), ("Yara Haddad", "yara.haddad")):
        # when Bea opens what could help, and chooses
        opens(bea, name)
        bea.page.locator("main a[href*='/support/']").first.click()
        bea.page.wait_for_load_state()
        bea.in_order()
        if bea.page.locator("input[name=option]").count():
            bea.page.locator("input[name=option]").first.check()
            bea.page.locator("#note-chosen").fill("Called; a smaller first step for this week.")
            bea.press("This is what we do")
            bea.in_order()
        # then the choice is kept, and comes back with one question
        assert "Called; a smaller first step" in bea.words
        # and her own page has one next step and no reproach
        her = behind.lets_in(key, somebody(browser, server.url, "phone"))
        her.go("/my/")
        her.in_order()
        assert her.page.locator("main .card.now").count() == 1
        assert not re.search(r"\b(late|overdue|missed|streak|behind)\b", her.words.replace("Nothing is late", ""), re.I)
        assert her.page.locator("main .card.now a.button").count() >= 1
