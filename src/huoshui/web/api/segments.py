"""Segments: which there are, who is in, whom a rule would mean, and saving one. For keys of the whole brand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.core.scope import look_as, scoped
from huoshui.insight.api import segments as kinds
from huoshui.web.api import rooms, segment_types
from huoshui.web.api.auth import caller
from huoshui.web.api.customers import id_of
from huoshui.web.api.openapi import query
from huoshui.web.api.problems import Place, Problem, language_of
from huoshui.web.api.reading import idempotency_key, json_body
from huoshui.web.api.service import endpoint
from huoshui.web.api.versions import versions
from huoshui.web.api.views import answered

_PAGE, _MOST = 100, 1000


@endpoint(
    "GET",
    "/segments",
    "segments",
    answer=segment_types.SegmentsAnswer,
    problems_too=(404,),
    summary="所有人群",
)
def list_segments(request: HttpRequest) -> HttpResponse:
    """密钥不能限定门店：人群是全品牌的。归档的不在里面。"""
    actor = caller(request).actor
    with scoped(actor):
        found = rooms.segments.listed(actor)
    told = [_view(segment, language_of(request)) for segment in found]
    return answered(request, segment_types.SegmentsAnswer(segments=told))


@endpoint(
    "GET",
    "/segments/{segment_id}",
    "segments",
    answer=segment_types.SegmentAnswer,
    problems_too=(404,),
    summary="一个人群和它的各版规则",
)
def find_segment(request: HttpRequest, segment_id: str) -> HttpResponse:
    return answered(request, one_of(request, caller(request).actor, id_of(segment_id)))


@endpoint(
    "GET",
    "/segments/{segment_id}/members",
    "segments",
    answer=segment_types.SegmentMembersAnswer,
    parameters=(query("after", "上一页的 next"), query("limit", f"一页几位，1 到 {_MOST}；不写是 {_PAGE}")),
    problems_too=(400, 404),
    summary="人群里的顾客，一页一页地取",
)
def segment_members(request: HttpRequest, segment_id: str) -> HttpResponse:
    """按顾客编号从小到大。取的时候有人进出，也不会漏掉一直在里面的人。"""
    after, limit, _ = asked_page(request)
    actor = caller(request).actor
    with scoped(actor):
        segment = rooms.segments.find(actor, id_of(segment_id))
        found = rooms.segments.members(actor, segment.id, after=after, limit=limit + 1)
    told = [
        segment_types.SegmentMember(customer_id=m.person_id, since=m.since, recheck_at=m.recheck_at)
        for m in found[:limit]
    ]
    following = told[-1].customer_id if len(found) > limit else None
    return answered(request, segment_types.SegmentMembersAnswer(members=told, next=following))


def asked_page(request: HttpRequest, *more: str) -> tuple[int, int, dict[str, str]]:
    """After whom, how many, and what else is asked under these names. Raises a Problem."""
    given = {name: str(values[-1]) for name, values in request.GET.lists()}
    if unknown := sorted(given.keys() - {"after", "limit", *more}):
        raise Problem("parameter_wrong", {"reason": unknown[0]})
    if with_nul := sorted(name for name, value in given.items() if "\0" in value):
        raise Problem("parameter_wrong", {"reason": with_nul[0]})
    after = _number(given, "after", 0, 0, (1 << 63) - 1)
    return after, _number(given, "limit", _PAGE, 1, _MOST), given


def _number(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise Problem("parameter_wrong", {"reason": name})
    return int(text)


@endpoint(
    "POST",
    "/segments/estimate",
    "segments",
    answer=segment_types.SegmentEstimateAnswer,
    body=segment_types.RuleToEstimate,
    problems_too=(404,),
    summary="一条规则数一遍最多要读多少，先不数",
)
def estimate_rule(request: HttpRequest) -> HttpResponse:
    body, _ = json_body(request, segment_types.RuleToEstimate)
    with naming_the_place():
        told = rooms.segments.estimate(body.rule, actor=caller(request).actor)
    answer = segment_types.SegmentEstimateAnswer(
        sentence=told.sentence(language_of(request)),
        text=told.rule_text,
        is_incremental=told.is_incremental,
        files=told.cost.files,
        rows=told.cost.rows,
        bytes=told.cost.bytes,
    )
    return answered(request, answer)


@endpoint(
    "POST",
    "/segments/preview/call-off",
    "segments",
    answer=segment_types.CountCalledOff,
    body=segment_types.CountToCallOff,
    problems_too=(404,),
    summary="停下正在数的那一次",
)
def call_off_count(request: HttpRequest) -> HttpResponse:
    """用数的时候给的 token。已经数完的，或者别的密钥数的，不受影响。停下的那次请求收到 called_off。"""
    body, _ = json_body(request, segment_types.CountToCallOff)
    actor = caller(request).actor
    if not rooms.segments.may_see(actor):
        raise Problem("not_found")
    with transaction.atomic():
        rooms.segments.call_off(body.token, actor=actor)
    return answered(request, segment_types.CountCalledOff(token=body.token))


@endpoint(
    "POST",
    "/segments/preview",
    "segments",
    answer=segment_types.SegmentPreviewAnswer,
    body=segment_types.RuleToTry,
    problems_too=(404,),
    summary="一条规则现在有多少人，不保存",
)
def preview_rule(request: HttpRequest) -> HttpResponse:
    body, _ = json_body(request, segment_types.RuleToTry)
    # not within a transaction: the word to stop comes from another
    with naming_the_place():
        shown = rooms.segments.preview(body.rule, actor=caller(request).actor, token=body.token or "")
    answer = segment_types.SegmentPreviewAnswer(
        people=shown.people,
        sample=list(shown.sample),
        sentence=shown.sentence_en if language_of(request) == "en" else shown.sentence_zh,
        text=shown.rule_text,
        is_incremental=shown.is_incremental,
        files=shown.cost.files,
        rows=shown.cost.rows,
        seconds=round(shown.seconds, 3),
    )
    return answered(request, answer)


@endpoint(
    "POST",
    "/segments",
    "segments_save",
    answer=segment_types.SegmentAnswer,
    statuses=(201,),
    body=segment_types.SegmentToSave,
    is_write=True,
    problems_too=(404,),
    summary="新建一个人群",
)
def add_segment(request: HttpRequest) -> HttpResponse:
    """几秒之后就有人数；算好之前 is_pending 是 true。"""
    key = idempotency_key(request)
    body, _ = json_body(request, segment_types.SegmentToSave)
    actor = caller(request).actor
    with naming_the_place(), transaction.atomic(durable=True):
        look_as(actor)
        saved = rooms.segments.create(
            name=body.name, document=body.rule, reason=body.reason, key=key, actor=actor
        )
    return _saved(request, actor, saved)


@endpoint(
    "POST",
    "/segments/{segment_id}/versions",
    "segments_save",
    answer=segment_types.SegmentAnswer,
    statuses=(201,),
    body=segment_types.VersionToSave,
    is_write=True,
    problems_too=(404,),
    summary="改一个人群的规则，另存一版",
)
def add_segment_version(request: HttpRequest, segment_id: str) -> HttpResponse:
    """规则没有变就不另存。写上 version，就只在它还是最新一版的时候才改。"""
    key = idempotency_key(request)
    body, _ = json_body(request, segment_types.VersionToSave)
    actor, number = caller(request).actor, id_of(segment_id)
    with naming_the_place(), transaction.atomic(durable=True):
        look_as(actor)
        saved = rooms.segments.save_version(
            number, document=body.rule, reason=body.reason, was_version=body.version, key=key, actor=actor
        )
    return _saved(request, actor, saved)


@contextmanager
def naming_the_place(within: str = "/rule") -> Iterator[None]:
    try:
        yield
    except kinds.BadRule as error:
        # A JSON pointer within the rule; in its text form, words
        pointer = f"{within}{error.place}" if error.place.startswith("/") else within
        detail = {"sentence": str(error)}
        raise Problem("bad_rule", detail, places=[Place(pointer, "bad_rule", detail)]) from error


def _saved(request: HttpRequest, actor: Actor, saved: kinds.Saved) -> HttpResponse:
    answer = one_of(request, actor, saved.segment_id)
    return answered(request, answer, status=201, is_repeat=saved.is_repeat)


def one_of(request: HttpRequest, actor: Actor, segment_id: int) -> segment_types.SegmentAnswer:
    language = language_of(request)
    with scoped(actor):
        segment = rooms.segments.find(actor, segment_id)
        found, beat = rooms.segments.versions(actor, segment_id), rooms.segments.beat_of(actor, segment_id)
    return segment_types.SegmentAnswer(
        segment=_view(segment, language),
        schedule=segment_types.SegmentSchedule(every_minutes=beat.minutes, at_hour=beat.hour),
        versions=versions(
            found, language, segment_types.SegmentVersion, lambda v: {"rule": v.rule, "text": v.rule_text}
        ),
    )


def _view(segment: kinds.Segment, language: str) -> segment_types.SegmentView:
    return segment_types.SegmentView(
        segment_id=segment.id,
        name=segment.name,
        state=segment.state,
        owner=segment.owner_name,
        version=segment.version_no,
        sentence=segment.sentence(language),
        people=segment.people,
        change=segment.change,
        is_pending=segment.is_pending,
        is_incremental=segment.is_incremental,
        refreshed_at=segment.refreshed_at,
        problem=segment.error,
    )
