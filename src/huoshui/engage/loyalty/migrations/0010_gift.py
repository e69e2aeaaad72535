from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0009_offline")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.loyalty", "schema_0010_gift"), migrations.RunSQL.noop)
    ]
