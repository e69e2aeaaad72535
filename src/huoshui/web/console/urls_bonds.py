"""Addresses of whose customers they are."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import bonds

urlpatterns = [
    path("bonds/", bonds.bonds, name="bonds"),
    path("people/<int:person_id>/bond/", bonds.of_person, name="person-bond"),
    path("people/<int:person_id>/bond/say/", bonds.say, name="person-bond-say"),
]
