"""A run: some files of one kind on their way in."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class ImportRun(models.Model):
    UPLOADED, QUEUED, RUNNING, DONE, FAILED = "uploaded", "queued", "running", "done", "failed"

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField(db_default="")
    format = models.TextField(
        db_default="auto"
    )  # a platform's, by name; 'own': nobody's; 'auto': let the headers tell
    source_name = models.TextField(db_default="")
    mode = models.TextField(db_default="live")
    state = models.TextField(db_default=UPLOADED)
    phase = models.TextField(db_default="")
    is_dry_run = models.BooleanField(db_default=False)
    files = models.JSONField(default=list)  # names as the user gave them
    mapping = models.JSONField(null=True)
    done = models.BigIntegerField(db_default=0)
    total = models.BigIntegerField(db_default=0)
    rate = models.FloatField(db_default=0.0)
    counts = models.JSONField(default=dict)
    problems = models.IntegerField(db_default=0)
    message = models.TextField(db_default="")
    actor = models.TextField()
    actor_name = models.TextField(db_default="")
    created_at = models.DateTimeField(db_default=Now())
    heard_at = models.DateTimeField(
        db_default=Now()
    )  # a running one that is not heard of has been interrupted
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import_run"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["uploaded", "queued", "running", "done", "failed"]),
                name="import_run_state",
            ),
            models.CheckConstraint(condition=models.Q(mode__in=["live", "history"]), name="import_run_mode"),
        ]


class SavedMapping(models.Model):
    """How this source's table of this kind is to be read, as its user once said."""

    source_name = models.TextField()
    kind = models.TextField()
    format = models.TextField()
    mapping = models.JSONField()
    headers = models.JSONField()  # normalised, of the file it was made for
    actor = models.TextField()
    saved_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "import_mapping"
        constraints = [
            models.UniqueConstraint(fields=["source_name", "kind"], name="import_mapping_once"),
        ]
