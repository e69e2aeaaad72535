from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0002_worth")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.loyalty", "schema_0003_bonus"), migrations.RunSQL.noop)
    ]
