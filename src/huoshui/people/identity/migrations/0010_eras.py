from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0009_taking_back")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.identity", "schema_0010_eras"), migrations.RunSQL.noop)
    ]
