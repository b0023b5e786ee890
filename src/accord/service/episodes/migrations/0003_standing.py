"""Each episode repeats the kind and the moment of its newest step (ADR 0017)."""

from typing import Any

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def repeat(apps: Any, schema_editor: Any) -> None:
    """What stands in the steps already."""
    episodes, steps = apps.get_model("episodes", "Episode"), apps.get_model("episodes", "Step")
    newest = steps.objects.filter(episode=OuterRef("pk")).order_by("-at", "-id")
    stepped = episodes.objects.filter(steps__isnull=False)
    episodes.objects.filter(pk__in=stepped.values("pk")).update(
        state=Subquery(newest.values("kind")[:1]), state_since=Subquery(newest.values("at")[:1])
    )


class Migration(migrations.Migration):
    dependencies = [("episodes", "0002_clinic")]

    operations = [
        migrations.AddField("episode", "state", models.CharField(default="referred", max_length=30)),
        migrations.AddField("episode", "state_since", models.DateTimeField(null=True)),
        migrations.RunPython(repeat, migrations.RunPython.noop),
        migrations.AddIndex("episode", models.Index(fields=["state", "opened_at"], name="episodes_by_state")),
    ]
