from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("profiles", "0005_birthdays")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.profiles", "schema_0006_born_else"), migrations.RunSQL.noop
        )
    ]
