"""Words that therapists make personal before they send them, and mails that tell nothing to who reads along (C41)."""

from __future__ import annotations

import re

import pytest

from accord.science.definitions import content_files
from accord.science.programmes import load_programme, programme_ids
from accord.science.programmes.markdown import plain_paragraphs
from accord.science.programmes.reading_age import readability
from accord.science.programmes.texts import text_names

TEXTS = {name: path.read_text(encoding="utf-8") for name, path in content_files("texts/en", "*.md").items()}
TEMPLATES = [name for name in text_names() if name.startswith("template-")]
TO_PATIENTS = [
    "mail-assessment-due", "mail-lesson-open", "mail-lesson-waiting", "mail-message-of-the-week", "mail-flare-over",
    "mail-message-waiting", "mail-plan-changed", "mail-confirm-referral", "mail-sign-up-known",
    "mail-way-back-in", "mail-answer-waits",
]  # fmt: skip
HEALTH = (
    r"pain|flare|health|clinic|doctor|therap|treat|patient|medic|symptom|mood|sleep|questionnaire|assess|lesson|course"
    r"|programme|session|diary|fibromyalgia|week|month|follow"
)


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_must_be_made_personal(name):
    gaps = re.findall(r"\[\[(.+?)\]\]", TEXTS[name])
    assert gaps[0] == "name"
    assert gaps[-1] == "your name"
    assert len(set(gaps)) >= 5
    assert "[[" not in re.sub(r"\[\[[^\[\]]+\]\]", "", TEXTS[name])


def test_there_is_a_template_for_each_moment():
    moments = [name.removeprefix("template-") for name in TEMPLATES]
    assert moments == [
        "after-a-call", "after-a-lesson", "before-the-end", "feels-worse", "flare", "follow-up", "gone-quiet",
        "goodbye", "harder-week", "missed-session", "not-started", "welcome",
    ]  # fmt: skip


@pytest.mark.parametrize("name", TO_PATIENTS)
def test_c41_a_mail_tells_nothing_to_who_reads_along(name):
    assert not re.search(HEALTH, TEXTS[name], re.IGNORECASE)
    for programme in programme_ids():
        assert load_programme(programme).title.lower() not in TEXTS[name].lower()
    assert TEXTS[name].count("{link}") == 1


@pytest.mark.parametrize("name", ["flare", "follow-up-thanks", "leaving", "energy-version-why", *TEMPLATES])
def test_a_text_reads_at_about_twelve_or_easier(name):
    told = readability(plain_paragraphs(TEXTS[name].splitlines()))
    assert told.words < 100 or told.age < 12


def test_c7_the_short_version_says_what_waits_and_what_does_not():
    assert "Lessons wait for you. We will still ask how you are" in TEXTS["flare"]
    assert "after two days" in TEXTS["flare"]
    assert "(page:red-flags)" in TEXTS["flare"]
