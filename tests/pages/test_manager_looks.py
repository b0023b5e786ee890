"""The manager's pages in Chromium: three widths, light and dark; axe finds nothing, nothing runs out (P27)."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from pages.test_manager_pages import with_load
from pages.test_patient_looks import Look
from plugins.chromium import chromium, somebody
from plugins.counted import review_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = ("/manage/", "/manage/definitions/", "/manage/what/g.phq_9.total.post/")
SHOTS = os.environ.get("ACCORD_SHOTS")  # a folder to look at the pages in


def open_all_details(page):
    page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")


def test_every_page_of_a_manager_fits_every_screen(published, live_server):
    review_of(published, published.clinic, published.now - timedelta(days=30), n=200, seed=2)
    with_load(published, bea=12, carl=3)
    session = published.client_of(published.gus).cookies["sessionid"].value
    with chromium() as browser:
        one = somebody(browser, live_server.url, "desk")
        one.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        look = Look(one.page)
        for path in PAGES:
            one.go(path)
            open_all_details(one.page)
            look(path)
            if SHOTS:
                _shoot(one.page, path)
        assert look.wrong == []
        one.in_order()
        loaded = "[...document.images].every(one => one.complete && one.naturalWidth > 0)"
        one.go("/manage/")
        one.page.evaluate("for (const one of document.images) one.loading = 'eager'")
        one.page.wait_for_load_state("networkidle")
        assert one.page.evaluate(loaded)
        assert one.page.locator("main img").count() >= 4


def test_an_empty_clinic_fits_every_screen(published, live_server):
    session = published.client_of(published.gus).cookies["sessionid"].value
    with chromium() as browser:
        one = somebody(browser, live_server.url, "desk")
        one.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        one.go("/manage/")
        look = Look(one.page)
        look("/manage/")
        assert look.wrong == []


def _shoot(page, path):
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (320, 768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            page.evaluate("for (const one of document.images) one.loading = 'eager'")
            page.wait_for_load_state("networkidle")
            name = f"{path.strip('/').replace('/', '-')}-{width}-{scheme}.png"
            page.screenshot(path=Path(str(SHOTS)) / name, full_page=True)
