"""Behind the stage of a journey: a process with Django loaded on the server's own data. It brings people to where a
journey begins, lets time pass, and lets them in, so that the browser does only what is to be shown.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from accord.science.instruments import Item, load_instrument
from accord.science.instruments.wording import WordedItem, WordingPack, save_wording
from plugins.chromium import Somebody
from plugins.servers import Server

LOOP = """
import json, sys, traceback
from accord.cli.service import set_up_service
set_up_service()
from django.db import connection
out, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    asked = json.loads(line)
    space = dict(asked["given"])
    try:
        exec(asked["code"], space)
        reply = {"told": space.get("told")}
    except BaseException:
        reply = {"error": traceback.format_exc()}
    connection.close()
    out.write(json.dumps(reply, default=str) + "\\n")
    out.flush()
"""

WHO = """
from datetime import datetime, timedelta
from accord.service.demo import course, walk
from accord.service.demo.staff import BEA, CARL
from accord.service.now import now
from accord.service.people.queries import account_with, clinics
def her():
    return walk.walker(account_with(f"{key}@demo.invalid"), key, now())
"""

COMES = """
from accord.service.demo.office_cast import assigned as assign
from accord.service.flows.start_course import start_course
then = now() - timedelta(minutes=45)
one = walk.arrive(clinic=clinics()[0], key=key, now=then)
walk.introduce(one, name=name, now=then)
later = walk.screen(one, now=then)
walk.join(one, now=later)
assign(one, BEA, later)
walk.answer_baseline(one, given={}, level=level, now=later)
from accord.service.access.table import SERVICE
start_course(episode_id=one.episode.pk, by=SERVICE, now=now())
told = str(one.person.pk)
"""

TRAVELS = """
from accord.service.demo.travel import travel
start = now()
until = datetime.fromisoformat(until) if until else start + timedelta(days=days, hours=hours)
journey = travel(until=until)
assert journey.arrived, journey.failing
told = {"jobs": dict(journey.jobs), "mails": journey.mails}
"""

MOVES = """
from accord.service.demo.actions import move_clock
move_clock(by=timedelta(days=days), now=now())
"""

LETS_IN = """
from importlib import import_module
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
account = account_with(f"{key}@demo.invalid")
session = import_module(settings.SESSION_ENGINE).SessionStore()
session[SESSION_KEY] = str(account.pk)
session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
session[HASH_SESSION_KEY] = account.get_session_auth_hash()
session.set_expiry(30 * 365 * 86_400)
session.save()
told = [settings.SESSION_COOKIE_NAME, session.session_key]
"""


def invented_wording(site: Path) -> Path:
    """A site with invented words for two questionnaires, so that change may be claimed (C6); nobody's official ones."""
    for name in ("phq_9", "bpi_interference"):
        items = {
            item.id: WordedItem(f"Invented words: {item.topic}", {str(n): f"answer {n}" for n in _values(item)})
            for item in load_instrument(name).items
        }
        save_wording(WordingPack(name, "en", "invented", "for tests", items), site=site)
    return site


def _values(item: Item) -> range:
    return range(int(item.minimum or 0), int(item.maximum or 0) + 1)


class Backstage:
    """Asks the process; each method says what it does for whom (`key` is the part of her address before the @)."""

    def __init__(self, server: Server) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", LOOP], env=server.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip

    def ask(self, code: str, **given: object) -> Any:
        """Run a few lines; what they put into `told`."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"code": WHO + code, "given": given}) + "\n")
        self.process.stdin.flush()
        reply = json.loads(self.process.stdout.readline())
        if "error" in reply:
            raise AssertionError(reply["error"])
        return reply["told"]

    def stop(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(20)

    def comes(self, key: str, name: str, *, level: float = 0.5) -> str:
        """She is screened, enrolled, treated by Bea, has sent the first questionnaires; her course has begun."""
        return str(self.ask(COMES, key=key, name=name, level=level))

    def travels(self, *, days: float = 0, hours: float = 0, until: str = "") -> Any:
        """Time passes, hour by hour with everything that falls due."""
        return self.ask(TRAVELS, days=days, hours=hours, until=until)

    def waits(self, *, days: float) -> None:
        """Time passes at once, as if the clock had stood still; what fell due is done late."""
        self.ask(
            "from accord.service.demo.actions import move_clock\nmove_clock(by=timedelta(days=days), now=now())",
            days=days,
        )

    def now(self) -> datetime:
        return datetime.fromisoformat(self.ask("told = now().isoformat()"))

    def answers_all(self, key: str, *, level: float, until: str = "") -> None:
        """She answers everything that stands open for her; with `until`, up to the questions of that instrument."""
        self.ask("course.answer_open(her(), level=level, now=now(), until=until)", key=key, level=level, until=until)

    def lets_in(self, key: str, one: Somebody) -> Somebody:
        """She is logged in at this screen."""
        name, value = self.ask(LETS_IN, key=key)
        one.context.clear_cookies()
        one.context.add_cookies([{"name": name, "value": value, "url": one.base, "httpOnly": True, "sameSite": "Lax"}])
        return one


@contextmanager
def backstage(server: Server) -> Iterator[Backstage]:
    one = Backstage(server)
    yield one
    one.stop()
