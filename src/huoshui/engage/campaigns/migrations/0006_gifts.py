from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0005_excess")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.campaigns", "schema_0006_gifts"), migrations.RunSQL.noop)
    ]
