from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    initial = True
    dependencies = [("core", "0014_alone")]
    operations = [migrations.RunSQL(sql.schema("huoshui.trade.leads"), migrations.RunSQL.noop)]
