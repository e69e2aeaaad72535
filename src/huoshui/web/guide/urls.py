"""Addresses of the guide's phone. They are the console's, so that its matrix of access asks each of them."""

from __future__ import annotations

from django.urls import path

from huoshui.web.guide import views

urlpatterns = [
    path("g/", views.home, name="guide-home"),
    path("g/find/", views.find, name="guide-find"),
    path("g/mine/", views.mine, name="guide-mine"),
    path("g/claim/", views.claim, name="guide-claim"),
    path("g/claim/say/", views.claim_say, name="guide-claim-say"),
    path("g/claim/decide/", views.claim_decide, name="guide-claim-decide"),
    path("g/code/", views.code, name="guide-code"),
    path("g/people/<int:person_id>/", views.person, name="guide-person"),
    path("g/people/<int:person_id>/news/", views.news, name="guide-news"),
    path("g/people/<int:person_id>/note/", views.note, name="guide-note"),
    path("g/people/<int:person_id>/dial/", views.dial, name="guide-dial"),
]
