from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0011_apart")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.identity", "schema_0012_are_one"), migrations.RunSQL.noop
        )
    ]
