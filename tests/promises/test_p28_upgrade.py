"""P28: an upgrade from the state that was landed before loses nothing.

A database is made with the tables of commit 023eec6 (its migrations and no later one), every table of it is filled,
and then the program of today migrates it, as `accord serve` does at its start: every row of every old column is what it
was, the tables that only grow still only grow, and the service opens on it. On both databases.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest

from plugins.postgres import postgres
from plugins.promises import counted
from plugins.servers import ACCORD, Server, answers
from plugins.signed import signed

# Where each room's migrations ended in commit 023eec6; Django's and allauth's own are at their newest.
BEFORE = {
    "audit": "0002_append_only", "access": "0002_append_only", "library": "0001_initial", "outbox": "0001_initial",
    "people": "0002_course", "episodes": "0001_initial", "assessments": "0002_course", "programmes": "0002_append_only",
    "messaging": "0001_initial", "care": "0002_course",
}  # fmt: skip
OTHERS = ["contenttypes", "auth", "sessions", "account", "mfa", "usersessions"]
EACH = 5  # rows of each table
MOVES = {"library_current", "django_session"}  # what the start of the service writes anew

# Every table of that state with rows of every kind of value; a row names the row of the same number in other tables.
FILL = """
import json, sys, uuid
from datetime import UTC, date, datetime, timedelta
from django.db import connection, models
from django.db.migrations.executor import MigrationExecutor

before, others, each = json.loads(sys.argv[1])
executor = MigrationExecutor(connection)
leaves = {app: name for app, name in executor.loader.graph.leaf_nodes() if app in others}
targets = [*before.items(), *leaves.items()]
executor.migrate(targets)
state = MigrationExecutor(connection).loader.project_state(targets).apps
NOON = datetime(2026, 3, 2, 12, 30, 15, 123456, tzinfo=UTC)
SAID = {"country": "GB", "time_zone": "Europe/London", "role": "therapist"}
HOURS = {"0": [["09:00", "17:00"]]}

def value(model, field, n):
    if field.name in SAID:
        return SAID[field.name]
    if field.choices:
        return [one for one, _ in field.flatchoices][n % len(field.flatchoices)]
    if isinstance(field, models.UUIDField):
        return uuid.uuid5(uuid.NAMESPACE_OID, f"{model._meta.label} {field.name} {n}")
    if isinstance(field, models.DateTimeField):
        return NOON + timedelta(days=n, seconds=len(field.name))
    if isinstance(field, models.DateField):
        return date(2026, 3, 1 + n)
    if isinstance(field, models.BooleanField):
        return bool(n % 2)
    if isinstance(field, models.FloatField):
        return n / 3
    if isinstance(field, models.IntegerField):
        return n + 1
    if isinstance(field, models.JSONField):
        return HOURS if field.name == "hours" else {"n": n, "text": "שלום 痛み \\u00e9", "list": [1, None, True]}
    if isinstance(field, models.EmailField):
        return f"somebody{n}@example.org"
    text = f"{field.name} {n} ‘quoted’ שלום"
    return text[: field.max_length] if field.max_length else text + "\\nline\\ttab \\\\ slash"

def fill(model, done):
    if model in done:
        return
    done.add(model)
    needs = [f for f in model._meta.concrete_fields if f.is_relation and not f.null and f.related_model is not model]
    for field in needs:
        fill(field.related_model, done)
    for n in range(each):
        row = model()
        for field in model._meta.concrete_fields:
            if isinstance(field, models.AutoField):
                continue
            if field.is_relation:
                if not field.null:
                    setattr(row, field.attname, field.related_model._default_manager.order_by("pk")[n].pk)
            elif not field.null or n % 2:
                setattr(row, field.attname, value(model, field, n))
        row.save(force_insert=True)

done = set()
for app in before:
    for model in state.get_app_config(app).get_models():
        fill(model, done)
with connection.cursor() as cursor:
    tables = {m._meta.db_table: sorted(f.column for f in m._meta.concrete_fields) for m in done}
print(json.dumps(tables))
"""
READ = """
import json, sys
from django.db import connection
tables, found = json.loads(sys.argv[1]), {}
with connection.cursor() as cursor:
    for table, columns in tables.items():
        names = ", ".join(f'"{name}"' for name in columns)
        cursor.execute(f'SELECT {names} FROM "{table}"')
        found[table] = sorted(json.dumps([str(one) for one in row]) for row in cursor.fetchall())
print(json.dumps(found))
"""
TRIGGERS = """
import json
from django.db import connection
from django.db.migrations.loader import MigrationLoader
MigrationLoader(connection)
from accord.service.fields.append_only import GROWING, standing
print(json.dumps({table: sorted(standing(connection, table)) for table in GROWING}))
"""
STANDING = f"""
import json, sys
sys.path.insert(0, {str(Path(__file__).parents[1])!r})
from plugins.standing import out_of_step
from accord.service.episodes.models import Episode
print(json.dumps([Episode.objects.exclude(state_since=None).count(), len(out_of_step())]))
"""


def run(code: str, *words: str, **place: str) -> str:
    given = {**os.environ, **place}
    given.pop("DJANGO_SETTINGS_MODULE", None)
    lines = f"from accord.cli.service import set_up_service; set_up_service()\n{code}"
    ran = subprocess.run([sys.executable, "-c", lines, *words], env=given, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr[-4000:]
    return ran.stdout


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request, tmp_path):
    with ExitStack() as stack:
        cluster = stack.enter_context(postgres()) if request.param == "postgres" else None
        address = cluster.make("accord") if cluster else ""
        (tmp_path / "site").mkdir()
        yield {
            "ACCORD_MODE": "production", "ACCORD_DATA": str(tmp_path / "site"), "ACCORD_DATABASE": address,
            "ACCORD_HOSTS": "pain.example", "ACCORD_SITE": str(signed(tmp_path / "content")),
        }  # fmt: skip


def test_p28_an_upgrade_from_the_landed_state_loses_nothing(place, request):
    tables = json.loads(run(FILL, json.dumps([BEFORE, OTHERS, EACH]), **place))
    before = json.loads(run(READ, json.dumps(tables), **place))
    assert len(tables) > 40
    assert all(len(rows) == EACH for rows in before.values())
    migrated = subprocess.run([ACCORD, "manage", "migrate", "-v", "1"], env={**os.environ, **place}, check=False,
                              capture_output=True, text=True)  # fmt: skip
    assert migrated.returncode == 0, migrated.stderr
    assert "people.0003_clinic... OK" in migrated.stdout, "there was something to upgrade"
    after = json.loads(run(READ, json.dumps(tables), **place))
    assert {name for name in before if before[name] != after[name]} == set()
    stepped, wrong = json.loads(run(STANDING, **place))
    assert stepped > 0
    assert wrong == 0
    triggers = json.loads(run(TRIGGERS, **place))
    assert len(triggers) > 20
    assert {table for table, standing in triggers.items() if len(standing) < 2} == set()
    counted("P28", f"upgrade on {request.node.callspec.params['place']}", tables=len(tables),
            rows=sum(map(len, before.values())), append_only=len(triggers))  # fmt: skip
    server = Server(Path(place["ACCORD_DATA"]), place["ACCORD_DATABASE"], clock=False, **place)
    server.start()
    try:
        assert answers(server.port)
    finally:
        server.stop()
    served = json.loads(run(READ, json.dumps(tables), **place))
    lost = {name for name, rows in before.items() if name not in MOVES and not set(rows) <= set(served[name])}
    assert lost == set()
