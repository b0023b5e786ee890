"""A moment comes back from the database as it went in: to the microsecond, in UTC, whatever the zone and the year."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as DjangoTestCase

from accord.service.people.models import Clinic

pytestmark = pytest.mark.both
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


@pytest.mark.django_db
class TestMoments(DjangoTestCase):
    @given(st.datetimes(min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 28), timezones=ZONES))  # noqa: DTZ001
    def test_what_went_in_comes_back(self, moment):
        made = Clinic.objects.create(name="A", country="GB", time_zone="UTC", opened_at=moment)
        found = Clinic.objects.values_list("opened_at", flat=True).get(pk=made.pk)
        assert found == moment
        assert found.utcoffset() == timedelta()
        assert Clinic.objects.filter(pk=made.pk, opened_at=moment).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("session", ["UTC", "Asia/Kolkata", "America/St_Johns"])
@pytest.mark.parametrize("moment", [datetime(2026, 3, 29, 1, 30, 0, 1, UTC), datetime(1890, 1, 1, tzinfo=UTC)])
def test_whatever_zone_the_database_speaks_in(session, moment):
    made = Clinic.objects.create(name="A", country="GB", time_zone="UTC", opened_at=moment)
    if connection.vendor == "postgresql":  # the other has no zone of its own
        with connection.cursor() as cursor:
            cursor.execute(f"SET TIME ZONE '{session}'")
    found = Clinic.objects.values_list("opened_at", flat=True).get(pk=made.pk)
    assert (found, found.utcoffset()) == (moment, timedelta())
