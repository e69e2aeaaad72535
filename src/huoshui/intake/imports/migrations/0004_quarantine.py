from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("imports", "0003_undo")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.intake.imports", "schema_0004_quarantine"), migrations.RunSQL.noop
        ),
    ]
