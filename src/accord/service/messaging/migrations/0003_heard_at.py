"""Each thread repeats when its patient last wrote (ADR 0017)."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def repeat(apps: Any, schema_editor: Any) -> None:
    """What stands in the messages already."""
    threads, messages = apps.get_model("messaging", "Thread"), apps.get_model("messaging", "Message")
    hers = messages.objects.filter(thread=OuterRef("pk"), author=OuterRef("person")).order_by("-sequence")
    threads.objects.update(heard_at=Subquery(hers.values("sent_at")[:1]))


class Migration(migrations.Migration):
    dependencies = [("messaging", "0002_wrote_last")]

    operations = [
        migrations.AddField("thread", "heard_at", models.DateTimeField(null=True)),
        migrations.RunPython(repeat, migrations.RunPython.noop),
    ]
