from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("rights", "0001_schema")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.rights", "schema_0002_links"), migrations.RunSQL.noop),
    ]
