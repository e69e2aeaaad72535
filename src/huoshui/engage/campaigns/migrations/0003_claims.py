from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0002_hot")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.engage.campaigns", "schema_0003_claims"), migrations.RunSQL.noop
        ),
    ]
