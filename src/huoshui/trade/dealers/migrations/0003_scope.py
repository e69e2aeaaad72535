from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("dealers", "0002_journal")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.trade.dealers", "schema_0003_scope"), migrations.RunSQL.noop),
    ]
