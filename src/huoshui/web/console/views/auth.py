from __future__ import annotations

from django.conf import settings
from django.contrib.auth import views
from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpResponse

from huoshui.web.console.shell import LANGUAGES


class Login(views.LoginView):
    template_name = "console/login.html"
    redirect_authenticated_user = True
    next_page = "console:today"
    extra_context = {
        "languages": LANGUAGES,
        "brand": getattr(settings, "HUOSHUI_BRAND", ""),
        "is_demo": getattr(settings, "HUOSHUI_DEMO", False),
    }

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=422)


class Logout(views.LogoutView):
    next_page = "console:login"
