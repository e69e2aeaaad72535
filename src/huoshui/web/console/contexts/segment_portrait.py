"""The portrait of a saved segment: in words, as a chart and as a table; and who is typical of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.cache import cache
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.api import portraits as kinds
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.cards import PersonRow
from huoshui.web.console.contexts.parties import by_name
from huoshui.web.console.contexts.portrait import HEAD, ROW
from huoshui.web.console.contexts.segments import SegmentPeople
from huoshui.web.console.contexts.standing import language, standing_day
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

Act = Callable[[], object]
PAGE = 50
_CHARTED = 14
_TABLED = 60
_SECONDS = 300
_HIGHEST = list(words.GRADES)


@dataclass(frozen=True)
class Choice:
    value: str
    name: str
    is_chosen: bool


@dataclass(frozen=True)
class PortraitPage:
    """The frame; what takes long comes by itself."""

    name: str
    segment_url: str
    list_url: str
    panel_url: str
    typical_url: str
    choices: list[Choice]


def page(actor: Actor, segment_id: int, query: Mapping[str, str]) -> PortraitPage:
    """Raises NotFound."""
    api = rooms.insight.portraits
    named = dict(api.shown(actor))
    if segment_id not in named:
        if not api.may_see_people(actor):
            raise NotFound
        named[segment_id] = rooms.insight.segments.find(actor, segment_id).name
    against, sees = _against(query), api.may_see_people(actor)
    others = [(str(i), name) for i, name in named.items() if i != segment_id]
    place = reverse("console:segment-portrait-panel", args=[segment_id])
    return PortraitPage(
        name=named[segment_id],
        segment_url=reverse("console:segment", args=[segment_id]) if sees else "",
        list_url=reverse("console:segments" if sees else "console:portraits"),
        panel_url=f"{place}?{urlencode({'against': against or ''})}",
        typical_url=reverse("console:segment-typical", args=[segment_id]) if sees else "",
        choices=[
            Choice(value, name, value == str(against or "")) for value, name in [("", _("全部顾客")), *others]
        ],
    )


def _against(query: Mapping[str, str]) -> int | None:
    text = query.get("against", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise NotFound
    return int(text) if text else None


@dataclass(frozen=True)
class TraitRow:
    attribute: str
    value: str
    url: str
    share: float
    base_share: float
    tgi: int | None
    is_significant: bool


@dataclass(frozen=True)
class PortraitPanel:
    portrait: kinds.Portrait | None
    against: str
    rows: list[TraitRow]
    """Those of the chart, in its order; `more` below."""
    more: list[TraitRow]
    left_out: int
    chart: dict[str, Any]
    chart_says: str
    height: int
    error: str


def panel(actor: Actor, segment_id: int, query: Mapping[str, str]) -> PortraitPanel:
    try:
        found = _found(actor, segment_id, _against(query))
    except NotFound:
        raise
    except Refused as error:
        return PortraitPanel(None, "", [], [], 0, {}, "", 0, retell(str(error)))
    rows = [_row(t, found) for t in found.traits]
    charted = sorted((r for r in rows[:_CHARTED] if r.tgi is not None), key=lambda r: -(r.tgi or 0))
    told = _("；").join(f"{r.attribute} {r.value} TGI {r.tgi}" for r in charted[:4])
    return PortraitPanel(
        portrait=found,
        against=found.against or _("全部顾客"),
        rows=charted,
        more=[r for r in rows[:_TABLED] if r not in charted],
        left_out=max(0, len(rows) - _TABLED),
        chart=_chart(charted),
        chart_says=_("{group}的画像：{traits}").format(group=found.name, traits=told),
        height=ROW * len(charted) + HEAD,
        error="",
    )


def _found(actor: Actor, segment_id: int, against: int | None) -> kinds.Portrait:
    """The same for everybody who may see as much, while nothing has moved for a few minutes."""
    sees, fresh = rooms.insight.portraits.may_see_people(actor), rooms.lake.engine().fresh_at()
    said = f"{fresh} {segment_id} {against} {language()} {sees}"
    key = f"console.portrait.{hashlib.sha256(said.encode()).hexdigest()}"
    known: kinds.Portrait | None = cache.get(key) if rooms.insight.portraits.may_see(actor) else None
    if known is None:
        known = rooms.insight.portraits.portrait(actor, segment_id, against=against, lang=language())
        cache.set(key, known, _SECONDS)
    return known


def _row(trait: kinds.Trait, of: kinds.Portrait) -> TraitRow:
    query = urlencode({"attribute": trait.attribute, "value": trait.value})
    place = reverse("console:segment-portrait-people", args=[of.segment_id])
    return TraitRow(
        attribute=retell(trait.attribute_name),
        value=retell(trait.value_name),
        url="" if of.is_guarded or not trait.people else f"{place}?{query}",
        share=trait.share,
        base_share=trait.base_share,
        tgi=trait.tgi,
        is_significant=trait.is_significant,
    )


def _chart(rows: list[TraitRow]) -> dict[str, Any]:
    most = max([160, *(min(row.tgi or 0, 600) for row in rows)])
    return {
        "min": 0,
        "bare": True,
        "max": -(-(most + 10) // 50) * 50,
        "rows": [
            {
                "name": f"{row.attribute} {row.value}",
                "share": round(row.share * 100, 1),
                "base": round(row.base_share * 100, 1),
                "tgi": row.tgi,
                "sure": row.is_significant,
            }
            for row in rows
        ],
    }


def people(actor: Actor, segment_id: int, query: Mapping[str, str]) -> SegmentPeople:
    """Those of the segment who have one value. Raises NotFound."""
    api = rooms.insight.portraits
    after, attribute, value = query.get("after", "0"), query.get("attribute", ""), query.get("value", "")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise NotFound
    found = api.behind(actor, segment_id, attribute, value, limit=PAGE + 1, after=int(after))
    name = rooms.insight.segments.find(actor, segment_id).name
    many = api.count_behind(actor, segment_id, attribute, value)
    place, day = reverse("console:segment-portrait-people", args=[segment_id]), standing_day()
    kept = {"attribute": attribute, "value": value}
    shown = found[:PAGE]
    said = _("人群“{name}”里，符合这一条的有 {n} 位顾客。")
    return SegmentPeople(
        sentence=format_html(said, name=name, n=bold(numbers.count(many))),
        rows=[cards.row(card, day) for card in rooms.people.cards_for(actor, shown)],
        next_url=f"{place}?{urlencode({**kept, 'after': shown[-1]})}" if len(found) > PAGE else "",
        url=f"{place}?{urlencode(kept)}",
        is_first=after == "0",
    )


@dataclass(frozen=True)
class TypicalRow:
    typical: kinds.Typical
    person: PersonRow
    says: str
    letter: str


@dataclass(frozen=True)
class TypicalPanel:
    rows: list[TypicalRow]
    url: str
    may_write: bool
    error: str
    done: bool


def typical(actor: Actor, segment_id: int, *, error: str = "", done: bool = False) -> TypicalPanel:
    """Raises NotFound for who may not see persons."""
    api = rooms.insight.portraits
    if not api.may_see_people(actor):
        raise NotFound
    found = api.typical(actor, segment_id, lang=language())
    day = standing_day()
    shown = {c.person_id: c for c in rooms.people.cards_for(actor, [t.person_id for t in found])}
    return TypicalPanel(
        rows=[
            _typical(t, cards.row(card, day), card.display_name)
            for t in found
            if (card := shown.get(t.person_id)) is not None
        ],
        url=reverse("console:segment-typical", args=[segment_id]),
        may_write=rooms.insight.segments.may_write(actor),
        error=error,
        done=done,
    )


def _typical(one: kinds.Typical, person: PersonRow, named: str) -> TypicalRow:
    """Whoever is known by a number only has no letter."""
    return TypicalRow(one, person, one.says, (one.called or named)[:1])


def say_typical(actor: Actor, segment_id: int, said: Mapping[str, str]) -> None:
    """Raises Refused."""
    who = said.get("person", "")
    if not (who.isascii() and who.isdigit() and len(who) < 19):
        raise NotFound
    called, treatment = said.get("called", ""), said.get("treatment", "")
    rooms.insight.portraits.say_typical(segment_id, int(who), called=called, treatment=treatment, actor=actor)


@dataclass(frozen=True)
class PortraitsList:
    rows: list[tuple[str, str]]


def listed(actor: Actor) -> PortraitsList:
    """For who may see figures of segments and no more."""
    found = rooms.insight.portraits.shown(actor)
    return PortraitsList([(reverse("console:segment-portrait", args=[i]), name) for i, name in found])


# ---- types --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TypeRow:
    type: kinds.Type
    name: str
    url: str
    grades: list[tuple[str, float]]


@dataclass(frozen=True)
class TypesPanel:
    id: int
    rows: list[TypeRow]
    made: str
    may_write: bool
    error: str


def types(actor: Actor, *, error: str = "") -> TypesPanel:
    """Raises NotFound for who may not see persons."""
    found = rooms.insight.portraits.types(actor, lang=language())
    may_write = rooms.insight.segments.may_write(actor)
    if found is None:
        return TypesPanel(0, [], "", may_write, error)
    rows = [
        TypeRow(
            t,
            t.called or _("第 {n} 类").format(n=t.key + 1),
            f"{reverse('console:type-people', args=[t.key])}",
            [
                (str(words.GRADES[grade]), share)
                for grade, share in sorted(t.grades, key=lambda one: _HIGHEST.index(one[0]))
            ],
        )
        for t in found.types
    ]
    made = _("{who} 在 {day} 划分").format(who=by_name(found.by), day=numbers.day(found.made_at))
    return TypesPanel(found.id, rows, made, may_write, error)


def people_of_type(actor: Actor, key: int, query: Mapping[str, str]) -> SegmentPeople:
    """Raises NotFound."""
    after = query.get("after", "0")
    if not (after.isascii() and after.isdigit() and len(after) < 19):
        raise NotFound
    found = rooms.insight.portraits.people_of_type(actor, key, limit=PAGE + 1, after=int(after))
    place, day, shown = reverse("console:type-people", args=[key]), standing_day(), found[:PAGE]
    return SegmentPeople(
        sentence=escape(_("这一类顾客，按编号先后。")),
        rows=[cards.row(card, day) for card in rooms.people.cards_for(actor, shown)],
        next_url=f"{place}?{urlencode({'after': shown[-1]})}" if len(found) > PAGE else "",
        url=place,
        is_first=after == "0",
    )
