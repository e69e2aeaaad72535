"""Who may enter: sign-in first; what is absent and what is forbidden answer alike."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.scope import scoped
from huoshui.web.console.contexts import rooms

logger = logging.getLogger(__name__)

P = ParamSpec("P")


def wants_fragment(request: HttpRequest) -> bool:
    """True for an htmx swap; going back in the browser asks for the whole page even through htmx."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def staff_only(
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For whoever is signed in and placed somewhere; the view runs in one transaction scoped to them."""
    return _guarded(view, scoped)


def staff_by_steps(
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """The same for a view that opens its transactions itself: what settles commits on its own."""
    return _guarded(view, lambda actor: nullcontext())


def _guarded(
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
    around: Callable[[Actor], AbstractContextManager[None]],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_login(request)
        if any("\x00" in text for text in (request.path, *request.GET, *request.GET.values())):
            # No text of the database may hold it, so there is nothing of this address
            raise Http404
        try:
            actor = rooms.brand.actor_of(request.user)
            if not actor.roles:  # the last place has ended, or the first has not begun
                raise NotFound(_("这个账号现在没有岗位，请联系总部管理员。"))
        except NotFound as error:
            return render(request, "console/no_post.html", {"message": str(error)}, status=403)
        try:
            with around(actor):
                response = view(request, actor, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        # The same address gives a page or its part; no cache may confuse them.
        patch_vary_headers(response, ["HX-Request"])
        return response

    return guarded


def _to_login(request: HttpRequest) -> HttpResponse:
    """A swap must not put the login page into a panel: the whole window goes."""
    login = reverse("console:login")
    if wants_fragment(request):
        return HttpResponse(status=401, headers={"HX-Redirect": login})
    return redirect_to_login(request.get_full_path(), login)


def panel(
    view: Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, Actor, P], HttpResponseBase]:
    """One panel fails alone: it says so in its place, with a number the log knows, and the rest lives."""

    @wraps(view)
    def guarded(request: HttpRequest, actor: Actor, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, actor, *args, **kwargs)
        except (Http404, NotFound):
            raise
        except Exception:
            number = secrets.token_hex(3).upper()
            logger.exception("panel failed, number %s", number)
            context = {"number": number, "url": request.get_full_path()}
            return render(request, "console/parts/failed.html", context, status=500)

    return guarded
