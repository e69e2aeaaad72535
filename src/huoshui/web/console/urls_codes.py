"""Addresses of codes: the one that is scanned, and the desk where they are made."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import codes, join

urlpatterns = [
    path("c/<str:token>/", join.scanned, name="scanned"),
    path("codes/", codes.codes, name="codes"),
    path("codes/sheet.pdf", codes.sheet, name="codes-sheet"),
    path("codes/<int:code_id>/", codes.code, name="code"),
    path("codes/<int:code_id>/qr.svg", codes.drawn_svg, name="code-svg"),
    path("codes/<int:code_id>/qr.png", codes.drawn_png, name="code-png"),
]
