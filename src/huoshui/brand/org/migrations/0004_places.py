from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("org", "0003_house")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.brand.org", "schema_0004_places"), migrations.RunSQL.noop),
    ]
