"""Addresses of tags."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import tags

urlpatterns = [
    path("tags/", tags.tags, name="tags"),
    path("tags/new/", tags.new, name="tag-new"),
    path("tags/count/", tags.count, name="tag-count"),
    path("tags/packs/", tags.packs, name="tag-packs"),
    path("tags/packs/<slug:key>/", tags.pack, name="tag-pack"),
    path("tags/<int:tag_id>/", tags.tag, name="tag"),
    path("tags/<int:tag_id>/people/", tags.people, name="tag-people"),
    path("tags/<int:tag_id>/edit/", tags.edit, name="tag-edit"),
    path("tags/<int:tag_id>/act/", tags.act, name="tag-act"),
    path("people/<int:person_id>/tags/", tags.of_person, name="person-tags"),
    path("people/<int:person_id>/tags/say/", tags.say, name="person-tags-say"),
]
