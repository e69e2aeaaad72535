from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("context", "0002_journal")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.insight.context", "schema_0003_expected"), migrations.RunSQL.noop
        ),
    ]
