"""Every code the API answers with: its status, and what it says in Chinese and in English.

What a sale could not have (`core.unmet`) has its Chinese sentence where it is decided; its English one is in `english`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Any

from huoshui.core import money, unmet
from huoshui.insight.api import tags
from huoshui.web.api import english, tag_catalogue


@dataclass(frozen=True)
class Entry:
    status: int
    zh: str
    en: str


TITLES: Mapping[int, tuple[str, str]] = {
    400: ("请求读不懂", "Bad request"),
    401: ("没有有效的密钥", "No valid key"),
    403: ("没有这个权限", "Not allowed"),
    404: ("找不到", "Not found"),
    405: ("不支持这种方法", "Method not allowed"),
    409: ("和之前的请求不一致", "Differs from an earlier request"),
    413: ("请求太大", "Request too large"),
    415: ("不支持这种格式", "Unsupported format"),
    422: ("不能这样做", "Refused"),
    429: ("请求太多", "Too many requests"),
    500: ("出错了", "Something went wrong"),
    503: ("系统正忙", "Busy"),
}


def _of_tags(code: str) -> Entry:
    """The room says it in Chinese. A program knows a field by its name."""
    status = 409 if code in tag_catalogue.CONFLICTS else 422
    return Entry(status, tags.SENTENCES[code].replace("{what}", "「{field}」"), tag_catalogue.ENGLISH[code])


OWN: Mapping[str, Entry] = {
    "malformed": Entry(
        400, "请求的内容不是 UTF-8 的 JSON：{reason}", "The body is not JSON in UTF-8: {reason}"
    ),
    "idempotency_key_missing": Entry(
        400,
        "请带上请求头 Idempotency-Key：每次写入自己编一个，1 到 255 个可见的 ASCII 字符，重试时不变。",
        "Send the header Idempotency-Key: 1 to 255 visible ASCII characters, made anew for each write and kept for retries.",
    ),
    "question_wrong": Entry(
        422, "这个问题不能这样问：{reason}", "The question cannot be asked like this: {reason}"
    ),
    "parameter_wrong": Entry(
        400,
        "地址里的参数不对：{reason}",
        "A parameter of the address is wrong: {reason}",
    ),
    "unauthorized": Entry(
        401,
        "请带上请求头 Authorization: Bearer hs_…；没有这把密钥，或者它已经停用。",
        "Send the header Authorization: Bearer hs_…; there is no such key, or it was revoked.",
    ),
    "scope_missing": Entry(
        403,
        "这把密钥没有权限「{scope}」。请总部用 huoshui keys add 另发一把。",
        "This key lacks the scope {scope}. Ask the head office for another one (huoshui keys add).",
    ),
    "not_found": Entry(
        404,
        "找不到，或者这把密钥不能查看。",
        "Not found, or not for this key to see.",
    ),
    "method_not_allowed": Entry(
        405, "这个地址不支持这种方法，可以用：{allowed}。", "This address allows: {allowed}."
    ),
    "key_reused": Entry(
        409,
        "这个 Idempotency-Key 已经用于另一个内容不同的请求。请换一个新的。",
        "This Idempotency-Key was used for a request with another content. Use a new one.",
    ),
    "too_large": Entry(413, "请求的内容最多 {limit} 字节。", "A body may have {limit} bytes at most."),
    "inflated_too_large": Entry(
        413,
        "解压后的内容最多 {limit} 字节。请分几次上传。",
        "Decompressed, a body may have {limit} bytes at most. Send it in parts.",
    ),
    "too_many_lines": Entry(
        413,
        "一次最多 {limit} 行。请分几次上传。",
        "A request may have {limit} lines at most. Send them in parts.",
    ),
    "media_type_unsupported": Entry(415, "请用 Content-Type: {expected}。", "Use Content-Type: {expected}."),
    "encoding_unsupported": Entry(
        415,
        "只支持不压缩，或者批量上传时用 Content-Encoding: gzip。",
        "Send the body as it is, or, to the bulk address, with Content-Encoding: gzip.",
    ),
    "invalid": Entry(
        422,
        "请求的内容有 {count} 处不对，见 errors。",
        "The body is wrong in {count} place(s), see errors.",
    ),
    "amounts_differ": Entry(
        422,
        "金额对不上：{left}合计 ¥{left_amount}，{right}合计 ¥{right_amount}，相差 ¥{difference}。",
        "The amounts differ: {left} come to ¥{left_amount}, {right} to ¥{right_amount}, a difference of ¥{difference}.",
    ),
    "bad_rule": Entry(
        422,
        "这条人群规则看不懂：{sentence}",
        "This rule of a segment cannot be read: {sentence}",
    ),
    "segment_name_taken": Entry(
        422,
        "已经有一个同名的人群，请换一个名字。",
        "There is a segment of this name. Choose another one.",
    ),
    "segment_ring": Entry(
        422,
        "这条规则绕了一圈又用到了这个人群自己。请去掉其中一处。",
        "The rule leads back to its own segment. Take one of the steps out.",
    ),
    "segment_version_old": Entry(
        409,
        "这个人群刚被别人改过。请先取最新的规则，看过再改。",
        "Somebody has just changed this segment. Read its present rule first.",
    ),
    "segment_count_too_long": Entry(
        422,
        "人太多、规则太复杂，30 秒内没有数完。可以直接保存，系统会在后台算好。",
        "Too many people and too much of a rule to count within 30 seconds. Save it, and it is counted in the background.",
    ),
    "called_off": Entry(
        422,
        "已经停下，没有数完。",
        "It was called off before it had been counted.",
    ),
    "tag_unknown": Entry(
        422,
        "没有代号是「{tag}」的标签，或者这把密钥不能给。",
        "There is no tag {tag}, or this key may not give it.",
    ),
    **{code: _of_tags(code) for code in tags.SENTENCES},
    "not_a_phone": Entry(422, "这不是一个有效的手机号。", "This is not a valid phone number."),
    "refused": Entry(422, "这个操作不能执行：{message}", "This was refused: {message}"),
    "rate_limited": Entry(
        429,
        "请求太快了，每分钟最多 {limit} 次。请 {seconds} 秒后再试。",
        "Too fast: at most {limit} requests a minute. Try again in {seconds} s.",
    ),
    "failed": Entry(
        500,
        "系统出错了，已记下编号 {number}。可以用同一个 Idempotency-Key 再试，不会重复入账。",
        "Something went wrong, noted under {number}. Try again with the same Idempotency-Key; nothing is written twice.",
    ),
    "retry_later": Entry(
        503,
        "系统正忙。请用同一个 Idempotency-Key 再试，不会重复入账。",
        "Busy. Try again with the same Idempotency-Key; nothing is written twice.",
    ),
}

SUMS: Mapping[str, tuple[str, str]] = {
    "lines": ("各行商品", "the lines"),
    "amount": ("收银报的总额", "the till's total"),
    "tenders": ("各种付款", "the payments"),
    "lines/coupon_discount": ("各行的券优惠", "the coupon discounts of the lines"),
    "coupons": ("各张券", "the coupons"),
}
"""What `amounts_differ` compares, by its names in `data`."""

PLACES: Mapping[str, tuple[str, str]] = {
    "missing_field": ("缺少「{field}」。", "The field {field} is missing."),
    "unknown_field": ("没有「{field}」这个字段。", "There is no field {field}."),
    "wrong_type": ("这里应该是 {expected}，收到的是 {got}。", "Expected {expected}, got {got}."),
    "wrong_value": ("这里的值不对：{reason}", "The value is wrong: {reason}"),
    "out_of_range": (
        "时间要在 2000 年以后，最多比现在晚两天。",
        "A time must be after 2000 and at most two days ahead.",
    ),
    "no_such_text": ("文字里不能有空字符（U+0000）。", "Text may not contain U+0000."),
    "amounts_differ": ("这里的合计对不上。", "The sum here differs."),
    "not_a_phone": ("这不是一个有效的手机号。", "This is not a valid phone number."),
    "offline_exchange": (
        "换货不能补报。已经换好的，请分成一笔补报的退货和一笔补报的成交。",
        "An exchange cannot be reported. What has happened goes as an offline refund and an offline sale.",
    ),
}
"""Codes inside `errors`: what is wrong with one place of a request."""


def codes() -> list[str]:
    """All codes a problem may carry."""
    return sorted({*OWN, *unmet.codes()})


def codes_of(status: int) -> list[str]:
    return [code for code in codes() if status_of(code) == status]


def status_of(code: str) -> int:
    """What a sale could not have is 422."""
    return OWN[code].status if code in OWN else 422


def is_known(code: str) -> bool:
    return code in OWN or code in unmet.codes()


def sentence(code: str, language: str, detail: Mapping[str, Any]) -> str:
    """In the caller's language. A code of `unmet` without English is a failed test, and Chinese to the caller."""
    if code in OWN:
        text = OWN[code].en if language == "en" else OWN[code].zh
    elif language == "en" and code in english.FIGURED and unmet.are_told(english.FIGURED[code], detail):
        text = english.FIGURED[code]
    elif language == "en" and code in english.SENTENCES:
        text = english.SENTENCES[code]
    else:
        return unmet.sentence(code, detail)
    return text.format_map(_Told(_plainly(code, language, detail)))


def _plainly(code: str, language: str, detail: Mapping[str, Any]) -> Mapping[str, Any]:
    """As people say it, where `data` has names of fields and minor units."""
    if code != "amounts_differ":
        return detail
    said: dict[str, Any] = {n: money.plain(abs(v)) if isinstance(v, int) else v for n, v in detail.items()}
    sums = {n: SUMS[said[n]][language == "en"] for n in ("left", "right") if said.get(n) in SUMS}
    return said | sums


def shown(code: str, language: str) -> str:
    """Its sentence with the names of its figures, for the reference."""
    english_text = OWN[code].en if code in OWN else english.SENTENCES.get(code, "")
    names = {name: f"{{{name}}}" for _, name, _, _ in Formatter().parse(english_text) if name}
    return sentence(code, language, names)


def place(code: str, language: str, detail: Mapping[str, Any]) -> str:
    if code not in PLACES:
        return sentence(code, language, detail)
    return PLACES[code][language == "en"].format_map(_Told(detail))


def title(status: int, language: str) -> str:
    return TITLES[status][language == "en"]


class _Told(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"
