from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("profiles", "0002_untold"), ("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.profiles", "schema_0003_priority"), migrations.RunSQL.noop
        ),
    ]
