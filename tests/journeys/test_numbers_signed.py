"""The journey of a manager, who sees no patient.

One invented clinic with a small past and a running clock; each begins at the tour and ends with axe.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from plugins.backstage import backstage
from plugins.chromium import Somebody, chromium, somebody
from plugins.servers import served

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def clinic(request):
    with served(request.param, ACCORD_DEMO_PAST="80") as (server, _), backstage(server) as behind:
        yield server, behind


@pytest.fixture(scope="module")
def browser():
    with chromium() as one:
        yield one


def as_visitor(browser, clinic, key: str, stop: str, screen: str = "desk") -> Somebody:
    """Comes in by the tour, as that person, at that stop."""
    one = somebody(browser, clinic[0].url, screen)
    one.go("/demo/tour/")
    one.in_order()
    one.page.locator(f"form[action$='/enter/{key}/']").get_by_role("button", name=stop, exact=True).click()
    one.page.wait_for_load_state()
    return one


def until(one: Somebody, there: Callable[[], bool], *, seconds: int = 240) -> None:
    """Look at the page again until it is there: something is made beside the pages."""
    for _ in range(seconds // 2):
        if there():
            return
        time.sleep(2)
        one.page.reload()
        one.page.wait_for_load_state()
    raise AssertionError(f"not there after {seconds} seconds: {one.words[:2000]}")


def test_a_manager_opens_a_number_to_its_meaning_signs_it_and_takes_the_table(browser, clinic):
    gus = as_visitor(browser, clinic, "manager", "The numbers")
    # given the numbers that the clock has counted since the clinic opened
    until(gus, lambda: gus.page.locator("data[data-id]").count() > 20)
    gus.in_order()
    assert "invented" in gus.words.lower()
    # when Gus opens one of them
    first = gus.page.locator("a:has(data[data-id])").first
    shown = first.inner_text().strip()
    first.click()
    gus.page.wait_for_load_state()
    # then he reads what it is, and the number again
    assert shown in gus.words
    gus.in_order()

    # when he signs what the words mean
    gus.go("/manage/definitions/")
    gus.press("Sign these definitions")
    # then the page of numbers says so
    gus.go("/manage/")
    assert "signed by Gus Moreau" in gus.words
    # and the table holds every number of the page
    numbers = {one.get_attribute("data-id") for one in gus.page.locator("data[data-id]").all()}
    with gus.page.expect_download() as kept:
        gus.page.get_by_role("link", name=re.compile(r"\(CSV\)")).click()
    table = kept.value.path().read_text()
    assert [one for one in numbers if one not in table] == []
    gus.in_order()
