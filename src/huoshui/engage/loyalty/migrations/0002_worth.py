from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0001_schema"), ("core", "0002_asks")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.loyalty", "schema_0002_worth"), migrations.RunSQL.noop)
    ]
