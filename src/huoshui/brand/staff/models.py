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

    class Meta:
        db_table = "staff"

    def __str__(self) -> str:
        return self.name


class Placement(models.Model):
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="placements")
    org_unit_id = models.IntegerField()
    role = models.TextField()
    ended_on = models.DateField(null=True)

    class Meta:
        db_table = "placement"
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "org_unit_id", "role"],
                condition=models.Q(ended_on=None),
                name="placement_once",
            )
        ]
