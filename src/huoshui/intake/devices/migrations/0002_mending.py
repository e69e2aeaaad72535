from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("devices", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.intake.devices", "schema_0002_mending"), migrations.RunSQL.noop
        ),
    ]
