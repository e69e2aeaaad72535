from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("identity", "0003_counted")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.identity", "schema_0004_rules"), migrations.RunSQL.noop)
    ]
