"""The read log is never changed and never deleted; only the block that seals a row is written into it, once."""

from django.db import migrations

from accord.service.fields.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("access", "0001_initial")]

    operations = [append_only("access_read", may_set_once="block")]
