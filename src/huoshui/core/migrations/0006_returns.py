from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0005_vouchers")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.ledger", "schema_0006_returns"), migrations.RunSQL.noop),
    ]
