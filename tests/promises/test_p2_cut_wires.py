"""P2: a submission is cut after every byte of its request and of its answer, then sent again: one row each time.

In CI every 29th byte, under `make promises` every byte; on SQLite and on PostgreSQL; and with a planted fault, which
the same harness must find.
"""

from __future__ import annotations

import json
import socket
import uuid
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import pytest

from plugins.cutting import Cut, Relay
from plugins.patients import go_to_safety_check, new_patient, question_form
from plugins.promises import counted, size
from plugins.servers import Server, served
from plugins.visitor import Visitor

ROWS = """
import json
from django.apps import apps
answers = apps.get_model("assessments", "Answer").objects.filter(assessment="{assessment}", item="{item}")
print(json.dumps([[str(key), value] for key, value in answers.values_list("key", "value")]))
"""


@dataclass
class Wire:
    """One patient's submissions of one question, as bytes on a wire."""

    server: Server
    visitor: Visitor
    url: str
    form: dict[str, list[str]]
    sent: dict[str, int]  # key -> answer

    def request(self, key: str, value: int, revision: int) -> bytes:
        fields = {**self.form, "key": key, "revision": revision, "answer": value, "act": "next"}
        body = urlencode(fields, doseq=True).encode()
        head = {"Host": urlsplit(self.server.url).netloc, "Connection": "close", **self.visitor.headers(body)}
        head["Content-Length"] = str(len(body))
        lines = [f"POST {urlsplit(self.url).path} HTTP/1.1", *(f"{name}: {text}" for name, text in head.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body


def send(port: int, request: bytes) -> bytes:
    """What came back before the wire broke."""
    answer = b""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=20) as wire:
            wire.sendall(request)
            while chunk := wire.recv(65536):
                answer += chunk
    except OSError:
        pass
    return answer


def cut_everywhere(server: Server, step: int, relay: Relay) -> tuple[Wire, dict[str, int]]:
    """Cut and retry at every `step`-th byte of request and answer; what was sent, and counts."""
    visitor, page = new_patient(server.url)
    page = go_to_safety_check(visitor, page)
    form = question_form(page).values
    wire = Wire(server, visitor, page.url, form, {})
    whole = send(server.port, wire.request(_key(wire, 0), 0, 0))
    assert whole.startswith(b"HTTP/1.1 302"), whole[:300]
    length = len(wire.request(str(uuid.uuid4()), 1, 1))
    cuts = [Cut("request", at) for at in range(0, length, step)] + [
        Cut("answer", at) for at in range(0, len(whole), step)
    ]
    stored_before_retry = 0
    for number, cut in enumerate(cuts, start=1):
        value = number % 2
        request = wire.request(_key(wire, value), value, number)
        relay.cut = cut
        got = send(relay.port, request)
        assert len(got) < len(whole) - 1, "the wire was not cut"
        again = send(server.port, request)
        assert again.startswith(b"HTTP/1.1 302"), again[:300]
        stored_before_retry += cut.way == "answer"
    return wire, {"cuts in the request": len(cuts) - stored_before_retry, "cuts in the answer": stored_before_retry}


def _key(wire: Wire, value: int) -> str:
    key = str(uuid.uuid4())
    wire.sent[key] = value
    return key


def stored(wire: Wire) -> list[list[object]]:
    assessment = urlsplit(wire.url).path.split("/")[3]
    return json.loads(wire.server.ask(ROWS.format(assessment=assessment, item="item_1")))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_one_row_for_each_submission(kind):
    with served(kind, preloaded=True) as (server, _):
        relay = Relay("127.0.0.1", server.port)
        wire, counts = cut_everywhere(server, size(29, 1), relay)
        rows = stored(wire)
        relay.close()
    assert sorted(key for key, _ in rows) == sorted(wire.sent)
    assert all(wire.sent[str(key)] == value for key, value in rows)
    counted("P2", f"cut wires on {kind}", **counts, rows=len(rows), doubled=0, lost=0)


def test_the_harness_finds_a_service_that_forgets_the_key():
    with served("sqlite", preloaded=True, plant="forget_the_key") as (server, _):
        relay = Relay("127.0.0.1", server.port)
        wire, _counts = cut_everywhere(server, 199, relay)
        rows = stored(wire)
        relay.close()
    assert len(rows) > len(wire.sent)
    counted("P2", "planted fault: the key is forgotten", found=True, rows_too_many=len(rows) - len(wire.sent))
