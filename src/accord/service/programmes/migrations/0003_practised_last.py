"""When somebody last practised is read from an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("programmes", "0002_append_only")]

    operations = [
        migrations.AddIndex("practised", models.Index(fields=["course", "at"], name="programmes_practised_last")),
    ]
