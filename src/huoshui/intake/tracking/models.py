"""What people set up by hand: sources that track, their write keys, and the tracking plan."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class TrackingSource(models.Model):
    source_id = models.IntegerField(primary_key=True)
    name = models.TextField(unique=True)
    label = models.TextField()
    kind = models.TextField()
    # Sources of one user base share it, so that a user id means the same human in each
    user_scope = models.TextField()
    user_id_kind = models.TextField(db_default="account")
    store_code = models.TextField(db_default="")
    origins = ArrayField(models.TextField(), default=list)
    rate_per_minute = models.IntegerField(db_default=60_000)
    is_enabled = models.BooleanField(db_default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "tracking_source"
        constraints = [
            models.CheckConstraint(condition=models.Q(rate_per_minute__gt=0), name="tracking_source_rate")
        ]

    def __str__(self) -> str:
        return self.name


class WriteKey(models.Model):
    id = models.AutoField(primary_key=True)
    source = models.ForeignKey(TrackingSource, on_delete=models.PROTECT, related_name="keys")
    prefix = models.TextField(unique=True)
    # SHA-256 of 142 random bits: nothing that could be guessed, so no slow hash is needed
    secret_hash = models.TextField()
    scopes = ArrayField(models.TextField())
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)  # revoked then, or rotated: the old one's days of grace

    class Meta:
        db_table = "tracking_key"

    def __str__(self) -> str:
        return self.prefix


class PlannedFact(models.Model):
    id = models.AutoField(primary_key=True)
    name = models.TextField(unique=True)
    note = models.TextField(db_default="")

    class Meta:
        db_table = "planned_fact"

    def __str__(self) -> str:
        return self.name


class PlannedProperty(models.Model):
    id = models.AutoField(primary_key=True)
    fact = models.ForeignKey(PlannedFact, on_delete=models.CASCADE, related_name="properties")
    name = models.TextField()
    type = models.TextField()
    klass = models.TextField(db_column="class", db_default="none")
    is_required = models.BooleanField(db_default=False)
    note = models.TextField(db_default="")

    class Meta:
        db_table = "planned_property"
        constraints = [models.UniqueConstraint(fields=["fact", "name"], name="planned_property_once")]

    def __str__(self) -> str:
        return self.name
