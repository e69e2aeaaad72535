from django.db import migrations, models

from huoshui.core import sql


class Migration(migrations.Migration):
    dependencies = [("staff", "0002_journal")]
    operations = [
        migrations.AddField("placement", "starts_on", models.DateField(null=True)),
        migrations.AddField("placement", "expires_on", models.DateField(null=True)),
        migrations.AddField("placement", "firm", models.TextField(db_default="")),
        migrations.AddField("placement", "reason", models.TextField(db_default="")),
        migrations.RemoveConstraint("placement", "placement_once"),
        migrations.AddConstraint(
            "placement",
            models.UniqueConstraint(
                fields=["staff", "org_unit_id", "role", "starts_on", "expires_on"],
                condition=models.Q(ended_on=None),
                nulls_distinct=False,
                name="placement_once",
            ),
        ),
        migrations.RunSQL(sql.schema("huoshui.brand.staff", "schema_0003_terms"), migrations.RunSQL.noop),
    ]
