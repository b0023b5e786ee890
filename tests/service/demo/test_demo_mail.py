"""The mail page of the demonstration: what would have been sent, with links that work on any port."""

import pytest
from django.test import Client

from accord.service.demo.models import Demonstration
from accord.service.gateways.email.send import send
from accord.service.now import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def mails(settings, tmp_path):
    settings.ACCORD_EMAIL = f"file:{tmp_path}"
    Demonstration.objects.create(id=1, made_at=now())
    values = {"link": "http://localhost:8000/confirm/abc"}
    send(to="ana@example.org", subject="<b>Hello</b>", body="Open:\n\n{link}\n\nhttp://elsewhere.example/x",
         values=values, reference="1", now=now())  # fmt: skip


def test_a_mail_stands_on_the_page_with_a_link_of_ours(mails):
    page = Client().get("/demo/mail/").content.decode()
    assert 'href="/confirm/abc"' in page
    assert 'href="http://elsewhere' not in page
    assert "&lt;b&gt;Hello" in page
    assert "ana@example.org" in page


def test_without_the_mark_of_a_demonstration_there_is_no_such_page(mails):
    Demonstration.objects.all().delete()
    assert Client().get("/demo/mail/").status_code == 404


def test_nothing_sent_is_said(mails, settings, tmp_path):
    settings.ACCORD_EMAIL = f"file:{tmp_path / 'none'}"
    assert "Nothing has been sent yet" in Client().get("/demo/mail/").content.decode()
