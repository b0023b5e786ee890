"""`accord manage publish_content`: publish what changed in the content files."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accord.service.library.actions import publish_content
from accord.service.now import now


class Command(BaseCommand):
    help = "Publish what changed in the content files; nothing is published when something in them is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        published = publish_content(site=settings.SITE_FOLDER, now=now())
        for snapshot in published:
            self.stdout.write(
                f"{snapshot.kind} {snapshot.slug} {snapshot.language} {snapshot.version}".replace("  ", " ")
            )
        self.stdout.write(f"{len(published) or 'Nothing'} published.")
