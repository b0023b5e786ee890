"""Everybody's pages: the same answer for every address, links that are used once, help when nothing else works."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accord.service.episodes import queries as episodes
from accord.service.episodes.models import Referral
from accord.service.outbox.models import Work
from accord.service.people.models import Account, Person

PASSWORD = "a-quiet-heron-at-dawn"


@pytest.fixture
def client(db):
    return Client()


@pytest.mark.parametrize("name", ["front", "sign_up", "refer", "sent", "referred", "about", "help"])
def test_everybody_may_open_them(published, client, name):
    page = client.get(reverse(f"public:{name}"))
    assert page.status_code == 200
    assert "/help" in page.content.decode()


def _without_tokens(page):
    return re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"', b"", page.content)


def test_a_known_and_an_unknown_address_get_the_same_answer_e22(published, client):
    chosen = {"clinic": str(published.clinic.pk)}
    answers = [
        client.post(reverse("public:sign_up"), {"email": email} | chosen, follow=True)
        for email in (published.ana.email, "zqnobody@example.org")
    ]
    assert _without_tokens(answers[0]) == _without_tokens(answers[1])
    assert answers[0].redirect_chain == answers[1].redirect_chain
    kinds = set(Work.objects.values_list("kind", flat=True))
    assert {"sign-up-known", "confirm-referral"} <= kinds


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 300 + "@example.org", "a\0b@example.org", "<a@b.org>"])
def test_what_is_no_address_is_said_and_kept_on_the_page(published, client, email):
    page = client.post(reverse("public:sign_up"), {"email": email, "clinic": str(published.clinic.pk)})
    assert page.status_code == 400
    assert 'aria-invalid="true"' in page.content.decode()
    assert not Referral.objects.exists()


def test_asking_very_often_is_slowed_down_in_words(published, client):
    chosen = {"email": "zqmany@example.org", "clinic": str(published.clinic.pk)}
    pages = [client.post(reverse("public:sign_up"), chosen) for _ in range(8)]
    assert pages[-1].status_code == 429
    assert "Please try again" in pages[-1].content.decode()
    assert int(pages[-1]["Retry-After"]) > 0


@pytest.fixture
def token(published, client):
    client.post(reverse("public:sign_up"), {"email": "zqnew@example.org", "clinic": str(published.clinic.pk)})
    return episodes.confirm_token(Referral.objects.latest("made_at").pk)


def test_opening_the_link_changes_nothing_until_a_password_is_chosen(token, client):
    url = reverse("public:confirm", args=[token])
    assert client.get(url).status_code == 200
    assert client.get(url)["Referrer-Policy"] == "no-referrer"
    assert not Account.objects.filter(email="zqnew@example.org").exists()
    for weak in ("", "short", "password1234", "a" * 11, "long-enough-\0-here"):
        assert client.post(url, {"password": weak}).status_code == 400
    assert client.post(url, {"password": PASSWORD}).url == reverse("patient:today")
    assert client.get(reverse("patient:today")).status_code == 200  # she is in
    assert Client().get(url).status_code == 409
    assert Client().post(url, {"password": PASSWORD}).status_code == 409
    assert Account.objects.filter(email="zqnew@example.org").count() == 1


@pytest.mark.parametrize("token", ["x", "AAAA" * 16, "%00", "é", "a" * 3000])
def test_an_unknown_link_is_refused_in_words(published, client, token):
    page = client.get(reverse("public:confirm", args=[token]))
    assert page.status_code == 404
    assert "not one of ours" in page.content.decode()


def test_a_referral_is_kept_for_the_person_to_confirm(published, client):
    given = {"email": "zqsent@example.org", "name": "Zqsent", "phone": "01", "note": "Zqnote", "source": "pain_clinic"}
    sent = client.post(reverse("public:refer"), given | {"clinic": str(published.clinic.pk)})
    assert sent.url == reverse("public:referred")
    referral = Referral.objects.get()
    assert (referral.source, referral.note, referral.confirmed_at) == ("pain_clinic", "Zqnote", None)
    assert client.post(reverse("public:refer"), given | {"source": "nonsense"}).status_code == 400
    assert client.post(reverse("public:refer"), given | {"note": "x" * 5000}).status_code == 400


def test_a_logged_in_person_goes_on_to_her_own_pages(published):
    for who, page in (("ana", "patient:today"), ("bea", "therapist:caseload"), ("dora", "coordinator:referrals")):
        assert published.client_of(published.people[who]).get("/").url == reverse(page)


def test_the_help_page_needs_no_database_p24():
    """Not marked `django_db`: any query of the page, of its middleware or of the session would fail the test."""
    client = Client()
    client.cookies["sessionid"] = "x" * 32
    page = client.get("/help", headers={"accept-language": "en-GB,en;q=0.8"})
    words = page.content.decode()
    assert page.status_code == 200
    for number in ("112", "911", "999", "000", "116 123", "988"):
        assert number in words
    assert words.index("United Kingdom</summary>") < words.index("Australia</summary>")
    assert page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"


def test_the_help_page_shows_no_number_that_nobody_checked_c5():
    from accord.service.ui.crisis import all_numbers, numbers_of

    assert numbers_of("ZZ") is None
    assert numbers_of("../gb") is None
    listed = {line.number for crisis in all_numbers() for line in crisis.lines if line.number}
    page = Client().get("/help").content.decode()
    shown = {number.strip() for number in re.findall(r'<a href="tel:[^"]*">([^<]*)</a>', page)}
    general = {"112", "911", "999", "000", "111"}
    assert shown <= listed | general | {crisis.emergency.number for crisis in all_numbers()}


@pytest.mark.django_db
def test_a_database_that_does_not_answer_is_said_as_it_is(published, monkeypatch):
    from django.db import OperationalError

    def locked(**_given):
        raise OperationalError("database is locked")

    monkeypatch.setattr("accord.service.portals.public.views.sign_up_flow", locked)
    chosen = {"email": "zqnew@example.org", "clinic": str(published.clinic.pk)}
    page = Client(raise_request_exception=False).post(reverse("public:sign_up"), chosen)
    assert page.status_code == 503
    assert "was not saved" in page.content.decode()
    assert "locked" not in page.content.decode()
    assert connection.in_atomic_block  # the test's own; the page's work was undone


@pytest.mark.django_db
def test_signing_up_leaves_nothing_readable_in_the_outbox(published, client):
    client.post(reverse("public:sign_up"), {"email": "zqnew@example.org", "clinic": str(published.clinic.pk)})
    rows = [str(value) for row in Work.objects.values_list() for value in row]
    assert not [value for value in rows if "zqnew" in value]
    assert Person.objects.latest("made_at").email == "zqnew@example.org"


def test_a_database_that_stopped_before_the_page_is_said_as_it_is(published, monkeypatch):
    from django.db import OperationalError

    from accord.service.gateways.login import middleware

    def gone(*_given, **_more):
        raise OperationalError("server closed the connection")

    client = Client(raise_request_exception=False)
    client.force_login(
        Account.objects.get(person=published.ana), backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    monkeypatch.setattr(middleware, "asker_of", gone)
    page = client.get(reverse("patient:today"))
    assert page.status_code == 503
    assert "cannot read or save" in page.content.decode()
    assert client.get("/help").status_code == 200


def test_a_post_beyond_every_limit_names_the_limit(published, client):
    page = client.post(reverse("public:refer"), {"note": "x" * 3_000_000})
    assert page.status_code == 413
    assert "1024 kB" in page.content.decode()
    assert client.post(reverse("public:refer"), {f"f{n}": "1" for n in range(600)}).status_code == 413
