from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunSQL(sql.schema("huoshui.intake.wecom"), migrations.RunSQL.noop)]
