from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.core.facts", "schema_0011_told_by_run"), migrations.RunSQL.noop
        ),
    ]
