from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("loyalty", "0010_gift")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.engage.loyalty", "schema_0011_unsaid"), migrations.RunSQL.noop)
    ]
