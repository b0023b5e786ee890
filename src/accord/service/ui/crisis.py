"""Whom to call, ready to be shown. It needs no database: the numbers are files, read once (C5, P24)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from accord.science.programmes import Crisis, crisis_countries, load_crisis


def numbers_of(country: str) -> Crisis | None:
    """The numbers of one country, or None where nobody has checked any."""
    return _numbers(country.lower(), settings.SITE_FOLDER) if country.isalpha() else None


def all_numbers(first: str = "") -> list[Crisis]:
    """The numbers of every country at hand, that of `first` (ISO 3166) before the others."""
    found = [crisis for country in _countries(settings.SITE_FOLDER) if (crisis := numbers_of(country))]
    return sorted(found, key=lambda crisis: (crisis.country != first.upper(), crisis.name))


@lru_cache(maxsize=256)
def _numbers(country: str, site: Path | None) -> Crisis | None:
    return load_crisis(country, site=site)


@lru_cache(maxsize=4)
def _countries(site: Path | None) -> tuple[str, ...]:
    return tuple(crisis_countries(site=site))
