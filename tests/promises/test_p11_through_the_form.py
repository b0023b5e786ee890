"""P11 from outside: risk answers posted through the real form to a running server on PostgreSQL, while database, clock
and mail server are stopped at random. Every acknowledged answer has its alert, and each alert rises once its time has
passed; mail that could not leave leaves when the mail server is back.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress

import pytest

from plugins.mail_sink import Sink, mail_server
from plugins.patients import go_to_safety_check, new_patient, question_form
from plugins.promises import counted, size
from plugins.servers import ACCORD, Preloaded, served
from plugins.visitor import Form, Page, Visitor

pytestmark = pytest.mark.postgres
STANDING = """
import json
from django.apps import apps
answers = apps.get_model("assessments", "Answer").objects.filter(instrument="safety_check", item="item_1", value__gte=1)
alerts = apps.get_model("care", "Alert").objects.filter(track="risk")
risen = alerts.filter(steps__kind__in=("acknowledged", "escalated"))  # a higher row of an occasion stands for the lower
work = apps.get_model("outbox", "Work").objects.filter(kind__in=("alert-raised", "alert-escalated"), channel="email")
print(json.dumps({
    "answers": [str(key) for key in answers.values_list("key", flat=True)],
    "told": [str(a) for a in alerts.values_list("assessment_id", flat=True)],
    "asked": [str(a) for a in answers.values_list("assessment_id", flat=True)],
    "waiting": sorted(set(alerts.values_list("occasion", flat=True)) - set(risen.values_list("occasion", flat=True))),
    "mails": {state: work.filter(state=state).count() for state in ("waiting", "done", "dropped", "failed")},
}))
"""
MOODS = ("busy", "break off", "take and drop", "take and break off", "take")


def until(ask, seconds: float = 60):
    """Ask again with the same thing until the service answers, as a person would."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(OSError):
            page = ask()
            if page.status < 500:
                return page
        time.sleep(0.05)
    raise AssertionError("the service did not come back")


def clock(server: Preloaded) -> subprocess.Popen[bytes]:
    with (server.data / "clock.txt").open("ab") as log:
        return subprocess.Popen([ACCORD, "clock"], env=server.environment, stdout=log, stderr=log)


def at_the_question(server: Preloaded) -> tuple[Visitor, Form]:
    visitor, page = new_patient(server.url)
    return visitor, question_form(go_to_safety_check(visitor, page))


def send(visitor: Visitor, form: Form, answer: str) -> Page:
    return visitor.post(form, follow=False, answer=answer, act="next")


def test_answers_posted_while_database_clock_and_mail_are_stopped():
    chance, acknowledged, stops = random.Random(5), [], Counter(dict.fromkeys(("database", "clock", "mail"), 0))
    posts = size(12, 1_000)
    begun = time.monotonic()
    with mail_server() as sink, served("postgres", preloaded=True, ACCORD_EMAIL=sink.address) as (server, cluster):
        assert isinstance(server, Preloaded)
        assert cluster is not None
        invented = set(json.loads(server.ask(STANDING))["answers"])  # the demonstration's people answered before
        ticking = clock(server)
        for number in range(posts):
            visitor, form = at_the_question(server)
            fault = chance.choice(("database", "clock", "mail")) if number % size(2, 8) == 1 else ""
            if fault == "database":
                cluster.kill()
                cluster.start()
            elif fault == "clock":
                ticking.kill()
                ticking.wait()
            elif fault == "mail":
                sink.mood = chance.choice(MOODS)
            stops[fault] += 1
            value = str(chance.choice([1, 2, 3]))
            done = until(lambda v=visitor, f=form, a=value: send(v, f, a))
            assert done.status == 302, done.words[:300]
            assert "/my/" in done.headers["location"]
            acknowledged.append(form.values["key"][0])
            if ticking.poll() is not None:
                ticking = clock(server)
            if number % 50 == 49:
                print(f"{number + 1} of {posts}, {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
        standing = _a_week_later(server, sink)
        assert ticking.poll() is None, (server.data / "clock.txt").read_text()[-2000:]
        ticking.kill()
        ticking.wait()
    assert sorted(set(standing["answers"]) - invented) == sorted(acknowledged)
    assert len(standing["answers"]) == len(invented) + len(acknowledged)
    assert set(standing["asked"]) <= set(standing["told"])
    assert standing["waiting"] == []
    assert standing["mails"]["waiting"] == 0
    counted(
        "P11", "through the real form on postgres", seed=5, posted=len(acknowledged),
        **{f"stops_of_the_{name}": stops[name] for name in ("database", "clock", "mail")},
        alerts=len(standing["told"]), without_alert=0, neither_acknowledged_nor_risen=0, mails=standing["mails"],
        arrived=len(sink.mails), thrown_away_by_the_mail_server=sink.dropped,
    )  # fmt: skip


def _a_week_later(server: Preloaded, sink: Sink) -> dict:
    """Mail works again and a week passes: what stands once every alert has been acted on or risen."""
    sink.mood = "take"
    visitor = Visitor(server.url, timeout=600)  # a week is lived through hour by hour before the page comes
    page = until(lambda: visitor.get("/demo/"))
    visitor.post(page.form(to="/demo/time/"), step="1-week")
    standing: dict = {}
    end = time.monotonic() + size(180, 900)
    while time.monotonic() < end:
        standing = json.loads(server.ask(STANDING))
        if not standing["waiting"] and not standing["mails"]["waiting"]:
            break
        time.sleep(1)
    return standing
