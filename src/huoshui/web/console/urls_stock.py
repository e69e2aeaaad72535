"""Addresses of stock and its documents."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import stock

urlpatterns = [
    path("stock/", stock.stock, name="stock"),
    path("stock/transfers/", stock.transfers, name="stock-transfers"),
    path("stock/transfers/<int:fact_id>/", stock.transfer, name="stock-transfer"),
    path("stock/documents/", stock.document_list, name="stock-documents"),
    path("stock/documents/<int:fact_id>/", stock.document, name="stock-document"),
    path("stock/<int:org_unit_id>/settings/", stock.settings, name="stock-settings"),
    path("stock/<int:org_unit_id>/new/<slug:kind>/", stock.new, name="stock-new"),
    path("stock/<int:org_unit_id>/goods/<int:sku_id>/", stock.movements, name="stock-movements"),
]
