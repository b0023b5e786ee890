"""Who is in care is found without those who were discharged."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_clinic")]

    operations = [
        migrations.AddIndex(
            "accountability",
            models.Index(
                fields=["person"],
                condition=models.Q(until=None) & ~models.Q(reason="discharged"),
                name="people_in_care",
            ),
        ),
    ]
