from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0009_voucher_kin")]
    operations = [migrations.RunSQL(sql.schema("huoshui.intake.trust"), migrations.RunSQL.noop)]
