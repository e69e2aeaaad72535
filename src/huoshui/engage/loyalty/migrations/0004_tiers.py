from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0003_bonus")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.loyalty", "schema_0004_tiers"), migrations.RunSQL.noop)
    ]
