from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0005_guarded")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.identity", "schema_0006_staff"), migrations.RunSQL.noop)
    ]
