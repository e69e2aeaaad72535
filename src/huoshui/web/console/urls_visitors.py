"""Addresses of visitors who do not buy; under g/ what guides have on their phones."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import visitors

urlpatterns = [
    path("visitors/", visitors.visitors, name="visitors"),
    path("visitors/people/", visitors.people, name="visitors-people"),
    path("visitors/settings/", visitors.settings, name="visitors-settings"),
    path("g/visits/", visitors.taps, name="taps"),
    path("g/visits/products/", visitors.tap_products, name="tap-products"),
    path("g/visits/<int:fact_id>/undo/", visitors.undo, name="tap-undo"),
]
