from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("leads", "0001_schema")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.trade.leads", "schema_0002_erasing"), migrations.RunSQL.noop)
    ]
