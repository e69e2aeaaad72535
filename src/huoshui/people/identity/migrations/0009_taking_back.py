from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_holders")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.identity", "schema_0009_taking_back"), migrations.RunSQL.noop
        )
    ]
