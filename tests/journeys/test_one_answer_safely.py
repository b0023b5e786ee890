"""The journey: from the door to a therapist who was warned. On a phone and at a desk, on SQLite and on PostgreSQL."""

from __future__ import annotations

import re

import pytest

from plugins.chromium import Somebody, chromium, somebody
from plugins.servers import served
from plugins.steps import DANGER, answers_until, sends

pytestmark = pytest.mark.browser
DAY = r"(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"


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
def her(patient, clinic):
    """A name of her own for each screen: the clinic is shared by the journeys."""
    return f"Of {'Phones' if patient.page.viewport_size['width'] < 500 else 'Desks'}"


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


def finds_her_a_therapist(coordinator: Somebody, name: str) -> None:
    coordinator.go("/office/waiting/")
    coordinator.in_order()
    row = coordinator.page.locator("tr", has_text=name)
    bea = row.locator("option", has_text="Bea Lindqvist").get_attribute("value")
    row.locator("select").select_option(bea)
    row.get_by_role("button").click()


def opens_her_alert(clinician: Somebody, name: str) -> None:
    clinician.go("/clinic/")
    clinician.in_order()
    clinician.page.locator("tr", has_text=name).locator("td.do a").click()
    clinician.page.wait_for_load_state()


# ---------------------------------------------------------------------------------------------- the journeys


def test_one_answer_safely(patient, staff, her):
    name = f"Ada {her}"
    # given somebody who comes by the door, answers the first questions and takes part
    comes_in_by_the_door(patient)
    says_how_to_reach_her(patient, name)
    answers_until(patient)
    sends(patient)
    takes_part(patient)
    # and a coordinator who finds her a therapist
    dora = staff("coordinator")
    finds_her_a_therapist(dora, name)

    # when one of her answers means danger
    answers_until(patient, DANGER)
    patient.in_order()
    chooses(patient, "on many days")
    # then the crisis page is there at once, with numbers, and says when a person reads her answer
    assert patient.page.url.endswith("/my/help-now")
    assert "999" in patient.words
    assert re.search(DAY, patient.words)
    patient.in_order()
    # and her therapist finds her marked, with the reason in words, before any other question was answered
    bea = staff("therapist")
    assert bea.page.locator("tr.alert", has_text=name).count() == 1
    assert "thoughts" in bea.page.locator("tr", has_text=name).inner_text().lower()

    # when she answers the questions that follow, and goes on to the end
    patient.page.locator("main a.button[href*='/questions/']").first.click()
    answers_until(patient)
    sends(patient)
    # then she reads by when a person looks at it, as a day and an hour
    assert "/thank-you" in patient.page.url
    assert re.search(DAY, patient.words)
    assert re.search(r"\d{1,2}:\d{2}", patient.words)
    patient.in_order()

    # when the therapist takes the alert, calls, and closes it with a reason
    opens_her_alert(bea, name)
    bea.in_order()
    bea.press("Acknowledge: I have it")
    bea.in_order()
    contact = bea.page.locator("form#contact")
    contact.get_by_label("reached", exact=False).first.check()
    contact.get_by_label("Minutes").fill("15")
    contact.get_by_role("button").click()
    bea.page.wait_for_load_state()
    bea.in_order()
    bea.page.locator("details#close summary").click()
    bea.page.locator("details#close input[value=reached-and-safe]").check()
    bea.press("Close the alert")
    # then nobody can say that nobody knew: the page tells who did what and when
    assert "Closed" in bea.words
    assert bea.page.locator("ol.line").inner_text().count("Bea Lindqvist") >= 3
    bea.in_order()
    # and a colleague who does not treat her finds nothing there
    assert dora.page.goto(bea.page.url).status == 404


def test_nobody_acts_and_the_next_one_up_is_told(staff, clinic, browser):
    # given a patient who gave a risk answer a moment ago
    patient = somebody(browser, clinic.url, "phone")
    patient.go("/demo/")
    patient.press("Come in after that answer")
    patient.in_order()
    # when a week passes and nobody has acted
    patient.go("/demo/")
    patient.press("A week later", seconds=600)  # the clinic lives through it hour by hour, beside other tests
    # then the supervisor finds it told to her, and the clock has written so by itself
    fay = staff("supervisor")
    for _ in range(60):
        fay.go("/clinic/")
        alerts = fay.page.locator("tr.alert", has_text="Robin Sample")
        if alerts.count():
            alerts.first.locator("td.do a").click()
            fay.page.wait_for_load_state()
            if "Fay Okafor" in fay.page.locator("ol.line").inner_text():
                break
        fay.page.wait_for_timeout(500)
    assert "Fay Okafor" in fay.page.locator("ol.line").inner_text()
    fay.in_order()


def test_help_now_is_one_button_on_every_page_of_hers(patient, staff, her):
    # given somebody who is only answering the first questions
    name = f"Hana {her}"
    comes_in_by_the_door(patient)
    says_how_to_reach_her(patient, name)
    # when she presses the button, and asks to be called
    patient.press("I need help now")
    patient.in_order()
    patient.page.locator("form[action$='/help-now/call'] button").click()
    patient.page.wait_for_load_state()
    # then the page says by when, and the duty clinician has her alert, though she is nobody's patient yet
    assert re.search(DAY, patient.words)
    eli = staff("duty-clinician")
    assert name in eli.page.locator("tr.alert", has_text=name).inner_text()
    # and what she had begun is still there
    patient.go("/my/")
    assert patient.page.locator("main a[href*='/questions/']").count()
