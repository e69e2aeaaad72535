from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0007_lives")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.identity", "schema_0008_holders"), migrations.RunSQL.noop
        )
    ]
