from __future__ import annotations

import json
from datetime import time

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.people.api import Said, SendRule
from huoshui.web.console import shell
from huoshui.web.console.contexts import correcting, retiring, rooms
from huoshui.web.console.contexts import person as person_contexts
from huoshui.web.console.contexts import rights as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only, wants_fragment

REFUSED = 422


@require_GET
@staff_only
def rights(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.desk(actor, done=request.GET.get("done", ""))
    return shell.page(request, actor, "console/rights.html", context, current="rights")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def case(request: HttpRequest, actor: Actor, case_id: int) -> HttpResponse:
    contexts.require(actor)
    if request.method != "POST":
        context = contexts.case(actor, case_id, done=request.GET.get("done", ""))
        return shell.page(request, actor, "console/rights_case.html", context, current="rights")
    said = request.POST.dict()
    act = str(said.get("act", ""))
    try:
        with transaction.atomic():
            _act(actor, case_id, act, {name: str(value) for name, value in said.items()})
    except NotFound:
        raise
    except Refused as error:
        context = contexts.case(
            actor,
            case_id,
            error=retell(str(error)),
            said={name: str(value) for name, value in said.items()},
        )
        return shell.page(
            request, actor, "console/rights_case.html", context, current="rights", status=REFUSED
        )
    return HttpResponseRedirect(f"{reverse('console:rights-case', args=[case_id])}?done={act}")


def _act(actor: Actor, case_id: int, act: str, said: dict[str, str]) -> None:
    match act:
        case "refuse":
            rooms.people.rights.refuse(actor, case_id, reason=said.get("reason", ""))
        case "restrict":
            rooms.people.rights.restrict(actor, case_id)
        case "correct":
            rooms.people.rights.correct(
                actor, case_id, name=said.get("name", ""), value=said.get("value", "")
            )
        case "contact":
            chosen = said.get("identifier", "")
            if not chosen.isdecimal():
                raise Refused(_("请先选是哪一个号码。"))
            rooms.people.rights.correct_contact(
                actor, case_id, identifier_id=int(chosen[:18]), value=said.get("value", "")
            )
        case "erase":
            if said.get("sure") != "1":
                raise Refused(_("请先勾选：已经核实是本人，而且知道删了找不回来。"))
            rooms.people.erasing.start(actor, case_id)
        case _unknown:
            raise NotFound


@require_POST
@never_cache
@staff_only
def copy(request: HttpRequest, actor: Actor, case_id: int, form: str) -> HttpResponse:
    """All that is kept of the person, to hand over: for machines (json) or to read and print (html). A trace is left."""
    if form not in ("json", "html"):
        raise NotFound
    try:
        with transaction.atomic():
            told = rooms.people.rights.hand_over(actor, case_id)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.case(actor, case_id, error=retell(str(error)))
        return shell.page(
            request, actor, "console/rights_case.html", context, current="rights", status=REFUSED
        )
    if form == "json":
        body = {"brand": told.brand, "made_at": told.made_at.isoformat(), "parts": told.parts}
        response = HttpResponse(
            json.dumps(body, ensure_ascii=False, indent=1, default=str), content_type="application/json"
        )
        response["Content-Disposition"] = f'attachment; filename="my-data-{case_id}.json"'
        return response
    return render(request, "console/rights_copy.html", {"page": told})


@require_GET
@staff_only
def certificate(request: HttpRequest, actor: Actor, case_id: int) -> HttpResponse:
    context = contexts.case(actor, case_id)
    if not context.certificate:
        raise NotFound
    return render(request, "console/rights_certificate.html", {"page": context})


@require_POST
@staff_only
def send_rule(request: HttpRequest, actor: Actor) -> HttpResponse:
    contexts.require(actor)
    try:
        with transaction.atomic():
            rooms.people.rights_reads.require(actor)
            rooms.people.set_send_rule(_rule(request), actor=actor)
    except Refused as error:
        context = contexts.desk(actor, error=retell(str(error)))
        return shell.page(request, actor, "console/rights.html", context, current="rights", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:rights')}?done=rule")


def _rule(request: HttpRequest) -> SendRule:
    said = request.POST
    try:
        return SendRule(
            said.get("purpose", ""),
            said.get("channel", ""),
            _time(said.get("quiet_from", "")),
            _time(said.get("quiet_until", "")),
            int(said.get("days", "")) if said.get("days", "").strip() else None,
            int(said.get("most", "")) if said.get("most", "").strip() else None,
        )
    except ValueError as error:
        raise Refused(_("时间请写成 21:00 这样，天数和次数请写整数。")) from error


def _time(text: str) -> time | None:
    return time.fromisoformat(text.strip()) if text.strip() else None


@require_POST
@staff_only
def ask(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """Take down what a person asks; then whoever answers for it goes on at the desk."""
    said = request.POST
    try:
        with transaction.atomic():
            case_id = rooms.people.rights.ask(
                actor,
                person_id,
                said.get("kind", ""),
                said=said.get("said", ""),
                via=said.get("via", ""),
                proof=said.get("proof", ""),
            )
    except NotFound:
        raise
    except Refused as error:
        return _panel(request, actor, person_id, retell(str(error)))
    if contexts.may_see(actor):
        url = f"{reverse('console:rights-case', args=[case_id])}?done=asked"
    else:
        url = reverse("console:person", args=[person_id])
    return _gone_to(request, url)


@require_POST
@never_cache
@staff_only
def glass(request: HttpRequest, actor: Actor, person_id: int, identifier_id: int) -> HttpResponse:
    """A whole number for who gives a reason; the trace is kept before the number goes out."""
    try:
        with transaction.atomic():
            value = rooms.people.glass.open_contact(
                actor, person_id, identifier_id, reason=request.POST.get("reason", "")
            )
        told, status = person_contexts.Revealed(identifier_id, value, ""), 200
    except NotFound:
        raise
    except Refused as error:
        told, status = person_contexts.Revealed(identifier_id, "", retell(str(error))), REFUSED
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/contact.html", told, status=status)
    context = person_contexts.person(actor, person_id, "", told)
    return shell.page(request, actor, "console/person.html", context, current="people", status=status)


class _Dialled(HttpResponseRedirect):
    allowed_schemes = ["tel"]  # Django's own name


@require_POST
@never_cache
@staff_only
def dial(request: HttpRequest, actor: Actor, person_id: int, identifier_id: int) -> HttpResponse:
    """The number goes to whatever dials, and stands on no page; why not, in its place on the page."""
    try:
        with transaction.atomic():
            number = rooms.people.dialling.dial(
                actor, person_id, identifier_id, purpose=request.POST.get("purpose", "")
            )
    except NotFound:
        raise
    except Refused as error:
        told = person_contexts.Revealed(identifier_id, "", retell(str(error)))
        if wants_fragment(request):
            return shell.fragment(request, "console/parts/contact.html", told, status=REFUSED)
        context = person_contexts.person(actor, person_id, "", told)
        return shell.page(request, actor, "console/person.html", context, current="people", status=REFUSED)
    if wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": f"tel:{number}"})
    return _Dialled(f"tel:{number}")


@require_POST
@never_cache
@staff_only
def correct_contact(request: HttpRequest, actor: Actor, person_id: int, identifier_id: int) -> HttpResponse:
    """Another number in the place of a wrong one, or none; then her page again."""
    value, reason = request.POST.get("value", ""), request.POST.get("reason", "")
    try:
        with transaction.atomic():
            rooms.people.correcting.correct_contact(
                actor, person_id, identifier_id=identifier_id, value=value, reason=reason
            )
    except NotFound:
        raise
    except Refused as error:
        failed = correcting.Failed(identifier_id, retell(str(error)), value, reason)
        context = person_contexts.person(actor, person_id, "", uncorrected=failed)
        return shell.page(request, actor, "console/person.html", context, current="people", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:person', args=[person_id])}?done=corrected")


@require_GET
@staff_only
@panel
def consents(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    context = contexts.consents(actor, person_id)
    return shell.fragment(request, "console/parts/consents.html", context)


@require_POST
@staff_only
def say(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """Given or withdrawn, by the same one press. To give takes a proof; to withdraw takes nothing."""
    person = rooms.people.card_for(actor, person_id).person_id
    purpose, _slash, rest = request.POST.get("say", "").partition("/")
    channel, _slash, word = rest.partition("/")
    proof = request.POST.get("proof", "").strip()
    try:
        if word == "yes" and not proof:
            raise Refused(_("请写明她是怎么同意的，例如门店签字、电话录音。"))
        said = Said(
            purpose,
            channel,
            word == "yes",
            "guardian" if purpose == "minor" else "self",
            request.POST.get("notice", "").strip(),
            proof,
        )
        with transaction.atomic():
            rooms.people.say_consent(person, [said], actor=actor)
    except Refused as error:
        return _panel(request, actor, person_id, retell(str(error)))
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/consents.html", contexts.consents(actor, person_id))
    return HttpResponseRedirect(reverse("console:person", args=[person_id]))


def _panel(request: HttpRequest, actor: Actor, person_id: int, error: str) -> HttpResponse:
    context = contexts.consents(actor, person_id, error=error)
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/consents.html", context, status=REFUSED)
    return shell.page(request, actor, "console/consents.html", context, current="people", status=REFUSED)


def _gone_to(request: HttpRequest, url: str) -> HttpResponse:
    if wants_fragment(request):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


@require_POST
@staff_only
def retire_number(request: HttpRequest, actor: Actor, person_id: int, identifier_id: int) -> HttpResponse:
    """Say that a number is somebody else's from a day on, or that it is not; then her page again."""
    said = {name: str(value) for name, value in request.POST.items()}
    try:
        with transaction.atomic():
            retiring.act(actor, person_id, identifier_id, said)
    except NotFound:
        raise
    except Refused as error:
        failed = retiring.Failed(
            identifier_id, retell(str(error)), said.get("on", ""), said.get("reason", "")
        )
        context = person_contexts.person(actor, person_id, "", unretired=failed)
        return shell.page(request, actor, "console/person.html", context, current="people", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:person', args=[person_id])}?done={said['act']}")
