"""Publish what changed in the content, and say who stays on what she began: nobody's protocol changes under her."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db import transaction

from accord.science.protocols import Protocol
from accord.service.access.table import Asker
from accord.service.episodes.queries.protocols import on_versions
from accord.service.library import queries as library
from accord.service.library.actions import publish_content


@dataclass(frozen=True, slots=True)
class Changed:
    """A protocol that has a new version: who stays on an earlier one, and what the new one does not ask any more."""

    protocol: str
    version: str
    stay: int
    no_longer_asked: tuple[str, ...]  # time-points of an earlier version that somebody is still in


@dataclass(frozen=True, slots=True)
class Published:
    """What was published: how many files, and the protocols among them."""

    files: int
    protocols: tuple[Changed, ...]


def publish_site(*, site: Path | None, by: Asker, now: datetime) -> Published:
    """All or nothing. Raises BadInput or BadContent with file and line, and then nothing is published.

    Who is in a protocol keeps the version she began with, its questions and its deadlines; new people get the new one.
    """
    with transaction.atomic(durable=True):
        made = publish_content(site=site, by=by, now=now)
        protocols = library.protocols_among(made)
        return Published(len(made), tuple(_changed(one) for one in protocols))


def _changed(snapshot: object) -> Changed:
    new: Protocol = library.protocol(snapshot)  # type: ignore[arg-type]
    people = {pk: count for pk, count in on_versions(new.slug).items() if pk != snapshot.pk}  # type: ignore[attr-defined]
    gone = {point for pk in people for point in library.protocol(pk).schedule if point not in new.schedule}
    return Changed(new.slug, str(new.version), sum(people.values()), tuple(sorted(gone)))
