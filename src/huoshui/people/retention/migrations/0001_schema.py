from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0001_ground")]
    operations = [migrations.RunSQL(sql.schema("huoshui.people.retention"), migrations.RunSQL.noop)]
