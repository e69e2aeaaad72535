from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0012_replaced")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.ledger", "schema_0013_hold_keys"), migrations.RunSQL.noop),
    ]
