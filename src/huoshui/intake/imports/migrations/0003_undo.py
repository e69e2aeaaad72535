from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("imports", "0002_formats"), ("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.intake.imports", "schema_0003_undo"), migrations.RunSQL.noop),
    ]
