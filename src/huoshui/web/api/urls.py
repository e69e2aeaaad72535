from __future__ import annotations

from django.urls import path

from huoshui.web.api import (
    pages,
    views,  # noqa: F401  (declares the addresses)
)
from huoshui.web.api.service import api

urlpatterns = [
    path("openapi.json", pages.openapi_json),
    path("docs", pages.docs),
    path("", api.urls),
]
