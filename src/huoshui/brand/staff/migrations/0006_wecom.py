from django.db import migrations, models

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("staff", "0005_joined")]
    operations = [
        migrations.AddField("staff", "wecom_id", models.TextField(db_default="", default="")),
        migrations.AddConstraint(
            "staff",
            models.UniqueConstraint(
                fields=["wecom_id"],
                condition=models.Q(("wecom_id", ""), _negated=True),
                name="staff_wecom_once",
            ),
        ),
        migrations.RunSQL(sql.schema("huoshui.brand.staff", "schema_0006_wecom"), migrations.RunSQL.noop),
    ]
