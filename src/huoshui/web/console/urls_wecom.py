"""Addresses of 企业微信: one customer's code, the settings, and where WeCom calls back."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import wecom

urlpatterns = [
    path("people/<int:person_id>/wecom/", wecom.add, name="wecom-add"),
    path("people/<int:person_id>/wecom/<int:way_id>/", wecom.code, name="wecom-code"),
    path("g/people/<int:person_id>/wecom/", wecom.guide_add, name="guide-wecom"),
    path("g/people/<int:person_id>/wecom/<int:way_id>/", wecom.guide_code, name="guide-wecom-code"),
    path("wecom/", wecom.settings, name="wecom"),
    path("wecom/trial/", wecom.trial, name="wecom-trial"),
    path("wecom/callback/", wecom.callback, name="wecom-callback"),
]
