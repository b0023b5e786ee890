"""Token buckets: how often somebody may ask (E22). For log-in, sign-up, referrals, every form that faces the public.

A bucket holds `size` tokens and gains one each `refill` seconds. What is limited (an address, a network) is stored as
its keyed hash only. Never a lock: who waits long enough gets in again, and nobody else's attempts use up the bucket of
a person who is already logged in.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accord.service.access.models import Bucket
from accord.service.errors import TooMany
from accord.service.fields.encrypted import blind


@dataclass(frozen=True, slots=True)
class Limit:
    """A bucket's shape: `size` at once, one more each `refill` seconds."""

    purpose: str
    size: int
    refill: float

    def filled(self, tokens: float, elapsed: float) -> float:
        """Tokens after `elapsed` seconds; a clock that went back adds none and takes none."""
        return min(float(self.size), tokens + max(0.0, elapsed) / self.refill)


SIGN_UP = Limit("sign-up", size=10, refill=360)  # per network
REFERRAL = Limit("referral", size=20, refill=180)  # per network
MAIL = Limit("mail", size=5, refill=720)  # per address: nobody's mail box is flooded through us
LOG_IN_NETWORK = Limit("log-in-network", size=60, refill=10)
LOG_IN_ADDRESS = Limit("log-in-address", size=10, refill=60)  # per address and network: no one locks another out
FORM = Limit("form", size=120, refill=1)  # any other post, per network


def take_token(*, limit: Limit, who: str, now: datetime) -> None:
    """Take one token of `who` (an address, a network). Raises TooMany with the seconds to wait."""
    key = blind(who, f"bucket|{limit.purpose}")
    with transaction.atomic():
        Bucket.objects.get_or_create(key=key, defaults={"tokens": float(limit.size), "updated_at": now})
        bucket = Bucket.objects.select_for_update().get(key=key)
        tokens = limit.filled(bucket.tokens, (now - bucket.updated_at).total_seconds())
        wait = 0 if tokens >= 1 else math.ceil((1 - tokens) * limit.refill)
        Bucket.objects.filter(key=key).update(tokens=tokens - 1 if not wait else tokens, updated_at=now)
    if wait:
        raise too_many(wait)


def too_many(wait: int) -> TooMany:
    minutes = math.ceil(wait / 60)
    cure = ngettext("Please try again in %(minutes)s minute.", "Please try again in %(minutes)s minutes.", minutes)
    return TooMany(
        _("That was asked very often just now, so we wait a little before we answer again."),
        cure=cure % {"minutes": minutes}, retry_after=wait,
    )  # fmt: skip


def network_of(request: HttpRequest) -> str:
    """Where a request comes from, as the network that one household or clinic shares: /32 of IPv4, /64 of IPv6."""
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return "unknown"
    return str(address) if address.version == 4 else str(ip_network(f"{address}/64", strict=False).network_address)


def forget_full_buckets(*, now: datetime) -> int:
    """Delete buckets that nobody touched for a day: they are full again. The clock calls this."""
    count, _by_model = Bucket.objects.filter(updated_at__lt=now - timedelta(days=1)).delete()
    return count
