"""The guide's phone: who walked in, what to say, three taps, one tap to dial, today's list, her code."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only, wants_fragment
from huoshui.web.guide import contexts, notes
from huoshui.web.guide.contexts import claim as claims

REFUSED = 422


@never_cache
@require_GET
@staff_only
def home(request: HttpRequest, actor: Actor) -> HttpResponse:
    return render(request, "guide/home.html", {"page": contexts.home(actor)})


@never_cache
@require_GET
@staff_only
def find(request: HttpRequest, actor: Actor) -> HttpResponse:
    """One found is shown at once: whoever stands before her need not wait for a second answer."""
    found = contexts.find(actor, request.GET.get("q", ""))
    if found.only:
        return _shown(request, contexts.page_of(actor, found.only))
    return render(request, "guide/find.html", {"page": found})


@never_cache
@require_GET
@staff_only
def mine(request: HttpRequest, actor: Actor) -> HttpResponse:
    page = request.GET.get("page", "")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 5 else 1
    return render(request, "guide/mine.html", {"page": contexts.mine(actor, number)})


@never_cache
@require_GET
@staff_only
def claim(request: HttpRequest, actor: Actor) -> HttpResponse:
    return render(request, "guide/claim.html", {"page": claims.claim(actor)})


@never_cache
@require_POST
@staff_only
def claim_say(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Refused, what she typed stays in the form."""
    form = request.POST.dict()
    try:
        with transaction.atomic():
            page = claims.claim(actor, said=claims.tell(actor, form))
    except NotFound:
        raise
    except Refused as error:
        typed = {"number": form.get("number", ""), "paid": form.get("paid", "")}
        page = claims.claim(actor, error=retell(str(error)), **typed)
    return render(request, "guide/claim.html", {"page": page}, status=REFUSED if page.error else 200)


@never_cache
@require_POST
@staff_only
def claim_decide(request: HttpRequest, actor: Actor) -> HttpResponse:
    with transaction.atomic():
        said = claims.decide(actor, request.POST.dict())
    return render(request, "guide/claim.html", {"page": claims.claim(actor, said=said)})


@never_cache
@require_GET
@staff_only
def code(request: HttpRequest, actor: Actor) -> HttpResponse:
    return render(request, "guide/code.html", {"page": contexts.own_code(actor)})


@never_cache
@require_GET
@staff_only
def person(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    said = _("记好了。") if request.GET.get("done") else ""
    return _person(request, actor, person_id, said=said)


@never_cache
@require_GET
@staff_only
def news(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """What an open page asks each twenty seconds: nothing, as long as her card is as the page shows it; then its head anew."""
    head = contexts.news(actor, person_id, since=request.GET.get("since", ""))
    if head is None:
        return HttpResponse(status=204)
    return render(request, "guide/head.html", {"head": head})


@never_cache
@require_POST
@staff_only
def note(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """From the queue of a phone it is answered without a page; without scripts by her page again."""
    rooms.people.card_for(contexts.server(actor), person_id)
    try:
        with transaction.atomic():
            notes.tell(actor, person_id, request.POST.dict())
    except NotFound:
        raise
    except Refused as error:
        words = retell(str(error))
        if wants_fragment(request):
            return HttpResponse(words, status=REFUSED, content_type="text/plain; charset=utf-8")
        return _person(request, actor, person_id, error=words)
    if wants_fragment(request):
        return HttpResponse(status=204)
    return HttpResponseRedirect(f"{reverse('console:guide-person', args=[person_id])}?done=1")


class _Dialled(HttpResponseRedirect):
    allowed_schemes = ["tel"]  # Django's own name


@never_cache
@require_POST
@staff_only
def dial(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """The number goes to whatever dials, and stands on no page."""
    try:
        with transaction.atomic():
            number = contexts.dial(actor, person_id, purpose=request.POST.get("purpose", ""))
    except NotFound:
        raise
    except Refused as error:
        return _person(request, actor, person_id, error=retell(str(error)))
    return _Dialled(f"tel:{number}")


def _person(
    request: HttpRequest, actor: Actor, person_id: int, *, said: str = "", error: str = ""
) -> HttpResponse:
    return _shown(request, contexts.person(actor, person_id, said=said, error=error))


def _shown(request: HttpRequest, page: contexts.PersonPage) -> HttpResponse:
    return render(request, "guide/person.html", {"page": page}, status=REFUSED if page.error else 200)
