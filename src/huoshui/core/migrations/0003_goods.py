from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0002_asks")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.ledger", "schema_0003_goods"), migrations.RunSQL.noop),
    ]
