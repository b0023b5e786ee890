"""Token buckets: how often somebody may ask, and that nothing personal is kept for it."""

from datetime import timedelta

import pytest
from django.test import RequestFactory

from accord.service.access.buckets import Limit, forget_full_buckets, network_of, take_token
from accord.service.access.models import Bucket
from accord.service.errors import TooMany
from accord.service.now import now

pytestmark = [pytest.mark.django_db, pytest.mark.both]
LIMIT = Limit("test", size=3, refill=10)


def taken(moment, who="ana@example.org", limit=LIMIT):
    try:
        take_token(limit=limit, who=who, now=moment)
    except TooMany as error:
        return error.retry_after
    return 0


def test_so_many_at_once_then_one_by_one():
    start = now()
    assert [taken(start) for _ in range(5)] == [0, 0, 0, 10, 10]
    assert taken(start + timedelta(seconds=9)) == 1
    assert taken(start + timedelta(seconds=10)) == 0
    assert taken(start + timedelta(seconds=10)) == 10


def test_it_never_holds_more_than_its_size():
    start = now()
    assert [taken(start + timedelta(days=1)) for _ in range(4)] == [0, 0, 0, 10]


def test_a_clock_that_jumped_back_neither_gives_nor_takes():
    start = now()
    assert [taken(start), taken(start - timedelta(hours=2)), taken(start - timedelta(hours=2))] == [0, 0, 0]
    assert taken(start - timedelta(hours=2)) == 10


def test_one_does_not_use_up_anothers():
    start = now()
    assert [taken(start) for _ in range(4)][-1]
    assert taken(start, who="bo@example.org") == 0
    assert taken(start, limit=Limit("other", size=1, refill=1)) == 0


def test_the_address_itself_is_not_kept():
    taken(now())
    (bucket,) = Bucket.objects.all()
    assert "ana" not in bucket.key
    assert len(bucket.key) == 64


def test_buckets_that_are_full_again_are_forgotten():
    start = now()
    taken(start)
    assert forget_full_buckets(now=start + timedelta(hours=23)) == 0
    assert forget_full_buckets(now=start + timedelta(hours=25)) == 1


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_a_household_is_one_network(address, network):
    assert network_of(RequestFactory().get("/", REMOTE_ADDR=address)) == network
