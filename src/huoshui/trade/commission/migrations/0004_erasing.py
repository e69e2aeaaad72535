from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("commission", "0003_claims")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.trade.commission", "schema_0004_erasing"), migrations.RunSQL.noop
        )
    ]
