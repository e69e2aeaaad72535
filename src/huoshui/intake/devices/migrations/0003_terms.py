from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("devices", "0002_mending"), ("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.intake.devices", "schema_0003_terms"), migrations.RunSQL.noop),
    ]
