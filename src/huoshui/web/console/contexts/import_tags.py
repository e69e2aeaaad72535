"""Words in a list's column of tags, and what each is to become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.api import tags as kinds
from huoshui.intake.imports.api import RunView, TagWord
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.people import Choice

LEAVE, MAKE, MAP = "leave", "make", "map"


@dataclass(frozen=True)
class WordRow:
    """`field`: its name in the form."""

    word: str
    rows: int
    becomes: str
    is_open: bool
    field: str
    chosen: str
    does: tuple[Choice, ...]
    maps: tuple[Choice, ...]


@dataclass(frozen=True)
class TagsForm:
    rows: tuple[WordRow, ...]
    open: int
    understood: tuple[WordRow, ...]
    url: str


def form(actor: Actor, view: RunView) -> TagsForm | None:
    """None where the files have no such column, or nobody has read them whole yet."""
    words = rooms.imports.tag_words(actor, view.id)
    if not words:
        return None
    known = rooms.insight.tags.to_give(actor)
    rows = [_row(place, word, known) for place, word in enumerate(words)]
    asked = [not w.meaning or bool(w.does) for w in words]
    return TagsForm(
        rows=tuple(row for row, is_asked in zip(rows, asked, strict=True) if is_asked),
        open=sum(w.is_open for w in words),
        understood=tuple(row for row, is_asked in zip(rows, asked, strict=True) if not is_asked),
        url=reverse("console:import-tags", args=[view.id]),
    )


def _row(place: int, word: TagWord, known: Sequence[kinds.Tag]) -> WordRow:
    chosen = word.does
    if word.does == MAP and word.meaning:
        chosen = f"{MAP}:{word.meaning.tag_id}:{word.meaning.value}"
    does = [Choice(LEAVE, _("不要这个词"), chosen == LEAVE)]
    if word.may_make:
        does.insert(0, Choice(MAKE, _("新建标签“{word}”").format(word=word.word), chosen == MAKE))
    return WordRow(
        word=word.word,
        rows=word.rows,
        becomes=_said(word.meaning.name, word.meaning.value) if word.meaning else "",
        is_open=word.is_open,
        field=f"word-{place}",
        chosen=chosen,
        does=tuple(does),
        maps=tuple(_maps(word.word, chosen, known)),
    )


def _maps(word: str, chosen: str, known: Sequence[kinds.Tag]) -> list[Choice]:
    found = []
    for tag in known:
        if tag.kind == "number":
            continue
        values = (
            [kinds.YES] if tag.kind == "flag" else rooms.insight.tags.all_values(tag.definition) or [word]
        )
        for value in values:
            key = f"{MAP}:{tag.id}:{value}"
            found.append(Choice(key, _said(tag.name, value), key == chosen))
    return found


def _said(name: str, value: str) -> str:
    return name if value == kinds.YES else _("{name}：{value}").format(name=name, value=value)


Said = tuple[Literal["map", "make", "leave"], int, str]


def choices_from(actor: Actor, run_id: int, posted: Mapping[str, str]) -> dict[str, Said]:
    """Word → what was chosen for it. What was left open stays open. Raises Refused for what no select offers."""
    found: dict[str, Said] = {}
    for place, word in enumerate(rooms.imports.tag_words(actor, run_id)):
        if said := posted.get(f"word-{place}", ""):
            found[word.word] = _choice(said)
    return found


def _choice(said: str) -> Said:
    does, _colon, rest = said.partition(":")
    tag_id, _colon, value = rest.partition(":")
    if does == "map" and tag_id.isdecimal() and value:
        return "map", int(tag_id), value
    if said == "make":
        return "make", 0, ""
    if said == "leave":
        return "leave", 0, ""
    raise Refused(_("这个词不能这样处理，请刷新页面再选。"))
