from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("consent", "0001_schema"), ("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.consent", "schema_0002_unsaid"), migrations.RunSQL.noop)
    ]
