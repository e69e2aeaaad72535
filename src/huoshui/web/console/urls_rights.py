"""Addresses of consent and of what people may ask of us."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import own_page, retention, rights

urlpatterns = [
    path("people/<int:person_id>/consents/", rights.consents, name="consents"),
    path("people/<int:person_id>/consents/say/", rights.say, name="consent-say"),
    path("people/<int:person_id>/rights/", rights.ask, name="rights-ask"),
    path("people/<int:person_id>/contacts/<int:identifier_id>/open/", rights.glass, name="glass"),
    path("people/<int:person_id>/contacts/<int:identifier_id>/dial/", rights.dial, name="dial"),
    path(
        "people/<int:person_id>/contacts/<int:identifier_id>/correct/",
        rights.correct_contact,
        name="contact-correct",
    ),
    path(
        "people/<int:person_id>/contacts/<int:identifier_id>/retire/",
        rights.retire_number,
        name="contact-retire",
    ),
    path("people/<int:person_id>/own-page/", own_page.link, name="own-link"),
    path("my/<str:token>/", own_page.own_page, name="own-page"),
    path("rights/", rights.rights, name="rights"),
    path("rights/rules/", rights.send_rule, name="send-rule"),
    path("rights/retention/", retention.retention, name="retention"),
    path("rights/<int:case_id>/", rights.case, name="rights-case"),
    path("rights/<int:case_id>/certificate/", rights.certificate, name="rights-certificate"),
    path("rights/<int:case_id>/copy.<str:form>", rights.copy, name="rights-copy"),
]
