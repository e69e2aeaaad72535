from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0006_partners")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.loyalty", "schema_0007_days"), migrations.RunSQL.noop)
    ]
