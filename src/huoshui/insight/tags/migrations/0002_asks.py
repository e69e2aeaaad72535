from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("tags", "0001_ground")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.insight.tags", "schema_0002_asks"), migrations.RunSQL.noop)
    ]
