"""Which of its goods an owner lets others sell. (What lies where is the ledger's.)"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Share(models.Model):
    """Of one product (`sku_id`), of a category, or of all goods (neither), at an org unit and those below it.

    Its price is what the seller owes for 1: an amount, or so many thousandths of the list price.
    """

    id = models.AutoField(primary_key=True)
    org_unit_id = models.IntegerField()
    sku_id = models.IntegerField(db_default=0)
    category = models.TextField(db_default="")
    kept_milli = models.BigIntegerField(db_default=0)
    transfer_price = models.BigIntegerField(null=True)
    price_permille = models.IntegerField(null=True)
    is_open = models.BooleanField(db_default=True)
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "stock_share"
        constraints = [
            models.UniqueConstraint(fields=["org_unit_id", "sku_id", "category"], name="stock_share_once"),
            models.CheckConstraint(
                condition=models.Q(sku_id=0) | models.Q(category=""), name="stock_share_of_one_kind"
            ),
            models.CheckConstraint(condition=models.Q(kept_milli__gte=0), name="stock_share_kept"),
            models.CheckConstraint(
                condition=models.Q(is_open=False)
                | models.Q(transfer_price__isnull=False, transfer_price__gte=0, price_permille=None)
                | models.Q(
                    transfer_price=None, price_permille__isnull=False, price_permille__range=(0, 1000)
                ),
                name="stock_share_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.org_unit_id} {self.sku_id or self.category}"
