"""Addresses of roles and relations."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import relations

urlpatterns = [
    path("relations/", relations.relations, name="relations"),
    path("people/<int:person_id>/roles/", relations.roles, name="person-roles"),
    path("people/<int:person_id>/roles/say/", relations.say, name="person-roles-say"),
]
