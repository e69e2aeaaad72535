"""What the brand sells."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Sku(models.Model):
    id = models.AutoField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField(db_default="")
    brand = models.TextField(db_default="")
    manufacturer = models.TextField(db_default="")
    spec = models.TextField(db_default="")
    barcode = models.TextField(db_default="")
    category_1 = models.TextField(db_default="")
    category_2 = models.TextField(db_default="")
    category_3 = models.TextField(db_default="")
    category_4 = models.TextField(db_default="")
    list_price = models.BigIntegerField(null=True)
    launch_date = models.DateField(null=True)
    # False while only sales have named it: kept and flagged, never dropped
    is_listed = models.BooleanField(db_default=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "sku"

    def __str__(self) -> str:
        return self.name or self.code
