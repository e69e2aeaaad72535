from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "huoshui.web.api"
    label = "api"
