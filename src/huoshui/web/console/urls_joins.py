"""Addresses of 合并与撤销."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import joins

urlpatterns = [
    path("joins/", joins.overview, name="joins"),
    path("joins/pair/", joins.pair, name="join-pair"),
    path("joins/rules/<slug:kind>/", joins.draft, name="join-draft"),
    path("joins/<slug:how>/<str:what>/", joins.way, name="join"),
]
