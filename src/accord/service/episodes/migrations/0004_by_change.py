"""Whose way ended lately is found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("episodes", "0003_standing")]

    operations = [
        migrations.AddIndex("episode", models.Index(fields=["state_since"], name="episodes_by_change")),
    ]
