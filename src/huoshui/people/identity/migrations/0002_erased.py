from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0001_schema")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.identity", "schema_0002_erased"), migrations.RunSQL.noop)
    ]
