from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("devices", "0003_terms")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.intake.devices", "schema_0004_causes"), migrations.RunSQL.noop),
    ]
