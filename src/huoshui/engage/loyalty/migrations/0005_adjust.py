from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0004_tiers")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.loyalty", "schema_0005_adjust"), migrations.RunSQL.noop)
    ]
