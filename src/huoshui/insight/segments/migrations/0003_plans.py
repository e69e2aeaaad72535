from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("segments", "0002_tags")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.insight.segments", "schema_0003_plans"), migrations.RunSQL.noop)
    ]
