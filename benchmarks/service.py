"""The service: question pages a second of one core on PostgreSQL, and a caseload of 200 on embedded SQLite.

The web process is pinned to one core; a page is fetched over a new connection each time, logged in, through every
middleware. Its rate is given for each second that the core worked for it, and by the clock on the wall, which other
work on the machine slows. Server time of the caseload is the median of 30 pages in processor time, rendering included.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from plugins.patients import new_patient  # noqa: E402
from plugins.servers import Preloaded, served  # noqa: E402
from plugins.visitor import Visitor  # noqa: E402

SECONDS, VISITORS, CASES = 8, 4, 200

CASELOAD = """
import statistics, time
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from accord.service.access.table import SERVICE
from accord.service.demo import cast, walk
from accord.service.demo.staff import BEA
from accord.service.now import now
from accord.service.people.actions import make_accountable
from accord.service.people.queries import account_with, clinics
from accord.cli.serve import prepare

cast.CAST = ()
prepare()
clinic, bea = clinics()[0], account_with(BEA.address)
client = Client()
client.force_login(bea, backend=settings.AUTHENTICATION_BACKENDS[0])

def fill(people, start=0):
    for number in range(start, people):
        one = walk.arrive(clinic=clinic, key=f"case-{number}", now=now())
        walk.introduce(one, name=f"Case {number}", now=now())
        make_accountable(person=one.person, clinician=bea.person, reason="therapist", by=SERVICE, now=now())

def queries():
    with CaptureQueriesContext(connection) as captured:
        assert client.get("/clinic/?show=all").status_code == 200
    return len(captured)

fill(10)
few = queries()
fill(CASES, 10)
many = queries()
times = []
for _ in range(30):
    began = time.process_time()
    answer = client.get("/clinic/?show=all")
    times.append(time.process_time() - began)
print("RESULT", few, many, statistics.median(times) * 1000, len(answer.content))
"""


def pages_a_second() -> tuple[float, float]:
    """By the clock on the wall, and for each second that the core worked for us."""
    with served("postgres", preloaded=True) as (server, _):
        assert isinstance(server, Preloaded)
        os.sched_setaffinity(server.web, {0})
        for task in Path(f"/proc/{server.web}/task").iterdir():
            os.sched_setaffinity(int(task.name), {0})
        visited = [new_patient(server.url) for _ in range(VISITORS)]
        counts, stop = [0] * VISITORS, threading.Event()

        def visit(at: int, visitor: Visitor, path: str) -> None:
            while not stop.is_set():
                assert visitor.get(path).status == 200
                counts[at] += 1

        threads = [
            threading.Thread(target=visit, args=(at, visitor, page.url)) for at, (visitor, page) in enumerate(visited)
        ]
        before, began = cpu_seconds(server.web), time.perf_counter()
        for thread in threads:
            thread.start()
        time.sleep(SECONDS)
        stop.set()
        for thread in threads:
            thread.join()
        pages = sum(counts)
        return pages / (time.perf_counter() - began), pages / (cpu_seconds(server.web) - before)


def cpu_seconds(process: int) -> float:
    """What a process has used of its core, in user and system time."""
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def caseload() -> tuple[int, int, float, int]:
    with tempfile.TemporaryDirectory() as folder:
        given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": folder, "ACCORD_DATABASE": ""}
        code = "from accord.cli.service import set_up_service; set_up_service()\n" + CASELOAD.replace(
            "CASES", str(CASES)
        )
        ran = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=True)
    few, many, median, size = ran.stdout.split("RESULT", 1)[1].split()
    return int(few), int(many), float(median), int(size)


def main() -> None:
    with contextlib.suppress(AttributeError):
        os.sched_setaffinity(0, set(range(os.cpu_count() or 1)))
    few, many, median, size = caseload()
    wall, rate = pages_a_second()
    told = f"{rate:.0f}/s ({wall:.0f}/s by the wall)"
    rows = [
        {"work": "question pages a second of one core, PostgreSQL", "ours": told, "target": "at least 100/s",
         "reached": "yes" if rate >= 100 else "no"},
        {"work": f"caseload of {CASES}, server time, SQLite", "ours": f"{median:.0f} ms", "target": "under 150 ms",
         "reached": "yes" if median < 150 else "no"},
        {"work": f"queries of the caseload, 10 and {CASES} people", "ours": f"{few} and {many}", "target": "equal",
         "reached": "yes" if few == many else "no"},
    ]  # fmt: skip
    load = os.getloadavg()[0]
    note = (
        f"{os.cpu_count()} cores; load {load:.1f} when it ended. The page of {CASES} is {size / 1000:.0f} kB of HTML."
    )
    print(json.dumps({"rows": rows, "note": note}))


if __name__ == "__main__":
    main()
