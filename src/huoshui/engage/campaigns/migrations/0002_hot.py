from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_schema")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.campaigns", "schema_0002_hot"), migrations.RunSQL.noop),
    ]
