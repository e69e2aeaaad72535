from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("commission", "0001_schema")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.trade.commission", "schema_0002_lead_fees"), migrations.RunSQL.noop
        )
    ]
