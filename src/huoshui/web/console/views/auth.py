"""Signing in: head office by password and a code that changes; dealers and guides by a code to their phone, or on a device
that is remembered. Whether an account or a phone exists, no answer tells."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from huoshui.brand import api as brand
from huoshui.core.errors import NotFound
from huoshui.web.console.demo import logins
from huoshui.web.console.shell import LANGUAGES
from huoshui.web.console.views import sign_in


def frame() -> dict[str, Any]:
    """What stands around every page on which one signs in."""
    return {"languages": LANGUAGES, "brand": getattr(settings, "HUOSHUI_BRAND", "")}


@method_decorator([sensitive_post_parameters(), never_cache], name="dispatch")
class Login(views.LoginView):
    template_name = "console/login.html"
    redirect_authenticated_user = True
    next_page = "console:today"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        device = sign_in.remembered(self.request)
        return {
            **super().get_context_data(**kwargs),
            **frame(),
            "demo_logins": logins(),
            "remembered": brand.staff_names([device.staff_id]).get(device.staff_id) if device else None,
            "is_phone_offered": brand.phone_codes.is_offered(),
        }

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        user = form.get_user()
        try:
            actor = brand.actor_of(user)
        except NotFound:  # who is placed nowhere is told so behind the door, and sees nothing there
            return super().form_valid(form)
        wanted = brand.second_factor.wanted(actor, user.get_username())
        if wanted == "no":
            return sign_in.enter(self.request, user, actor.id, "password", to=self.get_success_url())
        sign_in.wait(self.request, user, to=self.get_success_url())
        return HttpResponseRedirect(reverse(f"console:login-{'factor' if wanted == 'ask' else 'enrol'}"))

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Logout(views.LogoutView):
    next_page = "console:login"


def whereto(request: HttpRequest, asked: str) -> str:
    """An address of ours, or the first page."""
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return asked if asked and is_ours else reverse("console:today")


def enter_by_device(request: HttpRequest) -> HttpResponse:
    """On a device that is remembered one tap is enough."""
    device = sign_in.remembered(request)
    user = brand.sessions.user_for(device.staff_id) if device is not None else None
    if device is None or user is None or not brand.phone_codes.may_by_phone(device.staff_id):
        return HttpResponseRedirect(reverse("console:login-phone"))
    with transaction.atomic():
        brand.sessions.use(device)
    to = whereto(request, request.POST.get("next", ""))
    response = sign_in.enter(request, user, device.staff_id, "device", to=to, device_id=device.device_id)
    sign_in.keep(response, request.COOKIES[sign_in.DEVICE])
    return response
