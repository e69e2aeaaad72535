"""What of the API goes the common way through Django; the rest is answered in `lane`."""

from __future__ import annotations

from django.urls import path

from huoshui.web.api import pages

urlpatterns = [path("docs", pages.docs)]
