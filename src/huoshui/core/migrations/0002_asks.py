from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0001_ground")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.facts", "schema_0002_asks"), migrations.RunSQL.noop),
        migrations.RunSQL(sql.schema("huoshui.core.ledger", "schema_0002_debts"), migrations.RunSQL.noop),
    ]
