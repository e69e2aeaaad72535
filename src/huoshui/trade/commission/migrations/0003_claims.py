from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("commission", "0002_lead_fees")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.trade.commission", "schema_0003_claims"), migrations.RunSQL.noop
        )
    ]
