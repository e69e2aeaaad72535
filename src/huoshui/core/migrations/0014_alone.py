from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0013_hold_keys")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.approvals", "schema_0014_alone"), migrations.RunSQL.noop),
    ]
