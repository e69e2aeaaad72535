from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0004_hot")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.facts", "schema_0005_vouchers"), migrations.RunSQL.noop),
    ]
