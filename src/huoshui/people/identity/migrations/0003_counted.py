from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0002_erased")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.identity", "schema_0003_counted"), migrations.RunSQL.noop
        )
    ]
