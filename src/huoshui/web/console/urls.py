from __future__ import annotations

from django.urls import path
from django.views.i18n import set_language

from huoshui.web.console.views import auth, today

app_name = "console"

urlpatterns = [
    path("", today.today, name="today"),
    path("today/<slug:dimension>/", today.breakdown, name="breakdown"),
    path("login/", auth.Login.as_view(), name="login"),
    path("logout/", auth.Logout.as_view(), name="logout"),
    path("language/", set_language, name="language"),
]
