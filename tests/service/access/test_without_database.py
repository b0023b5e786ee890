"""When the database does not answer: pages for everybody are shown, the others say so in words, nobody is let in."""

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from accord.service.access import guard
from accord.service.access.guard import TimeMiddleware, open_page, page
from accord.service.access.table import ANYBODY, Action, Resource
from accord.service.gateways.login.middleware import AskerMiddleware


class Gone:
    """A log-in whose session cannot be read."""

    @property
    def is_authenticated(self):
        raise OperationalError("no database")


def ask(view, monkeypatch):
    def fails():
        raise OperationalError("no database")

    monkeypatch.setattr(guard, "now", fails)
    request = RequestFactory().get("/help")
    request.user = Gone()
    middleware = AskerMiddleware(lambda request: middleware.process_view(request, view, (), {}) or view(request))
    response = TimeMiddleware(middleware)(request)
    assert request.asker == ANYBODY
    assert request.now.tzinfo
    return response


def test_a_page_for_everybody_is_shown(monkeypatch):
    assert ask(open_page(lambda request: HttpResponse("call 112")), monkeypatch).content == b"call 112"


@pytest.mark.parametrize("resource", [Resource.ALERT, Resource.PERSON])
def test_every_other_page_says_so(monkeypatch, resource):
    response = ask(page(resource, Action.VIEW)(lambda request: HttpResponse("inside")), monkeypatch)
    assert response.status_code == 503
    assert "sending twice does no harm" in " ".join(response.content.decode().split())
