"""Addresses of what is fetched by the clock."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import pickup

urlpatterns = [
    path("pickups/", pickup.pickups, name="pickups"),
    path("pickups/new/<slug:kind>/", pickup.new, name="pickup-new"),
    path("pickups/<int:pickup_id>/", pickup.pickup, name="pickup"),
    path("pickups/<int:pickup_id>/trial/", pickup.trial, name="pickup-trial"),
    path("pickups/<int:pickup_id>/edit/", pickup.edit, name="pickup-edit"),
]
