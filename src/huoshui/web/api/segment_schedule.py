"""By the clock: when a segment is judged again, and files of it. For keys of the whole brand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.scope import look_as, scoped
from huoshui.web.api import rooms, segment_types
from huoshui.web.api.auth import caller
from huoshui.web.api.customers import id_of
from huoshui.web.api.reading import idempotency_key, json_body
from huoshui.web.api.segments import one_of
from huoshui.web.api.service import endpoint
from huoshui.web.api.views import answered

EXPORT = "segments_export"


@endpoint(
    "POST",
    "/segments/{segment_id}/schedule",
    "segments_save",
    answer=segment_types.SegmentAnswer,
    body=segment_types.ScheduleToSet,
    is_write=True,
    problems_too=(404,),
    summary="定一个人群多久算一次",
)
def set_segment_schedule(request: HttpRequest, segment_id: str) -> HttpResponse:
    """要和所有人一起算的规则才用定。两样都不写，就是有新数据就算，最快 5 分钟一次。"""
    body, _ = json_body(request, segment_types.ScheduleToSet)
    actor, number = caller(request).actor, id_of(segment_id)
    is_repeat = _once(
        request,
        ["schedule", number, body.every_minutes, body.at_hour],
        number,
        lambda: rooms.segments.set_beat(number, minutes=body.every_minutes, hour=body.at_hour, actor=actor),
    )
    return answered(request, one_of(request, actor, number), is_repeat=is_repeat)


@endpoint(
    "GET",
    "/segments/{segment_id}/exports",
    EXPORT,
    answer=segment_types.SegmentExports,
    problems_too=(404,),
    summary="一个人群的定时导出和已经生成的文件",
)
def segment_exports(request: HttpRequest, segment_id: str) -> HttpResponse:
    return answered(request, _exports(caller(request).actor, id_of(segment_id)))


@endpoint(
    "POST",
    "/segments/{segment_id}/exports/plan",
    EXPORT,
    answer=segment_types.SegmentExports,
    body=segment_types.ExportToPlan,
    is_write=True,
    problems_too=(404,),
    summary="定时导出一个人群，或者不再导出",
)
def plan_segment_export(request: HttpRequest, segment_id: str) -> HttpResponse:
    """到时按这把密钥的权限生成文件：密钥停用了，就不再生成。一个人群只有一个计划，后定的换掉先定的；hour 写 null 就是取消。"""
    body, _ = json_body(request, segment_types.ExportToPlan)
    actor, number = caller(request).actor, id_of(segment_id)

    def plan() -> None:
        if body.hour is None:
            rooms.segments.unplan(number, actor=actor)
        else:
            rooms.segments.plan(number, hour=body.hour, weekday=body.weekday, actor=actor)

    is_repeat = _once(request, ["plan", number, body.hour, body.weekday], number, plan)
    return answered(request, _exports(actor, number), is_repeat=is_repeat)


@endpoint(
    "GET",
    "/segments/{segment_id}/exports/{file_id}",
    EXPORT,
    answer=str,
    is_csv=True,
    problems_too=(404,),
    summary="取一个导出的文件",
)
def segment_export_file(request: HttpRequest, segment_id: str, file_id: str) -> HttpResponse:
    """CSV，UTF-8 带 BOM。每取一次都留痕。"""
    actor = caller(request).actor
    with scoped(actor):
        found, text = rooms.segments.read_file(id_of(file_id), actor=actor)
        if found.segment_id != id_of(segment_id):
            raise NotFound
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def _once(request: HttpRequest, content: Any, segment_id: int, write: Callable[[], None]) -> bool:
    """True when it was asked under this key before, and nothing was written."""
    key, actor = idempotency_key(request), caller(request).actor

    def made() -> int:
        write()
        return segment_id

    with transaction.atomic(durable=True):
        look_as(actor)
        rooms.segments.find(actor, segment_id)
        is_repeat: bool = rooms.segments.once(made, key=key, content=content, actor=actor).is_repeat
    return is_repeat


def _exports(actor: Actor, segment_id: int) -> segment_types.SegmentExports:
    with scoped(actor):
        plan = rooms.segments.plan_of(actor, segment_id)
        files = rooms.segments.files(actor, segment_id)
    return segment_types.SegmentExports(
        segment_id=segment_id,
        plan=plan
        and segment_types.ExportPlan(
            hour=plan.hour,
            weekday=plan.weekday,
            by=plan.staff_name,
            set_at=plan.set_at,
            last_at=plan.last_at,
            problem=plan.error,
        ),
        files=[
            segment_types.ExportFile(file_id=f.id, made_at=f.made_at, people=f.rows, by=f.staff_name)
            for f in files
        ],
    )
