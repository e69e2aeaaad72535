from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0004_uses")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.engage.campaigns", "schema_0005_excess"), migrations.RunSQL.noop
        )
    ]
