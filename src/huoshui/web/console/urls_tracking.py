"""Addresses of what sites, apps and servers track."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import tracking

urlpatterns = [
    path("sources/", tracking.sources, name="sources"),
    path("sources/<int:source_id>/", tracking.source, name="source"),
    path("plan/", tracking.plan, name="plan"),
    path("stream/", tracking.stream, name="stream"),
    path("stream/rows/", tracking.stream_rows, name="stream-rows"),
    path("stream/aside/", tracking.asides, name="asides"),
    path("stream/aside/<int:aside_id>/", tracking.aside, name="aside"),
]
