"""P1: the web process, and PostgreSQL whole, are killed while patients answer; no acknowledged answer is ever lost.

An answer is acknowledged when the whole redirect to the next page has arrived. What was not acknowledged is sent again
with the same key, as a browser does. Afterwards every acknowledged answer must be there, once.
"""

from __future__ import annotations

import json
import random
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import pytest

from plugins.patients import go_to_safety_check, new_patient, question_form
from plugins.postgres import Postgres
from plugins.promises import counted, size
from plugins.servers import Preloaded, served
from plugins.visitor import Form, Page, Visitor

ROWS = """
import json
from django.apps import apps
answers = apps.get_model("assessments", "Answer").objects.all()
audited = apps.get_model("audit", "Entry").objects.filter(action="save_answer").count()
print(json.dumps({"rows": [[str(k), v] for k, v in answers.values_list("key", "value")], "audited": audited}))
"""
CLIENTS = 3


@dataclass
class Log:
    """What was acknowledged: key -> answer; and how often something went wrong on the way."""

    acknowledged: dict[str, int] = field(default_factory=dict)
    broken: int = 0
    trouble: list[str] = field(default_factory=list)


def answer_for_ever(visitor: Visitor, url: str, log: Log, stop: threading.Event) -> None:
    """Change one's mind about one question again and again: each time a new row."""
    value = 0
    while not stop.is_set():
        page = _until(lambda: visitor.get(url), log, stop)
        if page is None:
            return
        form, value = question_form(page), 1 - value
        key, sent = form.values["key"][0], (value, form)
        done = _until(lambda sent=sent: _post(visitor, *sent), log, stop)
        if done is not None and done.status in (302, 303):
            log.acknowledged[key] = value
        elif done is not None:
            log.trouble.append(f"{done.status} {done.words[:200]}")


def _post(visitor: Visitor, value: int, form: Form) -> Page:
    return visitor.post(form, follow=False, answer=str(value), act="next")


def _until(ask, log: Log, stop: threading.Event) -> Page | None:
    """Ask until there is an answer that is no failure of the server; the same thing with the same key."""
    while not stop.is_set():
        with suppress(OSError):
            page = ask()
            if page.status < 500:
                return page
        log.broken += 1
        time.sleep(0.03)
    return None


def kill_and_count(server: Preloaded, cluster: Postgres | None, kills: int, seed: int) -> tuple[Log, dict[str, int]]:
    """Kill at random moments, every fourth time the database where there is one; what was acknowledged, and counts."""
    chance, log, stop = random.Random(seed), Log(), threading.Event()
    threads = []
    for _ in range(CLIENTS):
        visitor, page = new_patient(server.url, timeout=10)
        url = go_to_safety_check(visitor, page).url
        threads.append(threading.Thread(target=answer_for_ever, args=(visitor, url, log, stop), daemon=True))
    for thread in threads:
        thread.start()
    counts = {"kills of the web process": 0, "kills of the database": 0}
    for number in range(1, kills + 1):
        _wait_for_more(log, chance.randint(1, 3))
        time.sleep(chance.uniform(0, 0.03))
        if cluster is not None and number % 4 == 0:
            cluster.kill()
            cluster.start()
            counts["kills of the database"] += 1
        else:
            server.kill()
            counts["kills of the web process"] += 1
    _wait_for_more(log, CLIENTS)
    stop.set()
    for thread in threads:
        thread.join(30)
    return log, counts


def _wait_for_more(log: Log, more: int) -> None:
    """Until so many further answers are acknowledged: every kill meets a service that works."""
    wanted, end = len(log.acknowledged) + more, time.monotonic() + 60
    while len(log.acknowledged) < wanted:
        assert time.monotonic() < end, f"no answer was acknowledged for a minute: {log.trouble[-3:]}"
        time.sleep(0.005)


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_no_acknowledged_answer_is_lost(kind):
    with served(kind, preloaded=True) as (server, cluster):
        assert isinstance(server, Preloaded)
        log, counts = kill_and_count(server, cluster, size(12, 200), seed=3)
        held = json.loads(server.ask(ROWS))
    assert log.trouble == []
    rows = dict(held["rows"])
    assert len(rows) == len(held["rows"]), "a key is there twice"
    assert {key: rows.get(key) for key in log.acknowledged} == log.acknowledged
    assert held["audited"] == len(held["rows"])
    counted("P1", f"kills on {kind}", seed=3, **counts, broken_requests=log.broken,
            acknowledged=len(log.acknowledged), lost=0)  # fmt: skip


def test_the_harness_finds_a_service_that_says_saved_too_early():
    with served("sqlite", preloaded=True, plant="acknowledge_before_storing") as (server, cluster):
        assert isinstance(server, Preloaded)
        log, _ = kill_and_count(server, cluster, 12, seed=3)
        time.sleep(1)
        rows = dict(json.loads(server.ask(ROWS))["rows"])
    lost = [key for key in log.acknowledged if key not in rows]
    assert lost
    counted("P1", "planted fault: saved is said before the commit", found=True, lost=len(lost))
