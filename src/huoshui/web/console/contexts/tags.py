"""标签: which there are by category, one of them with all that is known of it, and the form that makes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.insight.api import tags as kinds
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.segments import SegmentPeople, language
from huoshui.web.console.contexts.standing import standing_day
from huoshui.web.console.markup import bold
from huoshui.web.console.sparks import Point, Spark, spark

PAGE = 50
_LATELY = 8

KINDS: Mapping[str, Any] = {
    "flag": gettext_lazy("是或不是"),
    "one": gettext_lazy("几个值里的一个"),
    "several": gettext_lazy("可以有几个值"),
    "number": gettext_lazy("数字"),
}
SOURCES: Mapping[str, Any] = {
    "hand": gettext_lazy("人工"),
    "import": gettext_lazy("名单"),
    "model": gettext_lazy("模型"),
    "inference": gettext_lazy("信号推算"),
    "rule": gettext_lazy("规则"),
}
ENDED: Mapping[str, Any] = {
    "rule": gettext_lazy("不再符合"),
    "revised": gettext_lazy("规则改了"),
    "merged": gettext_lazy("和另一位合并了"),
    "consent": gettext_lazy("本人不同意"),
    "replaced": gettext_lazy("换成新的"),
    "expired": gettext_lazy("到期"),
    "off": gettext_lazy("标签关了"),
    "hand": gettext_lazy("人工拿掉"),
}


def may_see(actor: Actor) -> bool:
    return rooms.insight.tags.may_see(actor)


@dataclass(frozen=True)
class TagLine:
    url: str
    people_url: str
    tag: kinds.Tag
    says: str
    kind: str
    by: str
    values: list[tuple[str, int, str]]
    """(value, how many, address of them)."""


@dataclass(frozen=True)
class Branch:
    """A category, named with those it lies in, and its tags."""

    name: str
    rows: list[TagLine]


@dataclass(frozen=True)
class TagsContext:
    branches: list[Branch]
    tags: int
    may_write: bool


def tags(actor: Actor) -> TagsContext:
    found = rooms.insight.tags.listed(actor)
    by_category: dict[str, list[TagLine]] = {}
    for one in found:
        by_category.setdefault(one.category, []).append(_line(actor, one))
    return TagsContext(
        [
            Branch(" / ".join(path.split("/")) or _("还没有分类"), rows)
            for path, rows in sorted(by_category.items(), key=lambda item: (not item[0], item[0].split("/")))
        ],
        len(found),
        rooms.insight.tags.may_write(actor),
    )


def _line(actor: Actor, tag: kinds.Tag) -> TagLine:
    place = reverse("console:tag-people", args=[tag.id])
    sizes = {} if tag.kind == "flag" else rooms.insight.tags.counts(actor, tag.id)
    known = {} if tag.kind == "number" else dict.fromkeys(kinds.all_values(tag.definition), 0)
    return TagLine(
        reverse("console:tag", args=[tag.id]),
        place,
        tag,
        # Of what is weighed the signals stand below; in a sentence they would drown what it means
        (tag.definition.meaning if tag.definition.guesses else "") or tag.says(language()),
        str(KINDS[tag.kind]),
        str(SOURCES[tag.by]) if tag.by != "hand" else _("人工、名单或模型"),
        [(value, n, f"{place}?{urlencode({'value': value})}") for value, n in (known | sizes).items()]
        if tag.kind not in ("flag", "number")
        else [],
    )


# ---- one ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PassageRow:
    url: str
    name: str
    value: str
    source: str
    at: datetime
    why: str


@dataclass(frozen=True)
class Line:
    """A value with the rule that tells it, or the signals and their points."""

    value: str
    says: str
    text: str
    signals: list[tuple[str, int]]
    enough: int


@dataclass(frozen=True)
class TagContext:
    line: TagLine
    spark: Spark | None
    given: list[PassageRow]
    taken: list[PassageRow]
    versions: list[tuple[kinds.Version, str]]
    lines: list[Line]
    may_write: bool
    may_open: bool
    error: str
    done: str


def tag(actor: Actor, tag_id: int, *, error: str = "", done: str = "") -> TagContext:
    """Raises NotFound."""
    api = rooms.insight.tags
    one = api.find(actor, tag_id)
    came, went = api.lately(actor, tag_id, limit=_LATELY)
    words = {"saved": _("存好了，几秒之后就有人数。"), "changed": _("已保存")}
    return TagContext(
        line=_line(actor, one),
        spark=spark([Point(float(d.people), None, None, False) for d in api.days(actor, tag_id)]),
        given=_passages(actor, came),
        taken=_passages(actor, went),
        versions=[(v, v.sentence(language())) for v in api.versions(actor, tag_id)],
        lines=_lines(one),
        may_write=api.may_write(actor),
        may_open=api.may_open_sensitive(actor) or not one.is_sensitive,
        error=error,
        done=words.get(done, ""),
    )


def _lines(tag: kinds.Tag) -> list[Line]:
    definition, place = tag.definition, 1 if language() == "en" else 0
    return [
        *(
            Line(value, tag.told[value][place], rooms.insight.segments.as_text(rule), [], 0)
            for value, rule in definition.rules
        ),
        *(
            Line(g.value, "", "", [(s.says, s.weight) for s in g.signals], g.enough)
            for g in definition.guesses
        ),
    ]


def _passages(actor: Actor, found: Sequence[kinds.Passage]) -> list[PassageRow]:
    canonical = rooms.people.canonical_ids([p.person_id for p in found])
    shown = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(set(canonical.values())))}
    return [
        PassageRow(
            reverse("console:person", args=[card.person_id]),
            cards.name_of(card),
            p.value,
            str(SOURCES[p.source]),
            p.at,
            str(ENDED.get(p.ended_why, "")),
        )
        for p in found
        if (card := shown.get(canonical[p.person_id]))
    ]


# ---- the people of one ----------------------------------------------------------------------------------------


def people(actor: Actor, tag_id: int, query: Mapping[str, str]) -> SegmentPeople:
    """As the drawer of people shows it. Raises NotFound."""
    after, value = query.get("after", "0"), query.get("value") or None
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise NotFound
    one = rooms.insight.tags.find(actor, tag_id)
    ids = rooms.insight.tags.wearing(actor, tag_id, value=value, after=int(after), limit=PAGE + 1)
    shown = ids[:PAGE]
    place, day = reverse("console:tag-people", args=[tag_id]), standing_day()
    kept = {"value": value} if value else {}
    said = (
        _("标签“{name}”现在有 {n} 位顾客。")
        if value is None
        else _("标签“{name}”是“{value}”的有 {n} 位顾客。")
    )
    many = one.people if value is None else rooms.insight.tags.counts(actor, tag_id).get(value, 0)
    heads = sorted(set(rooms.people.canonical_ids(shown).values()))
    return SegmentPeople(
        sentence=format_html(said, name=one.name, value=value, n=bold(numbers.count(many))),
        rows=[cards.row(card, day) for card in rooms.people.cards_for(actor, heads)],
        next_url=f"{place}?{urlencode({'after': shown[-1]} | kept)}" if len(ids) > PAGE else "",
        url=f"{place}?{urlencode(kept)}" if kept else place,
        is_first=after == "0",
    )
