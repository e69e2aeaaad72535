"""Addresses of 疑似同一人."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import matching

urlpatterns = [
    path("alike/", matching.alike, name="alike"),
    path("alike/compare/", matching.compare, name="alike-compare"),
    path("alike/<int:proposal_id>/", matching.decide, name="alike-decide"),
]
