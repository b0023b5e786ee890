"""An audit entry is never changed and never deleted: the database refuses it."""

from django.db import migrations

from accord.service.fields.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [append_only("audit_entry")]
