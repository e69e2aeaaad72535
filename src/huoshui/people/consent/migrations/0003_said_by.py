from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_unsaid"), ("identity", "0012_are_one")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.consent", "schema_0003_said_by"), migrations.RunSQL.noop)
    ]
