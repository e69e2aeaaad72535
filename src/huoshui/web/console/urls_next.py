"""Addresses of the questions what is bought next, and what a campaign brought."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import effect, next_product

urlpatterns = [
    path("effect/", effect.page, name="effect"),
    path("effect/panel/", effect.panel_of_one, name="effect-panel"),
    path("next/", next_product.page, name="next"),
    path("next/panel/", next_product.panel_of_all, name="next-panel"),
    path("people/<int:person_id>/next/", next_product.of_person, name="person-next"),
]
