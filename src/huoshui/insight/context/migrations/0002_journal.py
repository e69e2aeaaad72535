from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("context", "0001_schema"), ("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.insight.context", "schema_0002_journal"), migrations.RunSQL.noop
        ),
    ]
