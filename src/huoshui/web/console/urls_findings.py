"""Addresses of what the data itself shows of cards, holidays and teams."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import findings

urlpatterns = [
    path("findings/", findings.findings, name="findings"),
    path("findings/openings/", findings.openings, name="findings-openings"),
    path("findings/away/", findings.away, name="findings-away"),
    path("findings/teams/", findings.teams, name="findings-teams"),
    path("findings/<slug:kind>/<int:number>/people/", findings.people, name="findings-people"),
]
