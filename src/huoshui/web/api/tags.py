"""Tags: which there are and what they mean, who has them, what is said of a customer, and saying it.

What is inferred from health and the like needs `tags_sensitive` besides, and the customer's own consent (the room asks).
"""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from huoshui.core.audit import record
from huoshui.core.errors import NotFound
from huoshui.core.scope import look_as, scoped
from huoshui.insight.api import tags as kinds
from huoshui.web.api import rooms, tag_types
from huoshui.web.api.auth import caller
from huoshui.web.api.customers import id_of
from huoshui.web.api.openapi import query
from huoshui.web.api.problems import Problem, language_of
from huoshui.web.api.reading import idempotency_key, json_body
from huoshui.web.api.segments import asked_page, naming_the_place
from huoshui.web.api.service import endpoint
from huoshui.web.api.versions import versions
from huoshui.web.api.views import answered

SENSITIVE = "tags_sensitive"


@endpoint("GET", "/tags", "tags", answer=tag_types.TagsAnswer, problems_too=(404,), summary="所有标签")
def list_tags(request: HttpRequest) -> HttpResponse:
    """按分类。密钥不能限定门店：标签是全品牌的。敏感标签要另有权限 tags_sensitive 才看得到。"""
    actor = caller(request).actor
    with scoped(actor):
        found = rooms.tags.listed(actor)
    told = [_view(tag, language_of(request)) for tag in found if _may(request, tag)]
    return answered(request, tag_types.TagsAnswer(tags=told))


@endpoint(
    "GET",
    "/tags/{tag_id}",
    "tags",
    answer=tag_types.TagAnswer,
    problems_too=(404,),
    summary="一个标签和它的各版意思",
)
def find_tag(request: HttpRequest, tag_id: str) -> HttpResponse:
    return answered(request, _one(request, id_of(tag_id)))


@endpoint(
    "GET",
    "/tags/{tag_id}/members",
    "tags",
    answer=tag_types.TagMembersAnswer,
    parameters=(
        query("value", "只要这个值；不写是全部"),
        query("after", "上一页的 next"),
        query("limit", "一页几位，1 到 1000；不写是 100"),
    ),
    problems_too=(400, 404),
    summary="有这个标签的顾客，一页一页地取",
)
def tag_members(request: HttpRequest, tag_id: str) -> HttpResponse:
    """一位顾客只出现一次（多个值的标签每个值一次）。不愿意被分析、没有同意使用敏感信息的不在里面，所以一页可以不满：
    next 是 null 才是最后一页。取敏感标签会留下记录。"""
    after, limit, more = asked_page(request, "value")
    actor = caller(request).actor
    with scoped(actor):
        tag = _seen(request, id_of(tag_id))
        page = rooms.tags.wearers(actor, tag.id, value=more.get("value"), after=after, limit=limit)
        if tag.is_sensitive:
            record(actor, "tag.members_read", "tag", tag.id, after=after, people=len(page.worn))
    told = [
        tag_types.TagMember(
            customer_id=w.person_id,
            value=w.value,
            number=w.number,
            source=w.source,
            since=w.since,
            until=w.expires_at,
        )
        for w in page.worn
    ]
    return answered(request, tag_types.TagMembersAnswer(members=told, next=page.next))


@endpoint(
    "POST",
    "/tags",
    "tags_define",
    answer=tag_types.TagAnswer,
    statuses=(201,),
    body=tag_types.TagToDefine,
    is_write=True,
    problems_too=(404,),
    summary="新建一个标签",
)
def define_tag(request: HttpRequest) -> HttpResponse:
    """敏感标签要另有权限 tags_sensitive，而且建好时是关着的，由老板或隐私负责人打开。"""
    key = idempotency_key(request)
    body, _ = json_body(request, tag_types.TagToDefine)
    actor = caller(request).actor
    if body.sensitive and SENSITIVE not in caller(request).scopes:
        raise Problem("scope_missing", {"scope": SENSITIVE})
    meant = _meant(body.means)
    with transaction.atomic(durable=True):
        look_as(actor)
        made = rooms.tags.once(
            lambda: (
                rooms.tags.define(
                    key=body.key,
                    name=body.name,
                    kind=body.kind,
                    definition=meant,
                    category=body.category,
                    is_sensitive=body.sensitive,
                    lifetime_days=body.lifetime_days,
                    reason=body.reason,
                    actor=actor,
                ).tag_id
            ),
            key=key,
            content=["define", msgspec.to_builtins(body)],
            actor=actor,
        )
    return answered(request, _one(request, made.id), status=201, is_repeat=made.is_repeat)


@endpoint(
    "POST",
    "/tags/{tag_id}/versions",
    "tags_define",
    answer=tag_types.TagAnswer,
    statuses=(201,),
    body=tag_types.TagVersionToSave,
    is_write=True,
    problems_too=(404,),
    summary="改一个标签的意思，另存一版",
)
def add_tag_version(request: HttpRequest, tag_id: str) -> HttpResponse:
    """意思没有变就不另存。写上 version，就只在它还是最新一版的时候才改。"""
    key = idempotency_key(request)
    body, _ = json_body(request, tag_types.TagVersionToSave)
    actor, number, meant = caller(request).actor, id_of(tag_id), _meant(body.means)
    with transaction.atomic(durable=True):
        look_as(actor)
        _seen(request, number)
        revise = partial(
            rooms.tags.revise,
            number,
            definition=meant,
            reason=body.reason,
            was_version=body.version,
            actor=actor,
        )
        content = ["revise", number, msgspec.to_builtins(body)]
        made = rooms.tags.once(lambda: revise().tag_id, key=key, content=content, actor=actor)
    return answered(request, _one(request, made.id), status=201, is_repeat=made.is_repeat)


@endpoint(
    "GET",
    "/customers/{customer_id}/tags",
    "tags",
    answer=tag_types.CustomerTagsAnswer,
    problems_too=(404,),
    summary="一位顾客的标签，和凭什么",
)
def customer_tags(request: HttpRequest, customer_id: str) -> HttpResponse:
    """密钥限定了门店时，只看得到这些门店的顾客，也看不到敏感标签。"""
    language, actor = language_of(request), caller(request).actor
    with scoped(actor):
        head = rooms.people.card_for(actor, id_of(customer_id)).person_id
        worn = [w for w in rooms.tags.of_person(actor, head) if _may(request, w)]
    told = [_worn(one, language) for one in worn]
    return answered(request, tag_types.CustomerTagsAnswer(customer_id=head, tags=told))


@endpoint(
    "POST",
    "/customers/{customer_id}/tags",
    "tags_give",
    answer=tag_types.TagGivenAnswer,
    statuses=(201,),
    body=tag_types.TagToGive,
    is_write=True,
    problems_too=(404,),
    summary="给一位顾客一个标签，写明依据",
)
def give_tag(request: HttpRequest, customer_id: str) -> HttpResponse:
    """算是人说的：比规则和模型更可信。只有一个值的标签，之前人说的那个就结束了。敏感标签要另有权限 tags_sensitive，
    还要这位顾客单独同意过使用敏感信息。"""
    key = idempotency_key(request)
    body, _ = json_body(request, tag_types.TagToGive)
    actor, person_id = caller(request).actor, id_of(customer_id)
    with transaction.atomic(durable=True):
        look_as(actor)
        tag_id = _to_give(request, body.tag)
        give = partial(
            rooms.tags.give,
            person_id=person_id,
            tag_id=tag_id,
            value=body.value or "",
            reason=body.reason,
            actor=actor,
        )
        content = ["give", person_id, msgspec.to_builtins(body)]
        made = rooms.tags.once(give, key=key, content=content, actor=actor)
        head = rooms.people.card_for(actor, person_id).person_id
    answer = tag_types.TagGivenAnswer(customer_id=head, record_id=made.id)
    return answered(request, answer, status=201, is_repeat=made.is_repeat)


@endpoint(
    "POST",
    "/customers/{customer_id}/tags/{record_id}/end",
    "tags_give",
    answer=tag_types.TagGivenAnswer,
    body=tag_types.TagToEnd,
    is_write=True,
    problems_too=(404,),
    summary="拿掉一位顾客的一个标签，写明为什么",
)
def end_tag(request: HttpRequest, customer_id: str, record_id: str) -> HttpResponse:
    """人、名单和模型说的可以拿掉。规则和信号推算的要改规则，或者给另一个值。"""
    key = idempotency_key(request)
    body, _ = json_body(request, tag_types.TagToEnd)
    actor, person_id, given_id = caller(request).actor, id_of(customer_id), id_of(record_id)
    with transaction.atomic(durable=True):
        look_as(actor)
        head = rooms.people.card_for(actor, person_id).person_id
        if not any(w.id == given_id and _may(request, w) for w in rooms.tags.history(actor, head)):
            raise NotFound

        def end() -> int:
            rooms.tags.end(given_id, reason=body.reason, actor=actor)
            return given_id

        content = ["end", given_id, msgspec.to_builtins(body)]
        made = rooms.tags.once(end, key=key, content=content, actor=actor)
    answer = tag_types.TagGivenAnswer(customer_id=head, record_id=made.id)
    return answered(request, answer, is_repeat=made.is_repeat)


def _may(request: HttpRequest, one: kinds.Tag | kinds.Worn | kinds.Named) -> bool:
    return not one.is_sensitive or SENSITIVE in caller(request).scopes


def _seen(request: HttpRequest, tag_id: int) -> kinds.Tag:
    tag: kinds.Tag = rooms.tags.find(caller(request).actor, tag_id)
    if not _may(request, tag):
        raise NotFound
    return tag


def _to_give(request: HttpRequest, key: str) -> int:
    """A store's key knows of no taxonomy, but may give what it knows the key of."""
    found = rooms.tags.find_to_give(caller(request).actor, key)
    if found is None or not _may(request, found):
        raise Problem("tag_unknown", {"tag": key})
    return int(found.id)


def _meant(body: tag_types.TagMeaning) -> kinds.Definition:
    """Each rule read here, so that a bad one is told with its place."""
    return kinds.Definition(
        meaning=body.meaning.strip(),
        values=tuple(body.values),
        rules=tuple((r.value, _read(r.rule, f"/means/rules/{n}/rule")) for n, r in enumerate(body.rules)),
        guesses=tuple(
            kinds.Guess(
                guess.value,
                guess.enough,
                tuple(_signal(s, f"/means/guesses/{n}/signals/{m}") for m, s in enumerate(guess.signals)),
            )
            for n, guess in enumerate(body.guesses)
        ),
    )


def _signal(signal: tag_types.TagSignal, place: str) -> kinds.Signal:
    rule = None if signal.rule is None else _read(signal.rule, f"{place}/rule")
    return kinds.Signal(signal.says.strip(), signal.weight, rule, signal.measure, signal.at_least)


def _read(rule: Any, place: str) -> Any:
    with naming_the_place(place):
        return rooms.segments.as_document(rule)


def _one(request: HttpRequest, tag_id: int) -> tag_types.TagAnswer:
    language, actor = language_of(request), caller(request).actor
    with scoped(actor):
        tag = _seen(request, tag_id)
        people, found = rooms.tags.counts(actor, tag_id), rooms.tags.versions(actor, tag_id)
    return tag_types.TagAnswer(
        tag=_view(tag, language),
        people=people,
        versions=versions(
            found,
            language,
            tag_types.TagVersionView,
            lambda v: {"means": rooms.tags.as_json(v.definition)},
        ),
    )


def _view(tag: kinds.Tag, language: str) -> tag_types.TagView:
    return tag_types.TagView(
        tag_id=tag.id,
        key=tag.key,
        name=tag.name,
        category=tag.category,
        kind=tag.kind,
        by=tag.by,
        is_sensitive=tag.is_sensitive,
        state=tag.state,
        owner=tag.owner_name,
        version=tag.version_no,
        lifetime_days=tag.lifetime_days,
        sentence=tag.says(language),
        values=list(rooms.tags.all_values(tag.definition)),
        people=tag.people,
        is_pending=tag.is_pending,
        problem=tag.error,
    )


def _worn(one: kinds.Worn, language: str) -> tag_types.WornTag:
    return tag_types.WornTag(
        record_id=one.id,
        tag=one.key,
        name=one.name,
        category=one.category,
        value=one.value,
        number=one.number,
        is_sensitive=one.is_sensitive,
        source=one.source,
        by=one.actor_name,
        reason=one.reason,
        sentence=one.says(language),
        signals=[dict(signal) for signal in one.why],
        score=one.score,
        since=one.since,
        until=one.expires_at,
    )
