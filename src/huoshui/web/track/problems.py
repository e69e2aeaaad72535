"""Refusals of a whole request. Clients read `code` and `message`, and one of them fails over a body without them."""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec
from django.http import HttpResponse

JSON = "application/json"

_WORDS: Mapping[str, tuple[int, str, str]] = {
    "key_missing": (401, "没有写入密钥。", "There is no write key."),
    "key_wrong": (401, "写入密钥不对，或已停用。", "The write key is wrong, or has ended."),
    "source_disabled": (404, "这个来源已停用。", "This source is disabled."),
    "origin_refused": (403, "这个来源没有允许从 {origin} 发送。", "This source does not allow {origin}."),
    "body_not_json": (400, "读不懂这段 JSON：{reason}", "This is not JSON: {reason}"),
    "body_not_object": (400, "要一个 JSON 对象。", "A JSON object is needed."),
    "batch_missing": (400, "要有 batch，一个列表。", "There must be a list called batch."),
    "batch_too_long": (
        400,
        "一批最多 {most} 条，这里有 {count} 条。",
        "A batch has at most {most} events, this one {count}.",
    ),
    "body_too_large": (413, "请求最多 {most} 字节。", "A request has at most {most} bytes."),
    "body_not_gzip": (400, "不是 gzip。", "This is not gzip."),
    "encoding_unknown": (415, "只认识 gzip。", "The only encoding known is gzip."),
    "not_found": (404, "没有这个地址。", "There is no such address."),
    "method_not_allowed": (405, "这个地址只收 {allowed}。", "This address takes {allowed} only."),
    "rate_limited": (
        429,
        "这个来源请求太快，请 {seconds} 秒后再试。",
        "Too many requests; again after {seconds} s.",
    ),
    "device_key_missing": (401, "没有设备密钥。", "There is no device key."),
    "device_key_wrong": (401, "设备密钥不对，或已换过。", "The device key is wrong, or was changed."),
    "device_off": (403, "这台设备已停用。", "This device is switched off."),
    "device_too_fast": (
        429,
        "这台设备的读数太快，请 {seconds} 秒后再试。",
        "Too many readings of this device; again after {seconds} s.",
    ),
    "readings_missing": (400, "要有 readings，一个列表。", "There must be a list called readings."),
    "busy": (429, "现在太忙，请 {seconds} 秒后再试。", "Too busy now; again after {seconds} s."),
    "failed": (500, "出错了，可以再试。", "Something failed; it may be tried again."),
}


class Problem(Exception):
    """The whole request is refused. `again_in`: seconds after which it may be tried again."""

    def __init__(self, code: str, *, again_in: int = 0, pointer: str = "", **detail: object) -> None:
        self.code = code
        self.again_in = again_in
        self.pointer = pointer
        self.detail = detail
        super().__init__(code)

    @property
    def status(self) -> int:
        return _WORDS[self.code][0]


def response_of(problem: Problem, *, english: bool) -> HttpResponse:
    status, chinese, other = _WORDS[problem.code]
    told = {
        "success": False,
        "code": problem.code,
        "message": (other if english else chinese).format_map(problem.detail),
    }
    if problem.pointer:
        told["pointer"] = problem.pointer
    response = HttpResponse(msgspec.json.encode(told), content_type=JSON, status=status)
    if problem.again_in:
        response["Retry-After"] = str(problem.again_in)
        response["X-RateLimit-Reset"] = str(int(time.time()) + problem.again_in)
    if status == 401:
        response["WWW-Authenticate"] = 'Basic realm="huoshui"'
    return response
