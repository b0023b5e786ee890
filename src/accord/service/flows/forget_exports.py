"""Files of exports whose time is over are deleted; the rows stay, and say that they are gone."""

from __future__ import annotations

from datetime import datetime

from accord.service.access.table import SERVICE
from accord.service.studies import actions


def forget_exports(*, now: datetime) -> int:
    """How many exports are gone now. Running twice changes nothing."""
    return actions.forget_exports(by=SERVICE, now=now)
