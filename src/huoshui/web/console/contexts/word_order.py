"""谁的话算数: of each attribute, whose word stands where sources differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.people.api import AttributeSource
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.markup import bold

_MOST_DIGITS = 3


@dataclass(frozen=True)
class Place:
    """A source, and the place somebody gave it ('' where nobody has)."""

    name: str
    label: str
    place: str


@dataclass(frozen=True)
class Order:
    """The order of sources under a name; '' is for all that have none of their own."""

    name: str
    title: str
    says: str
    who: str
    at: datetime | None
    reason: str
    places: list[Place]
    is_set: bool
    is_open: bool


@dataclass(frozen=True)
class WordOrder:
    sentence: SafeString
    orders: list[Order]
    choices: list[tuple[str, str]]
    error: str
    done: str


def page(
    actor: Actor, *, asked: str | None, error: str = "", said: Mapping[str, str] | None = None, done: str = ""
) -> WordOrder:
    """`asked`: the attribute to be set; None: none. Raises NotFound for who may not."""
    if not rooms.people.may_say_shared(actor):
        raise NotFound
    ranked = rooms.people.profile_priorities()
    told = {row.name: row for row in rooms.people.said_profile_priorities()}
    sources = rooms.people.profile_sources()
    names = ["", *sorted(name for name in {*ranked, *([asked] if asked else [])} if name)]
    orders = []
    for name in names:
        by, chosen = told.get(name), ranked.get(name, [])
        orders.append(
            Order(
                name=name,
                title=_title(name),
                says=_says(name, chosen, sources),
                who=parties.who(actor, by.actor) if by and chosen else "",
                at=by.at if by and chosen else None,
                reason=by.reason if by and chosen else "",
                places=_places(chosen, sources, said if name == asked else None),
                is_set=bool(chosen),
                is_open=name == asked,
            )
        )
    labels = rooms.people.ATTRIBUTE_LABELS
    return WordOrder(
        sentence=_sentence(ranked),
        orders=orders,
        choices=[(name, _(label)) for name, label in labels.items() if name not in names],
        error=error,
        done=_done() if done else "",
    )


def read(said: Mapping[str, str]) -> list[str]:
    """The sources in the order of the numbers somebody wrote beside them; a source without a number has no place."""
    placed = []
    for field, value in said.items():
        kind, _sep, source = field.partition(".")
        if kind != "place" or not value.strip():
            continue
        number = value.strip()
        if not number.isdecimal() or len(number) > _MOST_DIGITS or not int(number):
            raise Refused(_("次序请写 1、2、3 这样的整数。"))
        placed.append((int(number), source))
    if len({number for number, _source in placed}) < len(placed):
        raise Refused(_("两个来源写了同一个次序。请分出先后。"))
    return [source for _number, source in sorted(placed)]


def _places(
    chosen: Sequence[str], sources: Sequence[AttributeSource], said: Mapping[str, str] | None
) -> list[Place]:
    rank = {source: str(place) for place, source in enumerate(chosen, start=1)}
    ordered = sorted(sources, key=lambda s: (int(rank.get(s.name, 1000)), s.label))
    return [
        Place(s.name, s.label, said.get(f"place.{s.name}", "") if said else rank.get(s.name, ""))
        for s in ordered
    ]


def _title(name: str) -> str:
    return _(rooms.people.ATTRIBUTE_LABELS.get(name, name)) if name else _("所有资料")


def _says(name: str, chosen: Sequence[str], sources: Sequence[AttributeSource]) -> str:
    labels = {s.name: s.label for s in sources}
    if chosen:
        first = _("、").join(labels.get(source, source) for source in chosen)
        return _("先听 {sources}").format(sources=first)
    return _("和所有资料一样") if name else _("谁最后说的算")


def _sentence(ranked: Mapping[str, Sequence[str]]) -> SafeString:
    own = sum(1 for name in ranked if name)
    if not ranked:
        said = _("几个来源说法不一时，{last}。顾客本人要求改过的，永远排第一。")
        return format_html(said, last=bold(_("谁最后说的算")))
    said = _("几个来源说法不一时，按下面的次序听；{own} 项资料有自己的次序。顾客本人要求改过的，永远排第一。")
    return format_html(said, own=bold(own))


def _done() -> str:
    return _("次序改好了，顾客页马上按它显示；列表里的名字和分析用的数据几分钟内跟上。")
