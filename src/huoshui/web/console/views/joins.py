from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.people.api import KINDS, identity_rules
from huoshui.people.api import joins as links
from huoshui.web.console import shell
from huoshui.web.console.contexts import joins as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only, wants_fragment

REFUSED = 422
BOTH = ["GET", "HEAD", "POST"]


@require_GET
@staff_only
def overview(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/joins.html", contexts.overview(actor), current="alike")


@require_http_methods(BOTH)
@staff_only
def way(request: HttpRequest, actor: Actor, how: str, what: str) -> HttpResponse:
    """What would follow if these links were taken back; and taking them back, with a reason."""
    if request.method != "POST":
        context = contexts.way(actor, how, what)
        if wants_fragment(request):
            return shell.fragment(request, "console/parts/join.html", context)
        return shell.page(request, actor, "console/join.html", context, current="alike")
    reason = request.POST.get("reason", "")
    try:
        with transaction.atomic():
            links.take_back(actor, links.Way(how, what), reason=reason)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.way(actor, how, what, error=retell(str(error)), reason=reason)
        return shell.page(request, actor, "console/join.html", context, current="alike", status=REFUSED)
    return HttpResponseRedirect(reverse("console:join", args=[how, what]))


@require_POST
@staff_only
def draft(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """A draft of the rules in which this kind joins nobody, tried at once: what a rule has joined parts by other rules."""
    links.kinds(actor)
    if kind not in KINDS:
        raise NotFound
    try:
        with transaction.atomic():
            if identity_rules.draft(actor) is not None:
                raise Refused(_("识别规则里还有一份没有生效的草稿。请先让它生效或者丢掉，再来。"))
            body = identity_rules.versions(actor)[0].rules.body()
            identity_rules.save_draft(_without(body, kind), actor=actor)
            identity_rules.ask(actor=actor)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.overview(actor, error=retell(str(error)))
        return shell.page(request, actor, "console/joins.html", context, current="alike", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:identity-rules')}?done=trying#found")


def _without(body: dict[str, Any], kind: str) -> dict[str, Any]:
    rows = [row | {"strength": "weak"} if row["kind"] == kind else row for row in body["kinds"]]
    return body | {"kinds": rows}


@require_http_methods(BOTH)
@staff_only
def pair(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Two who are one: looked for, shown side by side, and said to be one with a reason."""
    asked = request.POST if request.method == "POST" else request.GET
    one, other, text = (asked.get(name, "") for name in ("one", "other", "text"))
    if request.method != "POST":
        return shell.page(
            request, actor, "console/join_pair.html", contexts.pair(actor, one, other, text), current="alike"
        )
    reason = asked.get("reason", "")
    shown = contexts.pair(actor, one, other, text, reason=reason)
    try:
        with transaction.atomic():
            link_id = links.say_same(actor, shown.one, shown.other, reason=reason)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.pair(actor, one, other, text, error=retell(str(error)), reason=reason)
        return shell.page(request, actor, "console/join_pair.html", context, current="alike", status=REFUSED)
    return HttpResponseRedirect(reverse("console:join", args=[links.LINK, str(link_id)]))
