from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.brand.catalog", "schema_0002_journal"), migrations.RunSQL.noop),
    ]
