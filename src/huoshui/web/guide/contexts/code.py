"""Her own code."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from huoshui.core.actor import Actor
from huoshui.web.console.contexts import rooms
from huoshui.web.guide.contexts import words


@dataclass(frozen=True)
class CodeRow:
    title: str
    url: str
    scans: int
    people: int


@dataclass(frozen=True)
class CodePage:
    who: str
    rows: list[CodeRow]


def own_code(actor: Actor) -> CodePage:
    words.server(actor)
    found = [
        v
        for v in rooms.codes.codes(actor, limit=100)
        if v.code.kind == "guide" and v.code.guide_id == actor.id and v.code.is_live
    ]
    rows = [
        CodeRow(v.code.title, reverse("console:code-svg", args=[v.code.id]), v.scans, v.people) for v in found
    ]
    return CodePage(str(actor), rows)
