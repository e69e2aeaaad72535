"""Addresses of 识别规则."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import identity_rules, word_order

urlpatterns = [
    path("identity-rules/", identity_rules.rules, name="identity-rules"),
    path("identity-rules/draft/", identity_rules.save, name="identity-rules-save"),
    path("identity-rules/drop/", identity_rules.drop, name="identity-rules-drop"),
    path("identity-rules/try/", identity_rules.rehearse, name="identity-rules-try"),
    path("identity-rules/live/", identity_rules.put_live, name="identity-rules-live"),
    path("identity-rules/sources/", word_order.order, name="word-order"),
    path("identity-rules/sources/set/", word_order.set_order, name="word-order-set"),
    path(
        "people/<int:person_id>/contacts/<int:identifier_id>/shared/",
        word_order.say_shared,
        name="identifier-shared",
    ),
]
