from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0006_staff")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.identity", "schema_0007_lives"), migrations.RunSQL.noop)
    ]
