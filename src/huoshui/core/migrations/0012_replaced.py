from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0011_told_by_run")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.ledger", "schema_0012_replaced"), migrations.RunSQL.noop),
    ]
