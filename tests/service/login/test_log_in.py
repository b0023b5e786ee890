"""Who gets in and who does not: passwords, second factor of staff, closed accounts, idle sessions, guesses (P21)."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.auth import get_user_model

from accord.service.access.table import SERVICE, Role
from accord.service.gateways.login.entry import let_in, password_faults
from accord.service.people import actions
from plugins.world import PASSWORD

LOG_IN = "/accounts/login/"


def log_in(client, email, password=PASSWORD, **more):
    return client.post(LOG_IN, {"login": email, "password": password}, **more)


def logged_in(client):
    return "_auth_user_id" in client.session


def code_for(secret):
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


# ------------------------------------------------------------------------------------------------ getting in


def test_a_patient_logs_in_with_her_password(world, client):
    response = log_in(client, "zqanamail@example.org")
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert logged_in(client)


def test_the_case_and_spaces_of_an_address_do_not_matter(world, client):
    log_in(client, " ZqAnaMail@Example.org ")
    assert logged_in(client)


@pytest.mark.parametrize("password", ["", "wrong-wrong-wrong", PASSWORD.upper(), PASSWORD + " x", "\0" * 12])
def test_a_wrong_password_does_not(world, client, password):
    response = log_in(client, "zqanamail@example.org", password)
    assert response.status_code == 200
    assert not logged_in(client)


def test_logging_in_gives_a_new_session_key(world, client):
    client.get(LOG_IN)
    client.session["x"] = 1
    client.session.save()
    before = client.session.session_key
    log_in(client, "zqanamail@example.org")
    assert client.session.session_key != before


def test_after_logging_in_only_our_own_pages_follow(world, client):
    response = log_in(client, "zqanamail@example.org?next=x")
    assert response.status_code == 200
    response = client.post(f"{LOG_IN}?next=https://evil.example/", {
        "login": "zqanamail@example.org", "password": PASSWORD, "next": "https://evil.example/",
    })  # fmt: skip
    assert response.headers["Location"] == "/"


def test_a_forged_post_is_refused_and_says_so_in_words(world):
    from django.test import Client

    response = Client(enforce_csrf_checks=True).post(LOG_IN, {"login": "zqanamail@example.org", "password": PASSWORD})
    assert response.status_code == 403
    assert "Nothing was changed" in response.content.decode()


def test_logging_out_needs_a_post_and_clears_the_browser(world):
    client = world.client_of(world.ana)
    assert client.get("/accounts/logout/").status_code == 200
    assert logged_in(client)
    response = client.post("/accounts/logout/")
    assert response.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert not logged_in(client)


def test_somebody_is_let_in_by_a_link_and_not_when_her_account_is_closed(world, rf):
    from django.contrib.sessions.backends.db import SessionStore

    request = rf.post("/")
    request.session, request.user = SessionStore(), None
    let_in(request, world.ana.pk, how="link")
    assert request.session["_auth_user_id"] == str(world.ana.account.pk)
    actions.close_account(person=world.ana, by=SERVICE, now=world.now)
    with pytest.raises(LookupError):
        let_in(request, world.ana.pk, how="link")


@pytest.mark.parametrize(("password", "good"), [("short", False), ("password1234", False), (PASSWORD, True)])
def test_a_password_is_long_and_no_common_one(password, good):
    assert (password_faults(password) == []) is good


# ------------------------------------------------------------------------------------------------ second factor


@pytest.fixture
def carl(world):
    """Carl's account with a code app; the secret."""
    account = world.carl.account
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(account, secret)
    return account, secret


@pytest.mark.parametrize("name", ["bea", "dora", "eli", "fay", "gus"])
def test_staff_without_a_second_factor_reach_only_the_page_that_sets_one_up(world, client, name):
    log_in(client, f"zq{name}mail@example.org")
    for address in ("/clinic/", "/office/", "/my/"):
        response = client.get(address)
        assert (response.status_code, response.headers.get("Location")) in {(302, "/accounts/2fa/"), (404, None)}
    assert "a password alone is not enough" in client.get("/accounts/2fa/").content.decode()


def test_a_page_for_staff_stays_shut_until_the_second_factor_is_given(world, guarded_page):
    client = world.client_of(world.bea, strong=False)
    assert client.get(guarded_page).headers["Location"] == "/accounts/2fa/"
    TOTP.activate(world.bea.account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    assert client.get(guarded_page).headers["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
    assert world.client_of(world.bea).get(guarded_page).content == b"inside"
    assert world.client_of(world.ana).get(guarded_page).status_code == 404


def test_a_password_then_a_code_lets_staff_in(world, client, carl, guarded_page):
    account, secret = carl
    assert log_in(client, account.email).headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert not logged_in(client)
    wrong = "000000" if code_for(secret) != "000000" else "111111"
    client.post("/accounts/2fa/authenticate/", {"code": wrong})
    assert not logged_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert logged_in(client)
    assert client.get(guarded_page).content == b"inside"


def test_a_code_works_once(world, client, carl):
    account, secret = carl
    code = code_for(secret)
    log_in(client, account.email)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    client.post("/accounts/logout/")
    log_in(client, account.email)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert not logged_in(client)


def test_codes_are_not_guessed_by_trying(world, client, carl):
    account, secret = carl
    log_in(client, account.email)
    for number in range(11):
        client.post("/accounts/2fa/authenticate/", {"code": f"{number:06}"})
    page = client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert not logged_in(client)
    assert "Too many" in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_setting_up_the_code_app_counts_as_giving_the_code(world, client, guarded_page):
    log_in(client, "zqbeamail@example.org")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r'id="authenticator_secret">([A-Z2-7]+)<', page).group(1)
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    assert client.get(guarded_page).content == b"inside"


def test_the_secret_lies_encrypted_in_the_database(world, carl):
    stored = Authenticator.objects.get(user=carl[0], type="totp").data["secret"]
    assert carl[1] not in stored


def test_changing_the_second_factor_asks_for_the_password_again(world, guarded_page):
    client = world.client_of(world.bea)
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 3600
    session.save()
    response = client.post("/accounts/2fa/totp/deactivate/")
    assert response.headers["Location"].startswith("/accounts/reauthenticate/")
    assert Authenticator.objects.filter(user=world.bea.account).exists()
    assert client.get(guarded_page).content == b"inside"


def test_a_patient_needs_no_second_factor_but_may_have_one(world, client):
    log_in(client, "zqanamail@example.org")
    assert client.get("/accounts/2fa/").status_code == 200


# ------------------------------------------------------------------------------------------------ getting out


def test_a_closed_account_is_out_with_the_next_request(world, guarded_page):
    phone, desk = world.client_of(world.carl), world.client_of(world.carl)
    assert phone.get(guarded_page).content == b"inside"
    actions.close_account(person=world.carl, by=world.asker(world.gus), now=world.now)
    for client in (phone, desk):
        assert client.get(guarded_page).headers["Location"].startswith(LOG_IN)
    get_user_model().objects.filter(person=world.carl).update(is_active=True)
    assert phone.get(guarded_page).headers["Location"].startswith(LOG_IN)  # the session itself is dead


def test_a_role_that_ended_ends_with_the_next_request(world, guarded_page):
    client = world.client_of(world.carl)
    actions.end_role(person=world.carl, role=Role.THERAPIST, clinic=world.clinic, by=SERVICE, now=world.now)
    assert client.get(guarded_page).status_code == 404


def test_a_new_password_ends_every_other_session(world, guarded_page):
    phone, desk = world.client_of(world.carl), world.client_of(world.carl)
    new = "lantern-marmot-quiet-42"
    desk.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert phone.get(guarded_page).headers["Location"].startswith(LOG_IN)


@pytest.mark.parametrize(
    ("name", "minutes", "stays"), [("carl", 29, True), ("carl", 31, False), ("ana", 31, True), ("ana", 61, False)]
)
def test_a_screen_that_was_left_alone_is_logged_out(world, monkeypatch, name, minutes, stays):
    from accord.service.access import guard

    client = world.client_of(world.people[name])
    client.get("/accounts/sessions/")
    later = world.now + timedelta(minutes=minutes)
    monkeypatch.setattr(guard, "now", lambda: later)
    client.get("/accounts/sessions/")
    assert logged_in(client) is stays


def test_who_keeps_working_stays_in_and_reading_costs_no_write(world, monkeypatch, guarded_page):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accord.service.access import guard

    client = world.client_of(world.carl)
    for minutes in range(0, 90, 20):
        later = world.now + timedelta(minutes=minutes)
        monkeypatch.setattr(guard, "now", lambda later=later: later)
        assert client.get(guarded_page).content == b"inside"
    with CaptureQueriesContext(connection) as queries:
        client.get(guarded_page)
    assert not [query for query in queries if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


# ------------------------------------------------------------------------------------------------ guessing, telling


def test_strangers_guesses_lock_nobody_out(world, client):
    for _ in range(15):
        refused = log_in(client, "zqanamail@example.org", "wrong-wrong-wrong", REMOTE_ADDR="203.0.113.9")
    assert "Too many" in refused.content.decode()
    log_in(client, "zqanamail@example.org", REMOTE_ADDR="203.0.113.9")
    assert not logged_in(client)
    log_in(client, "zqanamail@example.org", REMOTE_ADDR="198.51.100.4")
    assert logged_in(client)


def test_one_network_cannot_try_many_addresses(world, client):
    for number in range(60):
        log_in(client, f"nobody{number}@example.org", "wrong-wrong-wrong", REMOTE_ADDR="203.0.113.9")
    page = log_in(client, "zqanamail@example.org", REMOTE_ADDR="203.0.113.9")
    assert "Too many" in page.content.decode() or page.status_code == 429


def same(page):
    """A page without what differs from one asking to the next: the token against forged posts, what was typed."""
    text = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page.content.decode())
    return (
        page.status_code,
        re.sub(r"[a-z0-9.]+@example\.org", "ADDRESS", text),
        sorted(page.headers),
        sorted(page.cookies),
    )


@pytest.mark.parametrize("state", ["open", "closed", "second factor"])
def test_a_wrong_password_tells_nothing_about_the_address(world, state):
    if state == "closed":
        actions.close_account(person=world.ana, by=SERVICE, now=world.now)
    if state == "second factor":
        TOTP.activate(world.ana.account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    known = log_in(world.client_of(None), "zqanamail@example.org", "wrong-wrong-wrong")
    unknown = log_in(world.client_of(None), "zqnone@example.org", "wrong-wrong-wrong")
    assert same(known) == same(unknown)


def test_asking_for_a_new_password_tells_nothing_about_the_address(world):
    answers = []
    for address in ("zqanamail@example.org", "zqnone@example.org"):
        client = world.client_of(None)
        first = client.post("/accounts/password/reset/", {"email": address})
        answers.append((same(first), first.headers["Location"], same(client.get(first.headers["Location"]))))
    assert answers[0] == answers[1]


def test_a_closed_account_is_told_nothing_even_with_the_old_password(world, client):
    actions.close_account(person=world.ana, by=SERVICE, now=world.now)
    page = log_in(client, "zqanamail@example.org")
    assert page.status_code == 200
    assert not logged_in(client)


def test_both_take_one_password_hash(world, monkeypatch):
    """What a stranger could measure: the costly step is taken once for a known, an unknown and a closed address."""
    from django.contrib.auth.hashers import MD5PasswordHasher

    actions.close_account(person=world.joy, by=SERVICE, now=world.now)
    counts = []
    encode = MD5PasswordHasher.encode
    for address in ("zqanamail@example.org", "zqnone@example.org", "zqjoymail@example.org"):
        calls = []
        monkeypatch.setattr(
            MD5PasswordHasher, "encode", lambda self, *a, calls=calls: calls.append(1) or encode(self, *a)
        )
        log_in(world.client_of(None), address, "wrong-wrong-wrong")
        counts.append(len(calls))
    assert counts == [1, 1, 1]


def test_nobody_opens_an_account_at_the_log_in_pages(world, client):
    client.post("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD})
    assert not get_user_model().objects.filter(email="new@example.org").exists()
    assert "Start on another page" in client.get("/accounts/signup/").content.decode()
