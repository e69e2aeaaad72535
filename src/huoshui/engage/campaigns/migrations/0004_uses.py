from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0003_claims")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.campaigns", "schema_0004_uses"), migrations.RunSQL.noop)
    ]
