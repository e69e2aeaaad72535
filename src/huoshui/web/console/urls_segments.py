"""Addresses of saved segments."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import portraits, segment_plan, segments

urlpatterns = [
    path("segments/", segments.segments, name="segments"),
    path("segments/new/", segments.new, name="segment-new"),
    path("segments/count/", segments.count, name="segment-count"),
    path("segments/count/off/", segments.count_off, name="count-off"),
    path("segments/<int:segment_id>/", segments.segment, name="segment"),
    path("segments/<int:segment_id>/people/", segments.people, name="segment-people"),
    path("segments/<int:segment_id>/rule/", segments.rule, name="segment-rule"),
    path("segments/<int:segment_id>/act/", segments.act, name="segment-act"),
    path("segments/<int:segment_id>/export/", segments.export, name="segment-export"),
    path("segments/<int:segment_id>/plan/", segment_plan.plan, name="segment-plan"),
    path("segments/<int:segment_id>/files/<int:file_id>/", segment_plan.file, name="segment-file"),
    path("segments/<int:segment_id>/portrait/", portraits.portrait, name="segment-portrait"),
    path(
        "segments/<int:segment_id>/portrait/panel/", portraits.portrait_panel, name="segment-portrait-panel"
    ),
    path("segments/<int:segment_id>/portrait/people/", portraits.people, name="segment-portrait-people"),
    path("segments/<int:segment_id>/typical/", portraits.typical, name="segment-typical"),
    path("portraits/", portraits.portraits, name="portraits"),
    path("types/", portraits.types, name="groups-types"),
    path("types/find/", portraits.find_types, name="types-find"),
    path("types/<int:model_id>/<int:key>/", portraits.call_type, name="type-call"),
    path("types/<int:key>/people/", portraits.type_people, name="type-people"),
    path("people/<int:person_id>/segments/", segments.of_person, name="person-segments"),
]
