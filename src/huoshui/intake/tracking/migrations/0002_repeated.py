from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("tracking", "0001_initial")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.intake.tracking", "schema_0002_repeated"), migrations.RunSQL.noop
        ),
    ]
