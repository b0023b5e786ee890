"""A clinic after ten years: 1,400 people in the embedded database, 30,000 in PostgreSQL. Every page as everybody who
comes in, found by following the links from where she begins; 95 of 100 answers come within so many milliseconds; and
the number of queries is the same as in a small clinic. Then the export and its report, with time and memory; a backup
while somebody writes, and how much longer her writes take meanwhile; and its restore to an empty place.

The past is written in bulk by `demo/past` with an answer to every question and the newest people under way; the people
of the door come on top. Times are those of the whole stack but the socket, on the clock of the wall: other work on the
machine slows them. `ACCORD_SIZES=1400` (or 30000) does one of the two; `--pages` names each page.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(TESTS))

from plugins.postgres import postgres  # noqa: E402

SIZES = {1400: "SQLite", 30_000: "PostgreSQL"}
SMALL = 140  # the clinic whose queries are counted beside
ACCORD = str(Path(sys.executable).with_name("accord"))

PROGRAM = """
import json, re, statistics, sys, time
from django.conf import settings
settings.ALLOWED_HOSTS = ["*"]
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, Resolver404
from accord.cli.serve import prepare
from accord.service.config import asgi  # as it is served
from accord.service.demo.past.bring import bring_past
from accord.service.demo.visitors import VISITORS
from accord.service.flows.review_service import review_service
from accord.service.access.table import SERVICE
from accord.service.now import now
from accord.service.people.queries import clinics

began = time.perf_counter()
prepare()
bring_past(clinic=clinics()[0], now=now(), people=PEOPLE, years=10, answers=True, ended=0)
filled = time.perf_counter() - began
if connection.vendor == "postgresql":  # which a clinic's own does by itself while it fills
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
began = time.perf_counter()
review_service(clinic_id=clinics()[0].pk, protocol="routine-care", by=SERVICE, now=now())
reviewed = time.perf_counter() - began

LINK = re.compile(rb'href="(/[^"#]*)"')
OUT = ("/accounts/", "/static/", "/demo/")
found = {}
for visitor in VISITORS.values():
    account = visitor.come(now())
    client = Client()
    client.force_login(account, backend=settings.AUTHENTICATION_BACKENDS[0])
    waiting, seen, had = ["/my/", "/clinic/", "/office/", "/manage/", "/research/", "/operate/"], {}, set()
    while waiting:
        path = waiting.pop(0)
        if path in had:
            continue
        had.add(path)
        try:
            view = resolve(path.partition("?")[0]).view_name
        except Resolver404:
            continue
        key = view + ("?" if "?" in path else "")
        if path.startswith(OUT) or seen.get(key, 0) >= 3:
            continue
        client.get(path)
        times = []
        for _ in range(4):
            at = time.perf_counter()
            answer = client.get(path)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            times.append((time.perf_counter() - at) * 1000)
        if answer.status_code != 200:
            continue
        seen[key] = seen.get(key, 0) + 1
        with CaptureQueriesContext(connection) as captured:
            client.get(path)
        row = found.setdefault(f"{visitor.key} {key}", {"ms": [], "queries": 0, "kb": 0})
        row["ms"] += times
        row["queries"] = max(row["queries"], len(captured))
        row["kb"] = max(row["kb"], len(body) / 1000)
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            waiting += [link.decode().replace("&amp;", "&") for link in LINK.findall(body)]
print("RESULT" + json.dumps({"filled": filled, "reviewed": reviewed, "pages": found}))
"""


def measured(people: int, database: str, folder: str) -> dict[str, Any]:
    given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": folder, "ACCORD_DATABASE": database,
             "ACCORD_DEMO_PAST": "0"}  # fmt: skip
    code = "from accord.cli.service import set_up_service; set_up_service()\n" + PROGRAM.replace("PEOPLE", str(people))
    ran = subprocess.run([sys.executable, "-c", code], env=given, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(ran.stderr[-3000:])
    found: dict[str, Any] = json.loads(ran.stdout.split("RESULT", 1)[1])
    return found


def exported(database: str, folder: str) -> tuple[float, float]:
    """Seconds of the export and its report, and the memory that the larger of the two took, in MB."""
    given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": folder, "ACCORD_DATABASE": database,
             "ACCORD_DEMO_PAST": "0"}  # fmt: skip
    out = Path(folder) / "out"
    began = time.perf_counter()
    for command in (
        ["export", "--protocol", "routine-care", "--out", str(out / "cohort"), "--purpose", "How long an export takes"],
        ["analyse", "routine-care", "--cohort", str(out / "cohort"), "--out", str(out / "report"), "--allow-invented"],
    ):
        out.mkdir(exist_ok=True)
        subprocess.run([ACCORD, *command], env=given, check=True, capture_output=True)
    return time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1000


WRITER = """
import time
from django.db import transaction
from accord.service.access.table import SERVICE
from accord.service.now import now
from accord.service.people.actions import add_person
from accord.service.people.queries import clinics
clinic, n = clinics()[0], 0
while True:
    n, began = n + 1, time.perf_counter()
    with transaction.atomic(durable=True):
        add_person(clinic=clinic, name=f"Size {n}", email=f"size{n}@example.org", by=SERVICE, now=now())
    print((time.perf_counter() - began) * 1000, flush=True)
    time.sleep(0.05)
"""


def kept(database: str, folder: str, empty: str) -> dict[str, float]:
    """Seconds and MB of a backup while somebody writes, her writes before and during it in ms, and seconds of the
    restore."""
    given = {**os.environ, "ACCORD_MODE": "demo", "ACCORD_DATA": folder, "ACCORD_DATABASE": database,
             "ACCORD_DEMO_PAST": "0"}  # fmt: skip
    code = "from accord.cli.service import set_up_service; set_up_service()\n" + WRITER
    writer = subprocess.Popen([sys.executable, "-c", code], env=given, stdout=subprocess.PIPE, text=True)
    assert writer.stdout
    alone = [float(writer.stdout.readline()) for _ in range(60)][10:]
    with tempfile.TemporaryDirectory() as place:
        file = Path(place) / "size.backup"
        began = time.perf_counter()
        ran = subprocess.run(
            [ACCORD, "backup", "--out", str(file), "--json"], env=given, capture_output=True, text=True
        )
        backed = time.perf_counter() - began
        writer.terminate()
        beside = [float(line) for line in writer.stdout.read().split()]
        if ran.returncode:
            raise RuntimeError(ran.stderr)
        made = json.loads(ran.stdout)
        there = {**given, "ACCORD_DATA": f"{place}/back", "ACCORD_DATABASE": empty,
                 "ACCORD_KEYS": str(Path(folder) / "keys.json")}  # fmt: skip
        began = time.perf_counter()
        subprocess.run([ACCORD, "restore", str(file)], env=there, check=True, capture_output=True)
        restored = time.perf_counter() - began
    return {"rows": made["rows"], "mb": made["size"] / 1e6, "backed": backed, "restored": restored,
            "alone": percentile(alone, 0.95), "beside": percentile(beside, 0.95), "writes": len(beside),
            "longest": max(beside)}  # fmt: skip


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def size(people: int, database: str, small_database: str, empty: str) -> tuple[list[dict[str, str]], str]:
    """The rows of one size; the small clinic beside it lies in a database of the same kind."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as beside:
        found = measured(people, database, folder)
        seconds, memory = exported(database, folder)
        saved = kept(database, folder, empty)
        small = measured(SMALL, small_database, beside)
    pages = found["pages"]
    times = [one for row in pages.values() for one in row["ms"]]
    slow = sorted(pages, key=lambda name: -percentile(pages[name]["ms"], 0.95))
    over = [name for name in slow if percentile(pages[name]["ms"], 0.95) >= 300]
    grew = [
        name for name in pages if name in small["pages"] and pages[name]["queries"] > small["pages"][name]["queries"]
    ]
    if "--pages" in sys.argv:
        for name in slow:
            row = pages[name]
            before = small["pages"].get(name, {}).get("queries", "")
            print(f"{percentile(row['ms'], 0.95):7.0f} ms {row['queries']:4} ({before}) {row['kb']:5.0f} kB {name}",
                  file=sys.stderr)  # fmt: skip
    what = f"ten years of {people:,} people, {SIZES[people]}"
    p95 = percentile(times, 0.95)
    worst = percentile(pages[slow[0]]["ms"], 0.95)
    rows = [
        {"work": f"{what}: pages, 95 of 100 answers within", "ours": f"{p95:.0f} ms", "target": "300 ms",
         "reached": "yes" if p95 < 300 else "no"},
        {"work": f"{what}: the slowest of {len(pages)} kinds of page ({slow[0]})", "ours": f"{worst:.0f} ms",
         "target": "300 ms", "reached": "yes" if not over else f"no: {', '.join(over[:5])}"},
        {"work": f"{what}: pages with more queries than in a clinic of {SMALL}", "ours": str(len(grew)), "target": "0",
         "reached": "yes" if not grew else f"no: {', '.join(grew[:5])}"},
        {"work": f"{what}: export and report", "ours": f"{seconds:.0f} s, {memory:,.0f} MB",
         "target": "600 s, 2,000 MB", "reached": "yes" if seconds < 600 and memory < 2000 else "no"},
        {"work": f"{what}: backup of {saved['rows']:,} rows while somebody writes", "target": "while people write",
         "ours": f"{saved['backed']:.0f} s, {saved['mb']:.0f} MB; {saved['writes']} writes meanwhile, 95 of 100 within "
                 f"{saved['beside']:.0f} ms ({saved['alone']:.0f} before), the longest {saved['longest']:.0f} ms",
         "reached": "yes" if saved["writes"] else "no"},
        {"work": f"{what}: restore to an empty place, compared row by row", "ours": f"{saved['restored']:.0f} s",
         "target": "", "reached": ""},
    ]  # fmt: skip
    return rows, f"{what}: filled in {found['filled']:.0f} s, counted for the manager in {found['reviewed']:.0f} s."


def main() -> None:
    wanted = [int(one) for one in os.environ.get("ACCORD_SIZES", "").split(",") if one] or list(SIZES)
    rows, notes = [], []
    for people in wanted:
        if SIZES[people] == "SQLite":
            new, note = size(people, "", "", "")
        else:
            with postgres() as cluster:
                new, note = size(people, cluster.make("accord"), cluster.make("small"), cluster.make("empty"))
        rows += new
        notes.append(note)
    notes.append(f"{os.cpu_count()} cores; load {os.getloadavg()[0]:.1f} when it ended.")
    print(json.dumps({"rows": rows, "note": " ".join(notes)}))


if __name__ == "__main__":
    main()
