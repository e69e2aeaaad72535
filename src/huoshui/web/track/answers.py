"""What a caller is told: every item's verdict."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from huoshui.core.unmet import sentence
from huoshui.intake.tracking import api as tracking
from huoshui.web.api.english import SENTENCES
from huoshui.web.track.problems import JSON


class Warned(msgspec.Struct, omit_defaults=True, gc=False):
    code: str
    pointer: str


class Item(msgspec.Struct, omit_defaults=True, gc=False):
    messageId: str
    status: str
    code: str = ""
    message: str = ""
    pointer: str = ""
    warnings: tuple[Warned, ...] = ()


class Answer(msgspec.Struct, omit_defaults=True, gc=False):
    success: bool
    accepted: int
    duplicate: int
    rejected: int
    verdicts: list[Item]


def wants_english(request: HttpRequest) -> bool:
    return str(request.META.get("HTTP_ACCEPT_LANGUAGE", "")).lower().startswith("en")


def of_verdicts(verdicts: Sequence[tracking.Verdict], *, english: bool, at: str) -> HttpResponse:
    """200 though items were rejected: what is wrong with them will not be right when they come again."""
    counts = dict.fromkeys((tracking.ACCEPTED, tracking.DUPLICATE, tracking.REJECTED), 0)
    items = []
    for place, verdict in enumerate(verdicts):
        counts[verdict.status] += 1
        items.append(_item(verdict, at.format(place) if verdict.code or verdict.warnings else "", english))
    answer = Answer(
        success=True,
        accepted=counts[tracking.ACCEPTED],
        duplicate=counts[tracking.DUPLICATE],
        rejected=counts[tracking.REJECTED],
        verdicts=items,
    )
    return HttpResponse(msgspec.json.encode(answer), content_type=JSON)


def _item(verdict: tracking.Verdict, at: str, english: bool) -> Item:
    if verdict.code:
        words = said(verdict.code, verdict.detail, english)
        return Item(verdict.message_id, verdict.status, verdict.code, words, f"{at}{verdict.pointer}")
    if verdict.warnings:
        warnings = tuple(Warned(w.code, f"{at}{w.pointer}") for w in verdict.warnings)
        return Item(verdict.message_id, verdict.status, warnings=warnings)
    return Item(verdict.message_id, verdict.status)


class _Told(dict[str, Any]):
    def __missing__(self, name: str) -> str:
        return "?"


def said(code: str, detail: Any, english: bool) -> str:
    if english and code in SENTENCES:
        return SENTENCES[code].format_map(_Told(detail))
    return sentence(code, detail)
