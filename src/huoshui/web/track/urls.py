"""Addresses of the tracking API, for whoever lists them; `lane` answers before Django looks here."""

from __future__ import annotations

from django.urls import path

from huoshui.web.track.service import BATCHES, KINDS, METRICS, answer

app_name = "track"

urlpatterns = [
    *(path(name, answer, name=name) for name in sorted([*KINDS, *BATCHES, METRICS])),
    path("projects/<str:key>/settings", lambda request, key: answer(request), name="settings"),
]
