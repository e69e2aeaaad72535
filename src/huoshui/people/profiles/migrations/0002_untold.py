from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("profiles", "0001_schema"), ("core", "0010_withdrawn")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.profiles", "schema_0002_untold"), migrations.RunSQL.noop
        ),
    ]
