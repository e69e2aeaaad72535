from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("dealers", "0001_schema"), ("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.trade.dealers", "schema_0002_journal"), migrations.RunSQL.noop),
    ]
