from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("huoshui.web.api.urls")),
    path("v1/", include("huoshui.web.track.urls")),
    path("", include("huoshui.web.console.urls")),
]

handler404 = "huoshui.web.console.views.errors.not_found"
handler500 = "huoshui.web.console.views.errors.failed"
