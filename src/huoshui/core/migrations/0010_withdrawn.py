from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0009_voucher_kin")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.facts", "schema_0010_withdrawn"), migrations.RunSQL.noop),
        migrations.RunSQL(sql.schema("huoshui.core.journal"), migrations.RunSQL.noop),
    ]
