from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("protection", "0001_protection")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.trade.protection", "schema_0002_scopes"), migrations.RunSQL.noop
        ),
    ]
