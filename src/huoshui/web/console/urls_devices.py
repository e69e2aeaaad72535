"""Addresses of devices, and of what their readings mean for people; under g/ what guides have on their phones."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import devices, notices

urlpatterns = [
    path("devices/", devices.devices, name="devices"),
    path("devices/<int:device_id>/", devices.device, name="device"),
    path("devices/<int:device_id>/file/", devices.file, name="device-file"),
    path("devices/<int:device_id>/terms/<int:binding_id>/", devices.term, name="device-term"),
    path("people/<int:person_id>/devices/", devices.of_person, name="person-devices"),
    path("devices/asides/<int:aside_id>/", devices.aside, name="device-aside"),
    path("devices/scales/", devices.scales, name="device-scales"),
    path("devices/samples/", devices.samples, name="device-samples"),
    path("devices/samples/<int:sample_id>/codes.csv", devices.sample_codes, name="sample-codes"),
    path("devices/rules/", devices.rules, name="device-rules"),
    path("notices/", notices.notices, name="notices"),
    path("g/notices/", notices.phone_notices, name="phone-notices"),
    path("notices/<int:fact_id>/done/", notices.notice_done, name="notice-done"),
]
