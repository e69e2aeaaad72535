from __future__ import annotations

import math
from dataclasses import asdict, replace

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.scope import scoped
from huoshui.web.console import shell
from huoshui.web.console.back import see_other
from huoshui.web.console.contexts import device_asides as asides
from huoshui.web.console.contexts import device_people as people
from huoshui.web.console.contexts import device_terms as terms
from huoshui.web.console.contexts import devices as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.tracking_sources import may_act, require
from huoshui.web.console.contexts.tracking_words import ASIDE_DONE
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_by_steps, staff_only

REFUSED = 422
BOTH = ["GET", "HEAD", "POST"]
Said = dict[str, str]
_FILE = "device_file"


@require_http_methods(BOTH)
@staff_only
def devices(request: HttpRequest, actor: Actor) -> HttpResponse:
    if request.method != "POST":
        return shell.page(request, actor, "console/devices.html", contexts.devices(actor), current="devices")
    require(may_act(actor))
    said = _said(request)
    try:
        made = rooms.devices.register(
            kind=said.get("kind", ""),
            name=said.get("name", ""),
            store_code=said.get("store_code", ""),
            actor=actor,
        )
    except Refused as error:
        context = contexts.devices(actor, said, error=retell(str(error)))
        return shell.page(request, actor, "console/devices.html", context, current="devices", status=REFUSED)
    # A key is shown by the answer itself: it is kept nowhere, and could not be asked for again
    return _device(request, actor, made.device_id, token=made.token, done=_("登记好了"))


@require_http_methods(BOTH)
@staff_only
def device(request: HttpRequest, actor: Actor, device_id: int) -> HttpResponse:
    if request.method != "POST":
        return _device(request, actor, device_id, done=_done(request, device_id))
    require(may_act(actor))
    said = _said(request)
    try:
        token, done = _change(said, actor, device_id)
    except NotFound:
        raise
    except Refused as error:
        return _device(request, actor, device_id, said=said, error=retell(str(error)), status=REFUSED)
    return _device(request, actor, device_id, token=token, done=done)


def _done(request: HttpRequest, device_id: int) -> str:
    """What the form that led here did, in the language that is spoken now."""
    done = request.GET.get("done", "")
    if done == "file":
        kept = request.session.get(_FILE, {})
        return (
            contexts.file_taken(rooms.devices.Taken(**kept["taken"]))
            if kept.get("device") == device_id
            else ""
        )
    if done == "handed":
        return _("转好了，之后的读数记到新的顾客")
    if done == "retold":
        n = _whole(request.GET.dict(), "n")
        return ngettext("改好了，重新记了 {n} 次读数", "改好了，重新记了 {n} 次读数", n).format(n=n)
    return str(ASIDE_DONE.get(done, ""))


def _device(
    request: HttpRequest,
    actor: Actor,
    device_id: int,
    *,
    said: Said | None = None,
    token: str = "",
    done: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    address = request.build_absolute_uri("/")[:-1]
    context = contexts.device(actor, device_id, address, said, token=token, done=done, error=error)
    return shell.page(request, actor, "console/device.html", context, current="devices", status=status)


def _change(said: Said, actor: Actor, device_id: int) -> tuple[str, str]:
    act = said.get("act", "")
    if act == "rotate":
        return rooms.devices.rotate_key(device_id, actor=actor).token, _("新密钥做好了")
    if act == "give":
        _give(said, actor, device_id)
        return "", _("绑定好了")
    if act == "take_back":
        rooms.devices.take_back(device_id, _whole(said, "binding"), actor=actor)
        return "", _("解绑了，以后的读数不再记到这位顾客")
    rooms.devices.change(
        device_id,
        name=said.get("name", ""),
        store_code=said.get("store_code", ""),
        rate_per_minute=_whole(said, "rate"),
        is_on=said.get("is_on") == "1",
        actor=actor,
    )
    return "", _("已保存")


def _give(said: Said, actor: Actor, device_id: int) -> None:
    rooms.devices.give(
        device_id,
        person_id=_agreeing(said),
        member=said.get("member", ""),
        notice_version=said.get("notice", ""),
        since=terms.instant(said.get("since", "")),
        actor=actor,
    )


def _agreeing(said: Said) -> int:
    """Whom a form names, and says that they agree. Raises Refused."""
    person_id = rooms.devices.find_person(said.get("who", ""))
    if person_id is None:
        raise Refused(_("没有找到这位顾客，请写完整的手机号、会员号或会员卡号。"))
    if said.get("agreed") != "1":
        raise Refused(_("请先征得顾客同意，再打勾。"))
    return person_id


@require_POST
@staff_by_steps
def file(request: HttpRequest, actor: Actor, device_id: int) -> HttpResponse:
    """In steps, as readings are taken in."""
    require(may_act(actor))
    said = _said(request)
    given = request.FILES.get("file")
    try:
        if given is None:
            raise Refused(_("请选一个文件。"))
        taken = rooms.devices.take_file(
            device_id,
            given.read(rooms.devices.MOST_FILE_BYTES + 1),
            member=said.get("file_member", ""),
            height=said.get("height", ""),
            actor=actor,
        )
    except NotFound:
        raise
    except Refused as error:
        with scoped(actor):
            return _device(request, actor, device_id, said=said, error=retell(str(error)), status=REFUSED)
    # In the session and not in the address: what was not taken is said with figures of a body
    request.session[_FILE] = {"device": device_id, "taken": asdict(taken)}
    return see_other(f"{reverse('console:device', args=[device_id])}?done=file")


@require_http_methods(BOTH)
@staff_only
def term(request: HttpRequest, actor: Actor, device_id: int, binding_id: int) -> HttpResponse:
    """Who had it from when until when: handed on, or mended."""
    template = "console/device_term.html"
    context = terms.page(actor, device_id, binding_id)
    if request.method != "POST":
        return shell.page(request, actor, template, context, current="devices")
    said = _said(request)
    try:
        with transaction.atomic():
            done = _change_term(said, actor, device_id, binding_id)
    except NotFound:
        raise
    except Refused as error:
        context = terms.page(actor, device_id, binding_id, said, error=retell(str(error)))
        return shell.page(request, actor, template, context, current="devices", status=REFUSED)
    return see_other(f"{reverse('console:device', args=[device_id])}?{done}")


def _change_term(said: Said, actor: Actor, device_id: int, binding_id: int) -> str:
    """What was done, as the device's page is told of it."""
    act, reason = said.get("act", ""), said.get("reason", "")
    if act == "hand_over":
        rooms.devices.hand_over(
            device_id,
            binding_id,
            person_id=_agreeing(said),
            notice_version=said.get("notice", ""),
            at=terms.instant(said.get("at", "")),
            reason=reason,
            actor=actor,
        )
        return "done=handed"
    if act == "never_had":
        retold = rooms.devices.never_had(device_id, binding_id, reason=reason, actor=actor)
    else:
        had = rooms.devices.term_of(device_id, binding_id)
        since = terms.instant(said.get("since", ""), had.since)
        if since is None:
            raise Refused(_("请写明从什么时候开始。"))
        until = terms.instant(said.get("until", ""), had.until)
        retold = rooms.devices.correct_term(
            device_id, binding_id, since=since, until=until, reason=reason, actor=actor
        )
    return f"done=retold&n={retold}"


@require_GET
@staff_only
def of_person(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    return shell.fragment(request, "console/parts/person_devices.html", terms.of_person(actor, person_id))


@require_http_methods(BOTH)
@staff_by_steps
def aside(request: HttpRequest, actor: Actor, aside_id: int) -> HttpResponse:
    """In steps: a reading is taken in by transactions of its own."""
    if request.method != "POST":
        return _aside(request, actor, aside_id)
    require(may_act(actor))
    said = request.POST
    text, reason = said.get("text"), said.get("reason", "").replace("\x00", "")
    if text is not None:
        require(actor.may_see_contacts)
    with scoped(actor):
        device_id = rooms.devices.open_aside(aside_id).device_id
    try:
        if said.get("act") == "drop":
            rooms.devices.drop_aside(aside_id, reason=reason, actor=actor)
        else:
            _replay(aside_id, text, actor)
    except NotFound:
        raise
    except Refused as error:
        return _aside(
            request, actor, aside_id, text=text, error=retell(str(error)), reason=reason, status=REFUSED
        )
    done = "dropped" if said.get("act") == "drop" else "replayed"
    return HttpResponseRedirect(f"{reverse('console:device', args=[device_id])}?done={done}#aside")


def _replay(aside_id: int, text: str | None, actor: Actor) -> None:
    verdict = rooms.devices.replay_aside(aside_id, text=text, actor=actor)
    if verdict.status == rooms.devices.REJECTED:
        raise Refused(_("还是没有收下，原因见下面。"))


def _aside(
    request: HttpRequest,
    actor: Actor,
    aside_id: int,
    *,
    text: str | None = None,
    error: str = "",
    reason: str = "",
    status: int = 200,
) -> HttpResponse:
    with scoped(actor):
        device_id, context = asides.aside(actor, aside_id, text=text, error=error, reason=reason)
        shown = replace(context, back=reverse("console:device", args=[device_id]))
        return shell.page(
            request, actor, "console/device_aside.html", shown, current="devices", status=status
        )


@require_GET
@staff_only
def scales(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/device_scales.html", people.scales(actor), current="devices")


@require_http_methods(BOTH)
@staff_only
def samples(request: HttpRequest, actor: Actor) -> HttpResponse:
    template = "console/device_samples.html"
    if request.method != "POST":
        return shell.page(request, actor, template, people.samples(actor), current="devices")
    require(may_act(actor))
    said = _said(request)
    try:
        done = _sample(said, actor)
    except NotFound:
        raise
    except Refused as error:
        context = people.samples(actor, said, error=retell(str(error)))
        return shell.page(request, actor, template, context, current="devices", status=REFUSED)
    return shell.page(request, actor, template, people.samples(actor, done=done), current="devices")


def _sample(said: Said, actor: Actor) -> str:
    act, sample_id = said.get("act", ""), _whole(said, "sample")
    if act == "codes":
        rooms.devices.make_codes(sample_id, count=_whole(said, "count"), actor=actor)
        return _("领取码做好了")
    if act in ("on", "off"):
        rooms.devices.switch_sample(sample_id, is_on=act == "on", actor=actor)
        return _("已保存")
    rooms.devices.add_sample(
        name=said.get("name", ""),
        sku_code=said.get("sku_code", ""),
        follow_up_days=_whole(said, "days"),
        actor=actor,
    )
    return _("新建好了")


@require_GET
@staff_only
def sample_codes(request: HttpRequest, actor: Actor, sample_id: int) -> HttpResponse:
    require(may_act(actor))
    codes = rooms.devices.free_codes(sample_id)
    if not codes:
        raise NotFound
    response = HttpResponse(
        "\ufeff领取码\r\n" + "\r\n".join(codes) + "\r\n", content_type="text/csv; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="sample-codes-{sample_id}.csv"'
    return response


@require_http_methods(BOTH)
@staff_only
def rules(request: HttpRequest, actor: Actor) -> HttpResponse:
    template = "console/device_rules.html"
    if request.method != "POST":
        return shell.page(request, actor, template, people.rules(actor), current="devices")
    require(may_act(actor))
    said = _said(request)
    try:
        _save_rule(said, actor)
    except NotFound:
        raise
    except Refused as error:
        context = people.rules(actor, error=retell(str(error)))
        return shell.page(request, actor, template, context, current="devices", status=REFUSED)
    return shell.page(request, actor, template, people.rules(actor, done=_("已保存")), current="devices")


def _save_rule(said: Said, actor: Actor) -> None:
    rooms.devices.save_rule(
        rule_id=_whole(said, "rule") or None,
        name=said.get("name", ""),
        kind=said.get("kind", ""),
        metric=said.get("metric", ""),
        direction=said.get("direction", ""),
        amount=_figure(said, "amount"),
        days=_whole(said, "days"),
        least_readings=_whole(said, "least"),
        advice=said.get("advice", ""),
        is_for_guides=said.get("is_for_guides") == "1",
        is_on=said.get("is_on") == "1",
        actor=actor,
    )


def _whole(said: Said, name: str) -> int:
    """0 for what is none: what it is for refuses that."""
    text = said.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _figure(said: Said, name: str) -> float:
    try:
        found = float(said.get(name, "") or 0)
    except ValueError:
        return 0.0
    return found if math.isfinite(found) else 0.0


def _said(request: HttpRequest) -> Said:
    return {name: value.replace("\x00", "") for name, value in request.POST.dict().items()}
