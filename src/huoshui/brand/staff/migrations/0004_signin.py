from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("staff", "0003_terms")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.brand.staff", "schema_0004_signin"), migrations.RunSQL.noop),
    ]
