"""P21 and E22: no page, mail or amount of work tells whether an address is known here."""

import re

import pytest
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accord.service.access.models import Bucket
from plugins.promises import counted, size

pytestmark = pytest.mark.both
KNOWN, UNKNOWN = "zqanamail@example.org", "zqnone{}@example.org"


@pytest.fixture(autouse=True)
def _nothing_counted():
    cache.clear()


def forms(world):
    """Every form that faces the public and takes an address: where it goes, what it holds."""
    clinic = str(world.clinic.pk)
    return {
        "log in": ("/accounts/login/", {"login": "ADDRESS", "password": "wrong-wrong-wrong"}),
        "new password": ("/accounts/password/reset/", {"email": "ADDRESS"}),
        "sign up": ("/begin", {"email": "ADDRESS", "clinic": clinic}),
        "refer": ("/refer", {"email": "ADDRESS", "clinic": clinic, "source": "general_practitioner", "name": "Zq"}),
    }


def sent(world, path, data, address):
    """What comes back, without what differs from one asking to the next."""
    cache.clear()
    Bucket.objects.all().delete()
    client = world.client_of(None)
    response = client.post(path, {name: value.replace("ADDRESS", address) for name, value in data.items()})
    follow = client.get(response.headers["Location"]) if response.status_code == 302 else response
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", follow.content.decode()).replace(address, "ADDRESS")
    return (
        response.status_code,
        response.headers.get("Location"),
        text,
        sorted(response.headers),
        sorted(client.cookies),
    )


@pytest.mark.parametrize("form", ["log in", "new password", "sign up", "refer"])
def test_the_same_bytes_come_back(published, form):
    path, data = forms(published)[form]
    pairs = size(10, 2500)
    different = 0
    expected = sent(published, path, data, KNOWN)
    assert expected[0] in (200, 302)
    for number in range(pairs):
        different += sent(published, path, data, UNKNOWN.format(number)) != expected
    counted("P21", form, pairs=pairs, different=different)
    assert different == 0


def work(queries):
    """What the database had to write, in which tables."""
    told = (re.match(r'(INSERT INTO|UPDATE|DELETE FROM) "(\w+)"', query["sql"]) for query in queries)
    return sorted(found.group(0) for found in told if found)


def work_for_both(world, path, data):
    done = []
    for address in (KNOWN, UNKNOWN.format("x")):
        mail.outbox.clear()
        with CaptureQueriesContext(connection) as queries:
            sent(world, path, data, address)
        done.append((work(queries), len(mail.outbox)))
    return done


@pytest.mark.parametrize("form", ["new password", "sign up", "refer"])
def test_the_same_work_is_done(published, form):
    path, data = forms(published)[form]
    if form == "new password":
        sent(published, path, data, KNOWN)  # allauth writes an address down when it first meets it, once per account
    known, unknown = work_for_both(published, path, data)
    assert known == unknown
    assert known[0]


def test_both_get_a_mail_in_neutral_words(published):
    path, data = forms(published)["new password"]
    for address in (KNOWN, UNKNOWN.format("x")):
        sent(published, path, data, address)
    known, unknown = mail.outbox
    assert known.subject == unknown.subject == "About your log-in"
    assert "/accounts/password/reset/key/" in known.body
    assert "There is no log-in with it" in unknown.body
    for message in (known, unknown):
        words = message.subject + message.body
        assert not [one for one in ("pain", "therap", "clinic", "patient", "Zq") if one in words]


def test_a_page_that_says_it_is_found(published, monkeypatch):
    from accord.service.errors import NotNow
    from accord.service.people.queries import account_with
    from accord.service.portals.public import views

    def tells(*, email, **_given):
        if account_with(email):
            raise NotNow("There is a log-in with this address.")

    monkeypatch.setattr(views, "sign_up_flow", tells)
    path, data = forms(published)["sign up"]
    assert sent(published, path, data, KNOWN) != sent(published, path, data, UNKNOWN.format("x"))


def test_work_that_is_done_only_for_strangers_is_found(published, monkeypatch):
    from accord.service.people.queries import account_with
    from accord.service.portals.public import views

    whole = views.sign_up_flow
    monkeypatch.setattr(
        views, "sign_up_flow", lambda *, email, **given: account_with(email) or whole(email=email, **given)
    )
    known, unknown = work_for_both(published, *forms(published)["sign up"])
    assert known != unknown
