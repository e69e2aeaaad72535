from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("card", "0001_schema")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.card", "schema_0002_guide"), migrations.RunSQL.noop)
    ]
