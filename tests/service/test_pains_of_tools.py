"""Two pains of people who use such tools (U5, U12): fragile scores, and an app that must be installed first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps

from accord.science.instruments import load_instrument
from accord.science.protocols import load_protocol

SERVICE = Path(__file__).parents[2] / "src" / "accord" / "service"
PAGES = sorted((SERVICE / "portals").rglob("templates/**/*.html"))


def asked_for() -> list[str]:
    """Every questionnaire that somebody in routine care is asked."""
    protocol = load_protocol("routine-care")
    asked = [name for point in protocol.schedule.values() for name in point.patient]
    return sorted({*asked, *protocol.always.patient})


@pytest.mark.parametrize("name", asked_for())
def test_u5_a_score_rests_on_item_ids_a_rule_for_gaps_and_a_version(name):
    instrument = load_instrument(name)
    ids = {item.id for item in instrument.items}
    assert instrument.version
    for scale in instrument.scales.values():
        assert set(scale.items) <= ids
        assert scale.missing.kind, scale.ref
    assert instrument.examples  # which are its tests


def test_u5_a_stored_score_says_with_which_version_and_words_it_was_made():
    fields = {field.name for field in apps.get_model("assessments", "Score")._meta.get_fields()}
    assert {"instrument", "scale", "version", "wording", "value", "valid", "answered", "of"} <= fields


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_u12_a_browser_is_enough_and_scripts_only_add(page):
    """No store, nothing to install; every form has its own button, and nothing hangs on a script."""
    html = page.read_text(encoding="utf-8")
    assert not re.search(r"play\.google|apps\.apple|itunes|serviceWorker|beforeinstallprompt", html)
    written = re.sub(r"\{%.*?%\}", "", html)  # what a browser gets; `{% include … with one=… %}` is no handler
    assert not re.search(r"\son\w+=|href=\"javascript:", written)
    for form in re.findall(r"<form\b.*?</form>", html, flags=re.DOTALL):
        assert "<button" in form or "{% include" in form, form[:200]
        assert 'method="post"' not in form or "{% csrf_token %}" in form, form[:200]
