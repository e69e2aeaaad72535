from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("profiles", "0003_priority")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.profiles", "schema_0004_born"), migrations.RunSQL.noop),
    ]
