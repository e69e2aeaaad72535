from django.db import migrations

from huoshui.core import sql


class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.RunSQL(sql.schema("huoshui.core.facts"), migrations.RunSQL.noop),
        migrations.RunSQL(sql.schema("huoshui.core.ledger"), migrations.RunSQL.noop),
    ]
