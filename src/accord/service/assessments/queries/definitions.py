"""What is asked: instruments, their wordings, the questions in their order, how long they take."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from accord.science.instruments import Instrument, load_instrument
from accord.science.instruments.wording import WordingPack, load_wording
from accord.science.programmes import Question, load_questions
from accord.science.protocols.burden import SECONDS_AN_ITEM, SECONDS_ON_A_BAD_DAY, Count, counter
from accord.service.assessments.models import Assessment
from accord.service.assessments.rules.occasions import PATIENT
from accord.service.assessments.rules.questions import (
    OFFICIAL,
    OWN,
    QUESTIONS,
    TOPICS,
    Held,
    Key,
    Slot,
    lay_out,
    next_open,
)

DEMO = "demo:"


@lru_cache(maxsize=1)
def _counter(site: Path | None) -> Count:
    return counter(site)


def count(name: str) -> tuple[int, float, float]:
    """Items and seconds of an instrument, or of a single question; read once."""
    return (1, SECONDS_AN_ITEM, SECONDS_ON_A_BAD_DAY) if name.startswith(f"{QUESTIONS}:") else _counter(site())(name)


def asked_of_her(names: Iterable[str]) -> list[str]:
    """Those of some instruments that a patient answers herself (what a protocol keeps on record may be others')."""
    return [name for name in names if PATIENT in instrument(name).informants]


def slots(assessment: Assessment) -> tuple[Slot, ...]:
    """The questions of an assessment, laid out."""
    return _laid_out(tuple(assessment.instruments), settings.SITE_FOLDER)


def next_slot(assessment: Assessment, answered: dict[Key, Held]) -> Slot | None:
    """The question that she would see next; None when all were asked."""
    return next_open(slots(assessment), answered)


@lru_cache(maxsize=256)
def _laid_out(asked: tuple[str, ...], site: Path | None) -> tuple[Slot, ...]:
    return lay_out(asked, lambda name: _instrument(name, site), lambda: _questions_of(site))


def instrument(name: str) -> Instrument:
    """An instrument, the site's own content first; read once by a running service."""
    return _instrument(name, settings.SITE_FOLDER)


@lru_cache(maxsize=256)
def _instrument(name: str, site: Path | None) -> Instrument:
    return load_instrument(name, site=site)


def wording(name: str, language: str) -> WordingPack | None:
    """The official words of an instrument, where this site has them."""
    return load_wording(name, language=language, site=settings.SITE_FOLDER)


@lru_cache(maxsize=4)
def _questions_of(site: Path | None) -> dict[str, Question]:
    return load_questions(site=site)


def site() -> Path | None:
    """The site's own content folder."""
    return settings.SITE_FOLDER


def wordings_for(names: list[str], language: str) -> dict[str, str]:
    """Per instrument what will be shown: "own", "pack <language> <version>", or "topics only" (C6)."""
    found = {}
    for name in names:
        if name.startswith(f"{QUESTIONS}:") or instrument(name).own:
            found[name] = OWN
        else:
            pack = wording(name, language)
            found[name] = f"{OFFICIAL}{pack.language} {pack.version}" if pack else TOPICS
    return found
