"""The pages about versions of a course in Chromium: three widths, light and dark; axe finds nothing (P27)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accord.service.access.table import SERVICE
from accord.service.programmes import actions, queries
from pages.test_course_versions import course, newer
from pages.test_patient_looks import Look
from plugins.chromium import chromium, somebody

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["course", "newer"]  # fixtures


def looked_at(live_server, session, path):
    with chromium() as browser:
        one = somebody(browser, live_server.url, "desk")
        one.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        one.go(path)
        look = Look(one.page)
        look(path)
        return look.wrong


def test_versions_fit_every_screen(published, newer, live_server):
    bea, ana = (published.client_of(one).cookies["sessionid"].value for one in (published.bea, published.ana))
    page = reverse("therapist:version", args=[published.ana.pk])
    assert looked_at(live_server, bea, page) == []
    follows = queries.course_of(SERVICE, published.ana.pk)
    actions.move_course(course=follows, snapshot=newer, reason="Clearer.", by=SERVICE, now=published.now)
    assert looked_at(live_server, bea, page) == []
    assert looked_at(live_server, ana, "/my/lessons") == []
