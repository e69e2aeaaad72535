"""Addresses at which one signs in and out, and sees where one is signed in."""

from __future__ import annotations

from django.urls import path

from huoshui.web.console.views import auth
from huoshui.web.console.views import sign_in_steps as steps

urlpatterns = [
    path("login/", auth.Login.as_view(), name="login"),
    path("login/factor/", steps.factor, name="login-factor"),
    path("login/enrol/", steps.enrol, name="login-enrol"),
    path("login/phone/", steps.phone, name="login-phone"),
    path("login/device/", steps.device, name="login-device"),
    path("logout/", auth.Logout.as_view(), name="logout"),
    path("me/devices/", steps.my_devices, name="my-devices"),
]
