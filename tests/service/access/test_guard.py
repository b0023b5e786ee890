"""Default deny (P6): what names no guard does not answer; what names one answers only whom the table lets in."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver

from accord.service.access.guard import GuardMiddleware, open_page, page, viewed
from accord.service.access.models import Read
from accord.service.access.table import ANYBODY, SERVICE, TABLE, Action, Asker, Resource, Role, Scope, scope_of
from accord.service.config import urls as root
from accord.service.fields.keys import new_id

CLINIC = new_id()
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def asker(*roles):
    return Asker(new_id(), frozenset((role, CLINIC) for role in roles))


def answer(view, who, path="/x/"):
    request = RequestFactory().get(path)
    request.asker, request.now = who, NOON
    return view(request)


@page(Resource.ALERT, Action.VIEW)
def alert_page(request):
    return HttpResponse("seen")


def every_view(patterns=None, names=()):
    """(url name, view) of every address of the service."""
    for entry in get_resolver(root).url_patterns if patterns is None else patterns:
        if isinstance(entry, URLResolver):
            yield from every_view(entry.url_patterns, (*names, entry.namespace) if entry.namespace else names)
        elif isinstance(entry, URLPattern):
            yield ":".join((*names, entry.name or "")), entry.callback


def test_every_address_names_its_guard():
    without = [
        name
        for name, view in every_view()
        if not hasattr(view, "guards")
        and not (":" not in name and name.startswith(("account_", "mfa_", "usersessions_")))
    ]
    assert without == []
    assert len(list(every_view())) > 20


def test_every_page_asks_for_what_was_agreed():
    """A new page, or another guard on an old one, is written down in pages.txt too: nobody opens one unseen."""
    lines = (Path(__file__).parent / "pages.txt").read_text().splitlines()
    agreed = {name: guards for name, *guards in (line.split() for line in lines if line and line[0] != "#")}
    named = {name: [str(part) for part in view.guards] for name, view in every_view() if hasattr(view, "guards")}
    assert named == agreed


@pytest.mark.parametrize("role", list(Role))
def test_a_page_opens_for_the_roles_of_the_table(role):
    if TABLE.get((role, Resource.ALERT, Action.VIEW), Scope.NONE) is Scope.NONE:
        with pytest.raises(Http404):
            answer(alert_page, asker(role))
    else:
        assert answer(alert_page, asker(role)).content == b"seen"


def test_nobody_is_sent_to_log_in_and_no_request_is_ever_the_service_itself():
    assert answer(alert_page, ANYBODY, "/x/").headers["Location"] == "/accounts/login/?next=/x/"
    with pytest.raises(Http404):
        answer(alert_page, SERVICE)


def test_a_view_without_a_guard_is_refused_even_to_a_supervisor(client, settings):
    request = RequestFactory().get("/")
    request.resolver_match = type("Match", (), {"url_name": "plain", "namespace": "x"})()
    request.asker = asker(Role.SUPERVISOR)
    middleware = GuardMiddleware(lambda request: HttpResponse())
    with pytest.raises(Http404):
        middleware.process_view(request, lambda request: HttpResponse("open"), (), {})
    assert middleware.process_view(request, open_page(lambda request: HttpResponse()), (), {}) is None


@pytest.mark.parametrize(("name", "namespace", "let_through"), [
    ("account_login", "", True), ("mfa_index", "", True), ("account_login", "therapist", False), ("x", "", False),
    (None, "", False),
])  # fmt: skip
def test_only_the_log_in_pages_guard_themselves(name, namespace, let_through):
    request = RequestFactory().get("/")
    request.resolver_match = type("Match", (), {"url_name": name, "namespace": namespace})()
    middleware = GuardMiddleware(lambda request: HttpResponse())
    if let_through:
        assert middleware.process_view(request, lambda request: None, (), {}) is None
    else:
        with pytest.raises(Http404):
            middleware.process_view(request, lambda request: None, (), {})


def test_with_several_roles_the_widest_scope_counts():
    assert scope_of(asker(Role.THERAPIST, Role.SUPERVISOR), Resource.ALERT, Action.VIEW) is Scope.CLINIC
    assert scope_of(asker(Role.PATIENT, Role.THERAPIST), Resource.PERSON, Action.VIEW) is Scope.TREATED


def test_the_table_gives_nothing_to_roles_that_the_service_does_not_serve_yet():
    served = {role for role, _resource, _action in TABLE}
    assert served == {
        Role.APPLICANT, Role.PATIENT, Role.THERAPIST, Role.FACILITATOR, Role.SUPERVISOR, Role.DUTY_CLINICIAN,
        Role.COORDINATOR, Role.MANAGER, Role.RESEARCHER, Role.STATISTICIAN, Role.DATA_MANAGER,
        Role.TECHNICAL_SUPPORT, Role.OPERATOR,
    }  # fmt: skip


@pytest.mark.django_db
def test_opening_somebody_elses_record_is_written_down_and_ones_own_is_not():
    request = RequestFactory().get("/")
    request.asker, request.now, request.resolver_match = asker(Role.THERAPIST), NOON, None
    patient = new_id()
    viewed(request, patient)
    viewed(request, request.asker.person_id)
    (read,) = Read.objects.all()
    assert (read.by, read.person_id, read.role) == (request.asker.person_id, patient, "therapist")
