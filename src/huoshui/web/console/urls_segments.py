"""Addresses of saved segments."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import segments

urlpatterns = [
    path("segments/", segments.segments, name="segments"),
    path("segments/new/", segments.new, name="segment-new"),
    path("segments/count/", segments.count, name="segment-count"),
    path("segments/<int:segment_id>/", segments.segment, name="segment"),
    path("segments/<int:segment_id>/people/", segments.people, name="segment-people"),
    path("segments/<int:segment_id>/rule/", segments.rule, name="segment-rule"),
    path("segments/<int:segment_id>/act/", segments.act, name="segment-act"),
    path("segments/<int:segment_id>/export/", segments.export, name="segment-export"),
    path("people/<int:person_id>/segments/", segments.of_person, name="person-segments"),
]
