"""What people set up by hand: devices, samples, and the rules by which readings become news for a guide."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class Device(models.Model):
    id = models.AutoField(primary_key=True)
    code = models.TextField(unique=True)
    kind = models.TextField()
    name = models.TextField()
    store_code = models.TextField(db_default="")
    org_unit_id = models.IntegerField(null=True)
    # SHA-256 of 142 random bits: nothing that could be guessed, so no slow hash is needed
    secret_hash = models.TextField()
    # The same as a broker keeps it: a line of mosquitto's password file
    broker_hash = models.TextField()
    rate_per_minute = models.IntegerField()
    is_on = models.BooleanField(db_default=True)
    created_at = models.DateTimeField(db_default=Now())
    key_made_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "device"
        constraints = [models.CheckConstraint(condition=models.Q(rate_per_minute__gt=0), name="device_rate")]

    def __str__(self) -> str:
        return self.code


class Sample(models.Model):
    id = models.AutoField(primary_key=True)
    name = models.TextField()
    sku_code = models.TextField(db_default="")
    follow_up_days = models.IntegerField(db_default=7)
    is_on = models.BooleanField(db_default=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "sample"

    def __str__(self) -> str:
        return self.name


class TrendRule(models.Model):
    id = models.AutoField(primary_key=True)
    name = models.TextField(unique=True)
    kind = models.TextField()
    metric = models.TextField(db_default="")
    direction = models.TextField(db_default="")
    amount = models.FloatField(db_default=0)
    days = models.IntegerField()
    least_readings = models.IntegerField()
    advice = models.TextField(db_default="")
    # What a body says is sensitive: off the guides' screens until somebody switches it on
    is_for_guides = models.BooleanField(db_default=False)
    is_on = models.BooleanField(db_default=True)

    class Meta:
        db_table = "trend_rule"

    def __str__(self) -> str:
        return self.name
