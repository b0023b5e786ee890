"""The journey: from the door to a therapist who was warned. On a phone and at a desk, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re

import pytest

from plugins.chromium import Somebody, chromium, somebody
from plugins.servers import served

pytestmark = pytest.mark.browser
ANSWERS = {"How old are you": "44", "how many months": "60"}
DANGER = "thoughts of death, or of harming yourself"


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def clinic(request):
    with served(request.param, clock=True) as (server, _):
        yield server


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


@pytest.fixture(params=["phone", "desk"])
def patient(request, clinic, browser):
    return somebody(browser, clinic.url, request.param)


@pytest.fixture
def staff(clinic, browser):
    def come(key: str) -> Somebody:
        one = somebody(browser, clinic.url, "desk")
        one.go("/demo/")
        one.page.locator(f"form[action$='/enter/{key}/'] button").click()
        return one

    return come


# ---------------------------------------------------------------------------------------------- given


def comes_in_by_the_door(one: Somebody) -> None:
    one.go("/demo/")
    one.in_order()
    one.press("Come in as a new patient")


def says_how_to_reach_her(one: Somebody, name: str) -> None:
    if "/contact" not in one.page.url:
        one.page.locator("main a[href$='/my/contact'], main form[action$='/my/contact'] button").first.click()
    one.in_order()
    one.page.get_by_label("Your name").fill(name)
    one.page.get_by_label("Telephone number").fill("020 7946 0123")
    one.page.get_by_label("Country you are in").select_option("GB")
    one.page.get_by_label("Town or region").fill("London")
    one.press("Save and go on")


# ---------------------------------------------------------------------------------------------- when


def answers_until(one: Somebody, stop: str = "", *, checks: int = 3) -> int:
    """One question after the other as they come; stops before the question with these words, or at the last page."""
    answered = 0
    while re.search(r"/questions/[0-9a-f-]+/\d+$", one.page.url):
        if answered < checks:
            one.in_order()
        if stop and stop in one.heading:
            return answered
        answer_one(one)
        answered += 1
        assert answered < 200, "the questions never end"
    return answered


def answer_one(one: Somebody) -> None:
    """No to everything that would raise an alarm, the middle of everything else."""
    heading, page = one.heading, one.page
    words = next((answer for part, answer in ANSWERS.items() if part.lower() in heading.lower()), None)
    radios = page.locator("input[name=answer][type=radio], input[name=answer][type=checkbox]")
    if words is not None and radios.count() == 0:
        page.locator("[name=answer]").fill(words)
    elif radios.count() == 0:
        one.press("I would rather not answer")
        return
    else:
        labels = page.locator("label:has(input[name=answer])")
        yes = labels.filter(has_text=re.compile(r"^\s*yes", re.IGNORECASE))
        doctor = "doctor" in heading.lower()
        (yes.first if doctor and yes.count() else labels.nth(0) if DANGER in heading else _no(labels)).click()
    one.press("Next")


def _no(labels):
    no = labels.filter(has_text=re.compile(r"^\s*no\s*$", re.IGNORECASE))
    return no.first if no.count() else labels.nth(labels.count() // 2)


def sends(one: Somebody) -> None:
    one.in_order()
    one.page.locator("main form[method=post] button.button").first.click()


def takes_part(one: Somebody) -> None:
    """Reads the information, agrees, and the first questionnaires open."""
    one.in_order()
    one.page.locator("main a[href$='/taking-part']").first.click()
    one.in_order()
    one.page.locator("input[name=agree]").check()
    one.page.locator("main form[method=post] button.button").first.click()


def chooses(one: Somebody, words: str) -> None:
    one.page.get_by_label(words, exact=True).check()
    one.press("Next")


# ---------------------------------------------------------------------------------------------- the journeys


def becomes_a_patient(one: Somebody, name: str) -> None:
    comes_in_by_the_door(one)
    says_how_to_reach_her(one, name)
    answers_until(one)
    sends(one)
    takes_part(one)


def test_from_the_door_to_a_risk_answer_and_the_crisis_page(patient):
    # given somebody who came by the door and takes part
    becomes_a_patient(patient, "Ada Journey")
    # when one of her answers means danger
    answers_until(patient, DANGER)
    patient.in_order()
    chooses(patient, "on many days")
    # then the crisis page is there at once, with numbers, and says when a person reads her answer
    assert patient.page.url.endswith("/my/help-now")
    assert "999" in patient.words
    assert re.search(r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day", patient.words)
    patient.in_order()
