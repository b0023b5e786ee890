"""Which protocols people of a clinic are in, or were."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db.models import Count

from accord.service.episodes.models import Episode, Referral
from accord.service.episodes.rules import ENDED

TAKES_IN = "routine-care"  # the protocol under which people come to any clinic


def protocols_at(clinic_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """clinic -> the protocols under which somebody was referred to it, and the one that people come by. Two queries."""
    found = {clinic: {TAKES_IN} for clinic in clinic_ids}
    for model in (Episode, Referral):
        rows = model.objects.filter(clinic__in=clinic_ids).order_by().values_list("clinic_id", "protocol").distinct()
        for clinic, protocol in rows:
            found[clinic].add(protocol)
    return found


def on_versions(protocol: str) -> dict[uuid.UUID, int]:
    """snapshot of a protocol -> how many people are in it now under that snapshot: those who have not ended."""
    going = Episode.objects.filter(protocol=protocol).exclude(state__in=[str(one) for one in ENDED])
    rows = going.order_by().values_list("snapshot_id")
    return dict(rows.annotate(count=Count("id")))
