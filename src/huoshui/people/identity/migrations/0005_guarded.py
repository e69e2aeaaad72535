from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0004_rules")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.identity", "schema_0005_guarded"), migrations.RunSQL.noop
        )
    ]
