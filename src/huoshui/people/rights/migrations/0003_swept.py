from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("rights", "0002_links")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.people.rights", "schema_0003_swept"), migrations.RunSQL.noop),
    ]
