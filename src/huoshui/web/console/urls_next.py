"""Addresses of the question what is bought next."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import next_product

urlpatterns = [
    path("next/", next_product.page, name="next"),
    path("next/panel/", next_product.panel_of_all, name="next-panel"),
    path("people/<int:person_id>/next/", next_product.of_person, name="person-next"),
]
