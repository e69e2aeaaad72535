"""Nobody visits this shop; its apps ask for a URL table all the same."""

from __future__ import annotations

from django.apps import apps
from django.urls import include, path

urlpatterns = [path("", include(apps.get_app_config("oscar").urls[0]))]
