from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0002_asks")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.campaigns"), migrations.RunSQL.noop),
    ]
