from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0003_goods")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.facts", "schema_0004_hot"), migrations.RunSQL.noop),
        migrations.RunSQL(sql.schema("huoshui.core.ledger", "schema_0004_hot"), migrations.RunSQL.noop),
    ]
