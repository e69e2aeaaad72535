from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0006_returns")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.core.ledger", "schema_0007_handed_back"), migrations.RunSQL.noop
        ),
    ]
