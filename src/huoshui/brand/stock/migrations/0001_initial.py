import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Share",
            fields=[
                ("id", models.AutoField(primary_key=True, serialize=False)),
                ("org_unit_id", models.IntegerField()),
                ("sku_id", models.IntegerField(db_default=0)),
                ("category", models.TextField(db_default="")),
                ("kept_milli", models.BigIntegerField(db_default=0)),
                ("transfer_price", models.BigIntegerField(null=True)),
                ("price_permille", models.IntegerField(null=True)),
                ("is_open", models.BooleanField(db_default=True)),
                ("set_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "db_table": "stock_share",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("org_unit_id", "sku_id", "category"), name="stock_share_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("sku_id", 0), ("category", ""), _connector="OR"),
                        name="stock_share_of_one_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("kept_milli__gte", 0)), name="stock_share_kept"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("is_open", False),
                            models.Q(
                                ("price_permille", None),
                                ("transfer_price__gte", 0),
                                ("transfer_price__isnull", False),
                            ),
                            models.Q(
                                ("price_permille__isnull", False),
                                ("price_permille__range", (0, 1000)),
                                ("transfer_price", None),
                            ),
                            _connector="OR",
                        ),
                        name="stock_share_price",
                    ),
                ],
            },
        ),
    ]
