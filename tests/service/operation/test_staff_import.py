"""`accord staff import`: every fault at once by line and column, nothing half done, and the same list twice is once."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.db import connection

from accord.science.errors import BadContent, BadInput
from accord.service.access.table import SERVICE, Role
from accord.service.audit.models import Entry
from accord.service.flows.check_message import Message, Unwanted, check_message
from accord.service.flows.import_staff import import_staff
from accord.service.operation.staff_file import read_staff
from accord.service.outbox.models import Work
from accord.service.people import queries
from accord.service.people.models import Account, Certificate, Person, RoleHeld
from accord.service.people.queries.fitness import fitness_of
from plugins.world import build_world

GOOD = """name,email,roles,clinic,phone,places,certificates
Nia Okafor,nia@clinic.example,therapist; duty-clinician,Zqnorth clinic,+44 1,12,risk-duty@2026-01-15/2099-01-15
"Müller, Jörg",JOERG@clinic.example,Manager,Zqnorth clinic,,,
Sana,sana@clinic.example,operator,zqsouth CLINIC,,,protocol:routine-care@2026-02-01
"""
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db):
    return build_world()


def read(tmp_path, text, world):
    file = tmp_path / "staff.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_staff(file, today=world.now.date())


def counted():
    return {model.__name__: model.objects.count() for model in (Person, Account, RoleHeld, Certificate, Work, Entry)}


@pytest.mark.both
def test_a_list_is_brought_in_once(tmp_path, world):
    colleagues = read(tmp_path, "\ufeff" + GOOD.replace("\n", "\r\n"), world)
    before = counted()
    dry = import_staff(colleagues=colleagues, by=SERVICE, now=world.now, dry_run=True)
    assert (dry.added, dry.roles) == (3, 4)
    assert counted() == before, "a dry run leaves nothing"
    done = import_staff(colleagues=colleagues, by=SERVICE, now=world.now)
    assert (done.added, done.changed, done.unchanged, done.roles) == (3, 0, 0, 4)
    nia = queries.account_with("nia@clinic.example").person
    assert nia.name == "Nia Okafor"
    assert queries.roles_of(nia.pk) == {Role.THERAPIST, Role.DUTY_CLINICIAN}
    assert fitness_of(nia.pk, world.clinic.pk)[1] == 12
    assert queries.account_with("joerg@clinic.example").person.name == "Müller, Jörg"
    assert queries.account_with("sana@clinic.example").person.clinic == world.elsewhere
    assert Entry.objects.filter(stream=f"person:{nia.pk}", action="give_role").count() == 2
    after = counted()
    again = import_staff(colleagues=read(tmp_path, GOOD, world), by=SERVICE, now=world.now)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 3)
    assert counted() == after


def test_more_on_a_later_list_is_added_and_nothing_taken_away(tmp_path, world):
    import_staff(colleagues=read(tmp_path, GOOD, world), by=SERVICE, now=world.now)
    more = "name,email,roles,clinic\nNia Okafor,nia@clinic.example,supervisor,Zqnorth clinic\n"
    done = import_staff(colleagues=read(tmp_path, more, world), by=SERVICE, now=world.now)
    assert (done.added, done.changed, done.roles) == (0, 1, 1)
    nia = queries.account_with("nia@clinic.example").person
    assert queries.roles_of(nia.pk) == {Role.THERAPIST, Role.DUTY_CLINICIAN, Role.SUPERVISOR}


def test_each_is_invited_until_she_has_a_password(tmp_path, world):
    import_staff(colleagues=read(tmp_path, GOOD, world), by=SERVICE, now=world.now)
    work = Work.objects.filter(kind="staff-invited").order_by("id").first()
    said = check_message(work=work, now=world.now)
    assert isinstance(said, Message)
    assert (said.address, said.page) == ("nia@clinic.example", "account_reset_password")
    account = Account.objects.get(email="nia@clinic.example")
    account.set_password("a-password-of-her-own")
    account.save()
    assert isinstance(check_message(work=work, now=world.now), Unwanted)


def test_the_way_to_a_password_works(tmp_path, world, client, mailoutbox):
    import_staff(colleagues=read(tmp_path, GOOD, world), by=SERVICE, now=world.now)
    client.post("/accounts/password/reset/", {"email": "nia@clinic.example"})
    (mail,) = mailoutbox
    assert mail.to == ["nia@clinic.example"]
    assert "/accounts/password/reset/key/" in mail.body


FAULTS = f"""name,email,roles,clinic,phone,places,certificates
,a@clinic.example,therapist,Zqnorth clinic,,,
B,no address,therapist,Zqnorth clinic,,,
C,c@clinic.example,,Zqnorth clinic,,,
D,d@clinic.example,surgeon;therapist,Zqnorth clinic,,,
E,e@clinic.example,patient,Zqnorth clinic,,,
F,f@clinic.example,therapist,Nowhere,,,
G,g@clinic.example,therapist,Zqnorth clinic,,many,
H,h@clinic.example,therapist,Zqnorth clinic,,,risk-duty
I,i@clinic.example,therapist,Zqnorth clinic,,,risk-duty@2099-01-01
J,j@clinic.example,therapist,Zqnorth clinic,,,surgery@2026-01-01
K,k@clinic.example,therapist,Zqnorth clinic,,,
K,k@clinic.example,therapist,Zqnorth clinic,,,
L,zqanamail@example.org,therapist,Zqnorth clinic,,,
M,zqbeamail@example.org,therapist,Zqnorth clinic,,,
{"N" * 200},n@clinic.example,therapist,,,201,
"""


@pytest.mark.both
def test_every_fault_at_once_by_line_and_column(tmp_path, world):
    before = counted()
    with pytest.raises(BadContent) as error:
        read(tmp_path, FAULTS, world)
    found = [(one.where.line, one.where.column) for one in error.value.findings]
    assert found == [
        (2, "name"), (3, "email"), (4, "roles"), (5, "roles"), (6, "roles"), (7, "clinic"), (8, "places"),
        (9, "certificates"), (10, "certificates"), (11, "certificates"), (13, "email"), (14, "email"), (15, "name"),
        (16, "clinic"), (16, "places"), (16, "name"),
    ]  # fmt: skip
    assert all(one.cure and one.what for one in error.value.findings)
    assert counted() == before


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "name is missing"),
        ("name,email\n", "roles is missing"),
        ("name,email,roles,salary\n", "no column 'salary'"),
        ("name,email,roles,email\n", "twice"),
        ("name,email,roles\n\n", "nobody"),
        ('name,email,roles\n"a,b,c\n', "cannot be read"),
        (b"name,email,roles\n\xff\xfe,a,b\n", "UTF-8"),
        (b"name,email,roles\na\0,b,c\n", "zero byte"),
        ("name,email,roles\n" + "a,b,c\n" * 2001, "2,001 lines"),
        (b"n" * 1_000_001, "longer"),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_what_is_no_list_of_colleagues(tmp_path, world, text, words):
    with pytest.raises(BadInput, match=words):
        read(tmp_path, text, world)


def test_cells_that_are_too_many(tmp_path, world):
    with pytest.raises(BadContent) as error:
        read(tmp_path, "name,email,roles\na,b,c,d\nA,a@b.example,therapist\nx,y\n", world)
    assert [one.where.line for one in error.value.findings] == [2, 4]


def test_a_list_from_standard_input(tmp_path, world, monkeypatch):
    class Given:
        buffer = io.BytesIO(GOOD.encode())

    monkeypatch.setattr("sys.stdin", Given)
    assert read_staff(Path("-"), today=world.now.date()) == read(tmp_path, GOOD, world)
    Given.buffer = io.BytesIO(b"name,email,roles\nA,,therapist\n")
    with pytest.raises(BadContent, match="standard input, line 2"):
        read_staff(Path("-"), today=world.now.date())


@pytest.mark.both
def test_when_one_is_refused_none_is_brought_in(tmp_path, world, monkeypatch):
    from accord.service.flows import import_staff as flow

    colleagues, before, real = read(tmp_path, GOOD, world), counted(), flow._fitness

    def refuse(one, *rest):
        if one.name == "Sana":
            raise RuntimeError("the disk is full")
        return real(one, *rest)

    monkeypatch.setattr(flow, "_fitness", refuse)
    with pytest.raises(RuntimeError):
        import_staff(colleagues=colleagues, by=SERVICE, now=world.now)
    assert counted() == before
    assert not connection.in_atomic_block
