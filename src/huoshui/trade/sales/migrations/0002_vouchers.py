from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("sales", "0001_schema"), ("core", "0005_vouchers")]
    operations = [
        migrations.RunSQL(sql.schema("huoshui.trade.sales", "schema_0002_vouchers"), migrations.RunSQL.noop)
    ]
