from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("segments", "0003_plans")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.insight.segments", "schema_0004_keys"), migrations.RunSQL.noop)
    ]
