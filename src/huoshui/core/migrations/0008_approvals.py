from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("core", "0007_handed_back")]
    operations = [migrations.RunSQL(sql.schema("huoshui.core.approvals"), migrations.RunSQL.noop)]
