"""The only clock (E13). Everything else is told the time as an argument `now`.

In a database that is marked as a demonstration, time can be moved forward: the marker's row carries the offset.
"""

from datetime import UTC, datetime, timedelta

from django.apps import apps


def now() -> datetime:
    """The present moment, in UTC; in a demonstration, moved by the offset of its marker."""
    return datetime.now(UTC) + _offset()  # noqa: TID251 - this is the clock


def without_database() -> datetime:
    """The machine's own time, for a request that is answered while the database does not answer."""
    return datetime.now(UTC)  # noqa: TID251 - this is the clock


def _offset() -> timedelta:
    if not apps.is_installed("accord.service.demo"):
        return timedelta()
    marker = apps.get_model("demo", "Demonstration").objects.values_list("offset_seconds", flat=True).first()
    return timedelta(seconds=marker or 0)
