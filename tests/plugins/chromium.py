"""A real Chromium, a phone's screen or a desk's, and what every page must be: usable by everybody, quiet, its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

SCREENS = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "desk": {"viewport": {"width": 1280, "height": 900}},
    "narrow": {"viewport": {"width": 320, "height": 700}},
}  # fmt: skip
# Without a display, as root, and without Chromium's own calls home.
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
         "--disable-component-update", "--disable-dev-shm-usage", "--disable-quic"]  # fmt: skip


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise RuntimeError("Chromium is not here. Debian: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, headless=True, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Somebody:
    """One person at one screen, with the complaints that her browser had."""

    context: BrowserContext
    page: Page
    base: str
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def go(self, path: str) -> Page:
        self.page.goto(f"{self.base}{path}")
        return self.page

    def press(self, words: str, *, seconds: float | None = None) -> None:
        """A button or a link, by what it says; `seconds` for what is known to take longer than a page."""
        button = self.page.get_by_role("button", name=words).or_(self.page.get_by_role("link", name=words))
        button.first.click(timeout=seconds and seconds * 1000)
        self.page.wait_for_load_state()

    @property
    def heading(self) -> str:
        return self.page.locator("h1").first.inner_text()

    @property
    def words(self) -> str:
        return " ".join(self.page.locator("body").inner_text().split())

    def in_order(self) -> None:
        """Axe finds nothing, nothing runs out of the screen sideways, the browser is content, nobody else was asked."""
        self.page.wait_for_load_state("networkidle")  # a click may have left for another page that is not there yet
        found = Axe().run(self.page).response["violations"]
        told = [(one["id"], one["nodes"][0]["html"][:200]) for one in found]
        assert told == [], f"axe on {self.heading!r}: {told}"
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.heading!r} runs {wide} px out of the screen"
        assert self.complaints == [], self.complaints
        assert self.foreign == [], self.foreign


def somebody(browser: Browser, base: str, screen: str, **more: object) -> Somebody:
    """A fresh browser: nobody is logged in."""
    context = browser.new_context(**{"service_workers": "block", **SCREENS[screen], **more})
    page = context.new_page()
    page.set_default_timeout(30_000)
    one = Somebody(context, page, base)
    host = urlsplit(base).netloc
    page.on("console", lambda said: one.complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: one.complaints.append(str(error)))
    page.on("request", lambda asked: one.foreign.append(asked.url) if urlsplit(asked.url).netloc != host else None)
    return one
