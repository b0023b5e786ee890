"""What every answer tells the browser, and that production settings leave nothing open."""

import os
import re
import subprocess
import sys

import pytest

ADDRESSES = ["/accounts/login/", "/help", "/about", "/", "/nothing-here", "/accounts/2fa/", "/my/", "/static-not-there"]


@pytest.mark.parametrize("who", ["ana", "bea", None])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_is_kept_by_nobody_and_embedded_nowhere(world, address, who):
    headers = world.client_of(world.people[who] if who else None).get(address).headers
    assert headers["Cache-Control"] == "no-store, private"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "microphone=()" in headers["Permissions-Policy"]


def policy(response):
    pairs = (part.strip().partition(" ") for part in response.headers["Content-Security-Policy"].split(";"))
    return {name: value.split() for name, _space, value in pairs}


@pytest.mark.parametrize("address", ["/accounts/login/", "/help", "/nothing-here"])
def test_a_page_may_load_only_from_us_and_run_nothing_that_stands_in_it(world, address):
    rules = policy(world.client_of(None).get(address))
    assert rules["default-src"] == ["'none'"]
    assert rules["frame-ancestors"] == rules["base-uri"] == ["'none'"]
    everything = {source for sources in rules.values() for source in sources}
    assert everything == {"'none'", "'self'", "data:"}
    assert rules["img-src"] == ["'self'", "data:"]
    assert rules["script-src"] == rules["style-src"] == rules["form-action"] == rules["connect-src"] == ["'self'"]


@pytest.mark.parametrize("who", ["ana", "bea", None])
def test_the_pages_of_log_in_hold_no_style_or_script_of_their_own(world, who):
    client = world.client_of(world.people[who] if who else None)
    addresses = [
        "login/", "signup/", "password/reset/", "password/reset/done/", "password/reset/key/1-x/", "inactive/",
        "confirm-email/", "confirm-email/abc/", "logout/", "reauthenticate/", "email/", "password/change/",
        "password/set/", "2fa/", "2fa/totp/activate/", "2fa/totp/deactivate/", "2fa/webauthn/", "2fa/webauthn/add/",
        "2fa/recovery-codes/generate/", "2fa/reauthenticate/", "2fa/webauthn/reauthenticate/", "sessions/",
    ]  # fmt: skip
    for address in addresses:
        page = client.get(f"/accounts/{address}").content.decode()
        assert " style=" not in page, address
        assert "<style" not in page, address
        assert re.search(r" on[a-z]+=", page) is None, address
        for script in re.findall(r"<script([^>]*)>", page):
            assert 'src="/static/' in script or 'type="application/json"' in script, (address, script)


def django(folder, *command, module="django", **environment):
    given = {**os.environ, "ACCORD_DATA": str(folder), "DJANGO_SETTINGS_MODULE": "accord.service.config.settings"}
    given |= {"ACCORD_MODE": "production", "ACCORD_HOSTS": "clinic.example.org", "ACCORD_DATABASE": ""} | environment
    run = [sys.executable, "-W", "ignore", *(("-m", module) if module else ()), *command]
    return subprocess.run(run, env=given, capture_output=True, text=True, check=False, cwd=folder)


def test_check_deploy_finds_nothing_in_production(tmp_path):
    done = django(tmp_path, "check", "--deploy", "--fail-level", "WARNING")
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues (0 silenced)" in done.stdout


def test_check_deploy_would_find_something(tmp_path):
    """The same command over the settings of the demonstration, which are not for a public address."""
    done = django(tmp_path, "check", "--deploy", "--fail-level", "WARNING", ACCORD_MODE="demo")
    assert done.returncode == 1
    assert "security.W008" in done.stderr


def test_production_has_no_door_and_secure_cookies(tmp_path):
    names = "DEBUG STAFF_NEED_SECOND_FACTOR SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE"
    names += " SESSION_COOKIE_NAME CSRF_COOKIE_NAME"
    ask = f"""
from django.conf import settings
print(*(getattr(settings, name) for name in {names.split()!r}), settings.SILENCED_SYSTEM_CHECKS)
print([name for name in settings.INSTALLED_APPS if "demo" in name])
"""
    done = django(tmp_path, "-c", ask, module=None)
    assert done.stdout.splitlines() == ["False True True True __Host-accord __Host-csrf []", "[]"]
