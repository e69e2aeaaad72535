from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("profiles", "0004_born")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.people.profiles", "schema_0005_birthdays"), migrations.RunSQL.noop
        )
    ]
