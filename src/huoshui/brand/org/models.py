"""The organisation: headquarters → region → dealer → store, one tree."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class OrgUnit(models.Model):
    HEADQUARTERS, REGION, DEALER, STORE = "headquarters", "region", "dealer", "store"

    id = models.AutoField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField()
    kind = models.TextField()
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    city = models.TextField(db_default="")
    address = models.TextField(db_default="")
    opened_on = models.DateField(null=True)
    area_sqm = models.IntegerField(null=True)
    # False while only sales have named it: a store nobody has described yet
    is_listed = models.BooleanField(db_default=True)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "org_unit"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["headquarters", "region", "dealer", "store"]),
                name="org_unit_kind",
            )
        ]

    def __str__(self) -> str:
        return self.name


class HouseRule(models.Model):
    """What head office has decided for all stores, where it is not as it comes."""

    name = models.TextField(primary_key=True)
    value = models.TextField()
    set_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "org_rule"

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"
