"""Moments as people say them: in the reader's own zone, with weekday and clock time."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import dateformat

register = template.Library()


@register.filter
def when(moment: datetime | None, zone: ZoneInfo) -> str:
    """`Wednesday 15 April, 17:00`; empty for no moment."""
    return dateformat.format(moment.astimezone(zone), "l j F, H:i") if moment else ""


@register.filter
def day(moment: datetime | None, zone: ZoneInfo) -> str:
    """`Wednesday 15 April`."""
    return dateformat.format(moment.astimezone(zone), "l j F") if moment else ""


@register.filter
def clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """`17:00`."""
    return dateformat.format(moment.astimezone(zone), "H:i") if moment else ""
