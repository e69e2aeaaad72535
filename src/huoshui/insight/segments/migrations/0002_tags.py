from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("segments", "0001_ground")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.insight.segments", "schema_0002_tags"), migrations.RunSQL.noop)
    ]
