"""What people read and answer: signed, reviewed, worded (C5, C6, C11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError

from accord.science.errors import AccordError
from accord.science.instruments import load_instrument
from accord.science.instruments.wording import wording_languages
from accord.science.programmes import load_programme
from accord.science.programmes.crisis import Crisis, crisis_countries, load_crisis
from accord.science.protocols.ladder import ladder_names, load_ladder
from accord.science.protocols.load import load_protocol
from accord.science.protocols.occasions import asked_at
from accord.service.episodes.queries.protocols import TAKES_IN, protocols_at
from accord.service.operation.doctor.finding import Severity, Unsafe
from accord.service.people.queries import clinics

SOON = timedelta(days=30)


def ladder(now: datetime) -> Iterator[Unsafe]:
    for name in ladder_names(site=settings.SITE_FOLDER):
        found = load_ladder(name, site=settings.SITE_FOLDER)
        if found.signed is None:
            cure = _cure(f"ladders/{name}.yaml", "signs it")
            yield Unsafe("ladder", f"The safety ladder {found.name} is a proposal that nobody has signed.", cure)


def crisis(now: datetime) -> Iterator[Unsafe]:
    """Without a signed page that is in date a clinic does not open; the clinic's own country is asked for."""
    today, site = now.date(), settings.SITE_FOLDER
    pages = [page for name in crisis_countries(site=site) if (page := load_crisis(name, site=site))]
    usable = [page for page in pages if page.usable(today)]
    if not usable:
        cure = "accord content copy crisis/<country>.yaml; a clinician of the site checks it there, and signs it."
        yield Unsafe("crisis", "No crisis page is signed and in date.", cure)
    ours = _countries()
    for page in pages:
        yield from _expiry(page, now, ours)
    for country in sorted(ours - {page.country for page in usable}):
        cure = _cure(f"crisis/{country.lower()}.yaml", "signs it")
        what = f"The clinic in {country} has no crisis page that is signed and in date."
        yield Unsafe("crisis-country", what, cure)


def _cure(name: str, then: str) -> str:
    """For what a clinician has not signed: it lies in the site's folder already, or is copied there first."""
    site = settings.SITE_FOLDER
    first = "" if site and (site / name).exists() else f"accord content copy {name}. "
    return f"{first}A clinician of the site reads {name} in the site's own folder, and {then}."


def _expiry(page: Crisis, now: datetime, ours: set[str]) -> Iterator[Unsafe]:
    cure = f"Check every number of crisis/{page.country.lower()}.yaml again, sign it, and give it a new date."
    if page.signed and page.expires <= now.date():
        severity = Severity.MEND if page.country in ours else Severity.NOTE
        yield Unsafe("crisis-expired", f"The crisis page of {page.name} ran out on {page.expires}.", cure, severity)
    elif page.signed and page.expires - now.date() <= SOON:
        yield Unsafe("crisis-soon", f"The crisis page of {page.name} runs out on {page.expires}.", cure, Severity.NOTE)


def _countries() -> set[str]:
    try:
        return {clinic.country for clinic in clinics()}
    except (AccordError, DatabaseError):
        return set()  # the database's own check says what is wrong with it


def protocols_in_force() -> list[str]:
    """The protocols that people are asked into here: by themselves, and of those who are in one now."""
    try:
        here = protocols_at([clinic.pk for clinic in clinics()])
    except (AccordError, DatabaseError):
        return [TAKES_IN]
    return sorted({TAKES_IN}.union(*here.values()))


def programmes(now: datetime) -> Iterator[Unsafe]:
    for name in sorted({one for protocol in protocols_in_force() for one in _programmes_of(protocol)}):
        found = load_programme(name, site=settings.SITE_FOLDER)
        if found.review.clinical.state != "reviewed":
            cure = _cure(f"programmes/{name}", "enters the review")
            yield Unsafe("programme", f"The programme {found.title} was never reviewed by a clinician.", cure)


def _programmes_of(protocol: str) -> set[str]:
    arms = load_protocol(protocol, site=settings.SITE_FOLDER).arms
    return {str(arm.programme) for arm in arms.values() if arm.programme}


def wording(now: datetime) -> Iterator[Unsafe]:
    """In production an assessment whose wording is missing does not open (C6)."""
    site = settings.SITE_FOLDER
    for name in protocols_in_force():
        asked = sorted({one for one in _instruments_of(name) if load_instrument(one, site=site).needs_wording})
        if missing := [one for one in asked if not wording_languages(one, site=site)]:
            cure = "accord instruments import-wording FILE, with the forms that the site is licensed for."
            what = f"{name} asks {len(missing)} instruments whose wording is not installed: {', '.join(missing)}."
            yield Unsafe("wording", what, cure)


def _instruments_of(name: str) -> set[str]:
    protocol = load_protocol(name, site=settings.SITE_FOLDER)
    asked = (asked_at(protocol, point) for point in protocol.schedule)
    return {one for lists in asked for who, names in lists.items() if who != "laboratory" for one in names}
