"""Each thread repeats who wrote its newest message (ADR 0017); messages are found by their time."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def repeat(apps: Any, schema_editor: Any) -> None:
    """What stands in the messages already."""
    threads, messages = apps.get_model("messaging", "Thread"), apps.get_model("messaging", "Message")
    newest = messages.objects.filter(thread=OuterRef("pk")).order_by("-sequence")
    threads.objects.update(wrote_last=Subquery(newest.values("author_id")[:1]))


class Migration(migrations.Migration):
    dependencies = [("messaging", "0001_initial")]

    operations = [
        migrations.AddField("thread", "wrote_last", models.UUIDField(null=True)),
        migrations.RunPython(repeat, migrations.RunPython.noop),
        migrations.AddIndex("message", models.Index(fields=["sent_at"], name="messaging_by_time")),
    ]
