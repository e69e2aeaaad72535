"""Addresses of how far the data can be trusted."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import trust

urlpatterns = [
    path("trust/", trust.overview, name="trust"),
    path("trust/stores/", trust.stores, name="trust-stores"),
    path("trust/sources/<int:source_id>/", trust.source, name="trust-source"),
    path("trust/lineage/", trust.lineage, name="trust-lineage"),
    path("trust/lineage/<int:fact_id>/", trust.origin, name="trust-origin"),
    path("trust/rejected/", trust.rejected, name="trust-rejected"),
    path("trust/rejected/files/<int:run_id>/", trust.mend, name="trust-mend"),
    path("trust/rejected/events/<int:source_id>/<slug:code>/", trust.events, name="trust-events"),
    path("trust/rejected/facts/<slug:code>/", trust.settle, name="trust-settle"),
]
