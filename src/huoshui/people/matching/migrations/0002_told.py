from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("matching", "0001_schema")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.matching", "schema_0002_told"), migrations.RunSQL.noop)
    ]
