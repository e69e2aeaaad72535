"""Addresses of 我的顾客保护: a dealer's own, and each dealer's as head office reads it."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import protection

urlpatterns = [
    path("protection/", protection.protection, name="protection"),
    path("protection/cohorts/", protection.cohorts, name="protection-cohorts"),
    path("protection/why/", protection.why, name="protection-why"),
    path("protection/cohorts.csv", protection.cohorts_file, name="protection-cohorts-file"),
    path("protection/<int:dealer_id>/archive.zip", protection.archive, name="protection-archive"),
    path("protection/<int:dealer_id>/", protection.of_dealer, name="protection-of"),
]
