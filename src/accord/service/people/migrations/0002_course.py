from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0001_initial")]

    operations = [
        migrations.AddField("person", "reminders", models.BooleanField(default=True)),
        migrations.AddField(
            "person",
            "reminder_hour",
            models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddField("person", "pause_reminders_until", models.DateField(null=True)),
    ]
