from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0008_approvals")]
    operations = [
        migrations.RunSQL(
            sql.schema("huoshui.core.facts", "schema_0009_voucher_kin"), migrations.RunSQL.noop
        ),
    ]
