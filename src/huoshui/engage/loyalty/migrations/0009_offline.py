from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0008_approvals")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.loyalty", "schema_0009_offline"), migrations.RunSQL.noop)
    ]
