"""Who works here: a login placed at org units with roles."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Staff(models.Model):
    id = models.AutoField(primary_key=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="staff"
    )
    number = models.TextField(unique=True)
    name = models.TextField()
    # The first day at work, as the staff list says; none where it says nothing
    joined_on = models.DateField(null=True)
    # What 企业微信 calls this one of the staff
    wecom_id = models.TextField(db_default="", default="")

    class Meta:
        db_table = "staff"
        constraints = [
            models.UniqueConstraint(
                fields=["wecom_id"], condition=~models.Q(wecom_id=""), name="staff_wecom_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Placement(models.Model):
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="placements")
    org_unit_id = models.IntegerField()
    role = models.TextField()
    # First and last day of a place that is for a time only
    starts_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    # Of another firm: whose
    firm = models.TextField(db_default="")
    reason = models.TextField(db_default="")

    class Meta:
        db_table = "placement"
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "org_unit_id", "role", "starts_on", "expires_on"],
                condition=models.Q(ended_on=None),
                nulls_distinct=False,
                name="placement_once",
            )
        ]
