"""Long lists of keys: the same rows as when they are few, on both databases, and on PostgreSQL one value."""

import pytest
from django.db import connection

from accord.service.fields.keys import LONG, new_id
from accord.service.now import now
from accord.service.people.models import Clinic, Person

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def people():
    clinics = [Clinic.objects.create(name=name, country="GB", time_zone="UTC", opened_at=now()) for name in "AB"]
    return [Person.objects.create(clinic=clinics[n % 2], name=f"P{n}", made_at=now()) for n in range(6)]


def padded(rows, others):
    return {row.pk for row in rows} | {new_id() for _ in range(others)}


@pytest.mark.parametrize("others", [0, LONG - 4, LONG - 3, LONG, 3 * LONG])
def test_the_same_rows_whatever_the_length(people, others):
    keys = padded(people[:3], others)
    assert set(Person.objects.filter(pk__in=keys)) == set(people[:3])
    assert set(Person.objects.exclude(pk__in=keys)) == set(people[3:])


@pytest.mark.parametrize("others", [0, 3 * LONG])
def test_keys_of_another_table(people, others):
    keys = padded([people[0].clinic], others)
    assert set(Person.objects.filter(clinic__in=keys)) == set(people[::2])
    assert set(Person.objects.exclude(clinic__in=keys)) == set(people[1::2])
    assert set(Person.objects.filter(clinic__in=[people[0].clinic] * (LONG + 1))) == set(people[::2])
    assert set(Person.objects.filter(clinic__in=[str(key) for key in keys])) == set(people[::2])
    assert set(Person.objects.filter(clinic__in=Clinic.objects.filter(name="B"))) == set(people[1::2])


def test_nothing_is_among_nothing(people):
    assert not Person.objects.filter(pk__in=[]).exists()
    assert Person.objects.exclude(pk__in=[]).count() == len(people)
    assert set(Person.objects.filter(pk__in=[None, people[0].pk, *padded([], LONG)])) == {people[0]}


def test_a_long_list_is_one_value_where_the_database_takes_it():
    keys = padded([], 2 * LONG)
    for rows in (Person.objects.filter(pk__in=keys), Person.objects.filter(clinic__in=keys)):
        _sql, parameters = rows.order_by().query.get_compiler(connection=connection).as_sql()
        assert len(parameters) == (1 if connection.vendor == "postgresql" else 2 * LONG)
