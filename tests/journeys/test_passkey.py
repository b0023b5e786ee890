"""A passkey, from setting it up to getting in with it, in a real browser at localhost (E25)."""

import re

import pytest

from plugins.world import PASSWORD, build_world

pytestmark = [pytest.mark.browser, pytest.mark.both, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _a_loop_in_the_thread(monkeypatch):
    """Playwright runs a loop in the thread of the test; no other test shall inherit that."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture
def visitor(live_server):
    """A browser with an authenticator of its own (a finger that is always there), and the address of the clinic."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(args=["--no-sandbox"], **_installed())
        page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
            "isUserVerified": True, "automaticPresenceSimulation": True,
        }  # fmt: skip
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        faults = []
        page.on("console", lambda message: faults.append(message.text) if _is_fault(message) else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.faults = faults
        page.clinic = live_server.url.replace("127.0.0.1", "localhost")
        yield page
        browser.close()


def _is_fault(message):
    return message.type == "error" and not message.location.get("url", "").endswith("/favicon.ico")


def _installed():
    from pathlib import Path

    return {"executable_path": "/usr/bin/chromium"} if Path("/usr/bin/chromium").exists() else {}


def log_in_with_password(page, email):
    page.goto(f"{page.clinic}/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in", exact=True).click()


def set_up_a_passkey(page):
    page.goto(f"{page.clinic}/accounts/2fa/webauthn/add/")
    if page.get_by_role("heading", name="Show that it is you").count():
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("this phone")
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(re.compile("recovery-codes"))


def log_in_with_the_passkey(page):
    page.context.clear_cookies()
    page.goto(f"{page.clinic}/accounts/login/")
    page.get_by_role("button", name="Log in with a passkey").click()
    page.wait_for_url(lambda address: "/accounts/login" not in address)


def test_a_therapist_sets_up_a_passkey_and_then_needs_nothing_else(visitor):
    # given a therapist who has only a password
    build_world()
    log_in_with_password(visitor, "zqbeamail@example.org")
    # when she goes to her page, she is asked for a second step, and sets up a passkey
    visitor.goto(f"{visitor.clinic}/clinic/")
    assert visitor.get_by_role("heading", level=1).inner_text() == "Second step at log-in"
    set_up_a_passkey(visitor)
    # then ten recovery codes are shown, she is through, and nothing was refused by the browser
    assert visitor.locator("code").count() == 10
    assert visitor.goto(f"{visitor.clinic}/clinic/").status == 200
    # and the next time the passkey alone lets her in, second step included
    log_in_with_the_passkey(visitor)
    assert visitor.goto(f"{visitor.clinic}/clinic/").status == 200
    assert "/clinic/" in visitor.url
    assert visitor.faults == []


def test_a_patient_uses_a_passkey_instead_of_her_password(visitor):
    # given a patient with a passkey
    build_world()
    log_in_with_password(visitor, "zqanamail@example.org")
    set_up_a_passkey(visitor)
    # when she comes back without typing anything, then she is at home
    log_in_with_the_passkey(visitor)
    visitor.goto(f"{visitor.clinic}/accounts/sessions/")
    assert visitor.get_by_role("heading", level=1).inner_text()
    assert "/accounts/login" not in visitor.url


@pytest.mark.parametrize(("scheme", "width"), [("light", 320), ("dark", 1280)])
def test_the_pages_of_log_in_are_for_everybody(visitor, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    build_world()
    visitor.emulate_media(color_scheme=scheme)
    visitor.set_viewport_size({"width": width, "height": 800})
    found = {}

    def look(address):
        visitor.goto(f"{visitor.clinic}/accounts/{address}")
        for one in Axe().run(visitor).response["violations"]:
            found[(address, one["id"])] = one["nodes"][0]["html"]
        if visitor.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found[(address, width)] = "wider than the screen"

    for address in ("login/", "signup/", "password/reset/", "password/reset/done/", "password/reset/key/1-x/"):
        look(address)
    log_in_with_password(visitor, "zqanamail@example.org")
    set_up_a_passkey(visitor)
    for address in (
        "2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/", "2fa/recovery-codes/", "sessions/",
        "email/", "password/change/", "logout/", "2fa/recovery-codes/generate/",
    ):  # fmt: skip
        look(address)
    assert not found, "\n".join(f"{place}: {what}" for place, what in found.items())
