"""Addresses of the organisation and of those who work in it."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import org, staff

urlpatterns = [
    path("org/", org.org, name="org"),
    path("org/<int:unit_id>/", org.unit, name="org-unit"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<int:staff_id>/", staff.member, name="staff-member"),
]
