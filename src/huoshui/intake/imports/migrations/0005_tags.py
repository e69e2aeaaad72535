from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("imports", "0004_quarantine")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.intake.imports", "schema_0005_tags"), migrations.RunSQL.noop),
    ]
