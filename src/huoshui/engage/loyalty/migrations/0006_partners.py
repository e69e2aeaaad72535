from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0005_adjust")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.engage.loyalty", "schema_0006_partners"), migrations.RunSQL.noop
        )
    ]
