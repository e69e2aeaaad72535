from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0010_eras")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.identity", "schema_0011_apart"), migrations.RunSQL.noop)
    ]
