"""What cannot be retrofitted: keys, encrypted fields, a class on every field, a guard on every page."""

import pytest
from django.apps import apps
from django.db import connection

from accord.service.fields.classes import CLASSES, Keep, classified, unclassified
from accord.service.fields.encrypted import Unreadable
from accord.service.now import now
from accord.service.people.models import Clinic, Person

OURS = [model for model in apps.get_models() if model.__module__.startswith("accord.")]


@pytest.mark.parametrize("model", OURS, ids=lambda m: m._meta.label)
def test_every_field_has_a_class(model):
    assert unclassified(model) == []


def test_a_field_without_a_class_is_found():
    kept = CLASSES["people.Person"]
    try:
        classified(keep=Keep.CARE, personal="name")(Person)
        assert "phone" in unclassified(Person)
    finally:
        CLASSES["people.Person"] = kept


@pytest.fixture
def person(db):
    clinic = Clinic.objects.create(name="North", country="GB", time_zone="Europe/London", opened_at=now())
    return Person.objects.create(clinic=clinic, name="Ana Canary", phone="0123", made_at=now())


def stored(person, column="name"):
    with connection.cursor() as cursor:
        key = person.pk.hex if connection.vendor == "sqlite" else str(person.pk)
        cursor.execute(f"select {column} from people_person where id = %s", [key])
        return cursor.fetchone()[0]


def test_a_name_is_not_readable_in_the_database(person):
    assert "Ana" not in stored(person)
    assert Person.objects.get(pk=person.pk).name == "Ana Canary"


def test_a_value_moved_to_another_row_does_not_open(person):
    other = Person.objects.create(clinic=person.clinic, name="Bo", made_at=now())
    with connection.cursor() as cursor:
        cursor.execute("update people_person set name = %s", [stored(person)])
    with pytest.raises(Unreadable):
        _ = Person.objects.get(pk=other.pk).name


def test_saving_again_keeps_an_unopened_value(person):
    again = Person.objects.get(pk=person.pk)
    again.phone = "999"
    again.save()
    assert Person.objects.get(pk=person.pk).name == "Ana Canary"
