"""Addresses of consent and of what people may ask of us."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import retention, rights

urlpatterns = [
    path("people/<int:person_id>/consents/", rights.consents, name="consents"),
    path("people/<int:person_id>/consents/say/", rights.say, name="consent-say"),
    path("people/<int:person_id>/rights/", rights.ask, name="rights-ask"),
    path("people/<int:person_id>/contacts/<int:identifier_id>/open/", rights.glass, name="glass"),
    path("rights/", rights.rights, name="rights"),
    path("rights/rules/", rights.send_rule, name="send-rule"),
    path("rights/retention/", retention.retention, name="retention"),
    path("rights/<int:case_id>/", rights.case, name="rights-case"),
    path("rights/<int:case_id>/certificate/", rights.certificate, name="rights-certificate"),
    path("rights/<int:case_id>/copy.<str:form>", rights.copy, name="rights-copy"),
]
