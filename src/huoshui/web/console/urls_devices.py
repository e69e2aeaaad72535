"""Addresses of devices, and of what their readings mean for people; under g/ what guides have on their phones."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import devices

urlpatterns = [
    path("devices/", devices.devices, name="devices"),
    path("devices/<int:device_id>/", devices.device, name="device"),
    path("devices/asides/<int:aside_id>/", devices.aside, name="device-aside"),
    path("devices/scales/", devices.scales, name="device-scales"),
    path("devices/samples/", devices.samples, name="device-samples"),
    path("devices/samples/<int:sample_id>/codes.csv", devices.sample_codes, name="sample-codes"),
    path("devices/rules/", devices.rules, name="device-rules"),
    path("notices/", devices.notices, name="notices"),
    path("g/notices/", devices.phone_notices, name="phone-notices"),
    path("notices/<int:fact_id>/done/", devices.notice_done, name="notice-done"),
]
