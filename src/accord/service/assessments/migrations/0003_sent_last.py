"""When somebody last sent answers, and what she has not sent, is read from an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_course")]

    operations = [
        migrations.AddIndex(
            "assessment", models.Index(fields=["episode", "submitted_at"], name="assessments_sent_last")
        ),
    ]
