"""Every page of the staff says when the clock stands still; no patient's page does, and none asks more than once."""

from datetime import timedelta

import pytest

from accord.service.outbox.actions import beat

pytestmark = pytest.mark.django_db
STOPPED = "has stood still for 10 minutes"


@pytest.fixture
def stopped(published):
    beat(name="clock", now=published.now - timedelta(minutes=10))
    return published


@pytest.mark.parametrize(("who", "address"), [("bea", "/clinic/"), ("fay", "/clinic/"), ("dora", "/office/")])
def test_staff_are_told_that_the_clock_stands_still(stopped, who, address):
    client = stopped.client_of(getattr(stopped, who))
    assert STOPPED in client.get(address, follow=True).content.decode()
    beat(name="clock", now=stopped.now)
    assert STOPPED not in client.get(address, follow=True).content.decode()


def test_patients_are_not_told(stopped):
    page = stopped.client_of(stopped.ana).get("/my/", follow=True)
    assert page.status_code == 200
    assert "stood still" not in page.content.decode()
