"""What was written about a course stays as it was written; that a flare is over is said once."""

from django.db import migrations

from accord.service.fields.append_only import append_only


class Migration(migrations.Migration):
    dependencies = (("programmes", "0001_initial"),)

    operations = (
        *(append_only(f"programmes_{name}") for name in ("course", "move", "mark", "entry", "practised", "pathchange")),
        append_only("programmes_flare", may_set_once="ended_at"),
    )
