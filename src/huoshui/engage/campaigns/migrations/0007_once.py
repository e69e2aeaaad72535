from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0006_gifts")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.campaigns", "schema_0007_once"), migrations.RunSQL.noop)
    ]
