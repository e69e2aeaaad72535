from __future__ import annotations

from django.urls import path

from huoshui.web.api import customers, pages, views
from huoshui.web.api.service import api

DECLARED = (views, customers)  # importing them declares their addresses

urlpatterns = [
    path("openapi.json", pages.openapi_json),
    path("docs", pages.docs),
    path("", api.urls),
]
