"""Keys by which tills and shops speak to us."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class ApiKey(models.Model):
    id = models.AutoField(primary_key=True)
    prefix = models.TextField(unique=True)
    # SHA-256 of a secret of 238 random bits: nothing that could be guessed, so no slow hash is needed
    secret_hash = models.TextField()
    source_id = models.IntegerField()
    # Two living keys for one source, so that a till can be given the new one before the old one ends
    slot = models.SmallIntegerField()
    name = models.TextField()
    scopes = ArrayField(models.TextField())
    store_codes = ArrayField(models.TextField())
    org_unit_ids = ArrayField(models.IntegerField())
    rate_per_minute = models.IntegerField()
    created_at = models.DateTimeField(db_default=Now())
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"
        constraints = [
            models.CheckConstraint(condition=models.Q(slot__in=[1, 2]), name="api_key_slot"),
            models.CheckConstraint(condition=models.Q(rate_per_minute__gt=0), name="api_key_rate"),
            models.UniqueConstraint(
                fields=["source_id", "slot"], condition=models.Q(revoked_at=None), name="api_key_two_living"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.prefix}"
