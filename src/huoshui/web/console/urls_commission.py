"""Addresses of what is owed: the desk's, and a guide's own on her phone."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import commission

urlpatterns = [
    path("commission/", commission.commission, name="commission"),
    path("commission/statements/<int:statement_id>/", commission.statement, name="statement"),
    path("commission/statements/<int:statement_id>/<slug:form>/", commission.file, name="statement-file"),
    path("commission/payments/", commission.payments, name="payment-list"),
    path("g/commission/", commission.own, name="own-commission"),
    path("g/commission/<int:order_id>/", commission.own_why, name="own-commission-why"),
]
