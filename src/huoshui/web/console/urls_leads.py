"""Addresses of leads: head office's desk, and a dealer's phone."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import leads

urlpatterns = [
    path("leads/", leads.leads, name="leads"),
    path("leads/<int:lead_id>/", leads.lead, name="lead"),
]
