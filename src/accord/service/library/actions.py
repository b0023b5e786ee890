"""Publishing content: every file that changed becomes a snapshot, all or nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from django.db import transaction

from accord.service.access.table import ANYBODY, Asker
from accord.service.audit.actions import record
from accord.service.library.models import Current, Snapshot
from accord.service.library.rules import Source, check_sources, sources


def publish_content(*, site: Path | None = None, by: Asker = ANYBODY, now: datetime) -> list[Snapshot]:
    """Publish what differs from what stands published; the rest is left alone, so that a second start is quick.

    Raises BadInput or BadContent with file and line, and then nothing is published. A text that returns to an earlier
    wording gets that earlier snapshot again: `Current` says what stands.
    """
    given = list(sources(site=site))
    standing = {(row.kind, row.slug, row.language): row.snapshot.sha256 for row in _standing()}
    changed = [source for source in given if standing.get(source.key) != source.sha256]
    if not changed:
        return []
    check_sources(changed, site=site)
    with transaction.atomic():
        snapshots = [_publish(source, by, now) for source in changed]
        names = {f"{s.kind}:{s.slug}{f':{s.language}' if s.language else ''}": s.sha256 for s in snapshots}
        record(stream="system", action="publish", resource="content", resource_id=f"{len(snapshots)} files",
               by=by.person_id, role=by.main_role(), now=now, facts={"sha256": names})  # fmt: skip
    return snapshots


def _standing() -> list[Current]:
    return list(Current.objects.select_related("snapshot").defer("snapshot__source"))


def _publish(source: Source, by: Asker, now: datetime) -> Snapshot:
    names = {"kind": source.kind, "slug": source.slug, "language": source.language}
    more = {"version": source.version, "source": source.text, "review": source.review, "published_at": now,
            "published_by": by.person_id}  # fmt: skip
    snapshot, _ = Snapshot.objects.get_or_create(**names, sha256=source.sha256, defaults=more)
    stands = {"snapshot": snapshot, "since": now}
    Current.objects.update_or_create(kind=source.kind, slug=source.slug, language=source.language, defaults=stands)
    return snapshot
