"""Every list of every portal has rows in the demonstration, and every stop of the tour opens for its visitor."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.test import Client

from accord.service.access.table import SERVICE
from accord.service.care.queries import open_alerts
from accord.service.clock.worker import work_waiting
from accord.service.demo.seed import open_clinic
from accord.service.demo.tour import TOUR
from accord.service.demo.visitors import VISITORS
from accord.service.library.actions import publish_content
from accord.service.now import now
from plugins.standing import out_of_step

# (visitor, page, what a row of it matches)
LISTS = [
    ("in-the-course", "/my/lessons", r"<li\b|<article\b"),
    ("in-a-group", "/my/group", r"<li\b|<tr\b"),
    ("therapist", "/clinic/?show=all", r"<tbody>\s*<tr"),
    ("therapist", "/clinic/groups/", r"/clinic/groups/[0-9a-f-]{36}"),
    ("facilitator", "/clinic/groups/", r"/clinic/groups/[0-9a-f-]{36}"),
    ("duty-clinician", "/clinic/", r"<tbody>\s*<tr"),
    ("supervisor", "/clinic/?show=all", r"<tbody>\s*<tr"),
    ("coordinator", "/office/", r"/acknowledge/"),
    ("coordinator", "/office/?show=all", r"<tbody>\s*<tr"),
    ("coordinator", "/office/waiting/", r"<tbody>\s*<tr"),
    ("coordinator", "/office/groups/", r"<tbody>\s*<tr"),
    ("coordinator", "/office/start-and-stay/", r"<tbody>\s*<tr"),
    ("coordinator", "/office/complaints/", r"<tbody>\s*<tr"),
    ("coordinator", "/office/staff/", r"<tbody>\s*<tr"),
    ("coordinator", "/office/certificates/", r"<tbody>\s*<tr"),
    ("coordinator", "/office/loops/", r"<tbody>\s*<tr"),
    ("manager", "/manage/", r"<data value="),
    ("manager", "/manage/definitions/", r"<tbody>\s*<tr"),
    ("researcher", "/research/", r"<tbody>\s*<tr|<li\b"),
    ("researcher", "/research/exports/", r"<tbody>\s*<tr"),
    ("operator", "/operate/", r"<li\b"),
]


@pytest.fixture
def opened(db, settings, tmp_path, monkeypatch):
    """The whole clinic with a part of its past (in which every tier was met); what was asked for is made."""
    settings.DEMO_PAST = 200
    settings.STAFF_NEED_SECOND_FACTOR = False  # as in a demonstration
    settings.DATA_FOLDER = tmp_path
    publish_content(now=now())
    open_clinic()
    while work_waiting(now=now()):
        pass


def visit(key: str, **data) -> Client:
    client = Client()
    answer = client.post(f"/demo/enter/{key}/", data)
    assert answer.status_code == 302, key
    client.landed = answer["Location"]
    return client


def main(answer) -> str:
    return answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]


def test_every_list_has_rows_every_tier_somebody_and_every_stop_of_the_tour_opens(opened):
    assert out_of_step() == []
    bare = []
    for key, page, row in LISTS:
        answer = visit(key).get(page)
        if answer.status_code != 200 or not re.search(row, main(answer)):
            bare.append((key, page, answer.status_code))
    assert bare == []

    closed = []
    for walk in TOUR:
        for number, stop in enumerate(walk.stops, start=1):
            client = visit(walk.visitor, stop=str(number))
            answer = client.get(client.landed)
            if answer.status_code != 200:
                closed.append((walk.visitor, str(stop.title), answer.status_code))
    assert closed == []
    assert {walk.visitor for walk in TOUR} <= set(VISITORS)

    standing = {one.alert.tier for one in open_alerts(SERVICE, now())}
    ever = set(apps.get_model("care", "Alert")._default_manager.values_list("tier", flat=True))
    assert standing >= {"r1", "r2", "r3", "unknown", "d2", "i1", "safe"}
    assert ever >= {"d1", "i2"} | standing
