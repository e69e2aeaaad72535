"""关系: who brings most, and how many wear which role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.contexts.person_roles import ROLES
from huoshui.web.console.markup import bold

SHOWN = 50


@dataclass(frozen=True)
class Bringer:
    name: str
    url: str
    phone_tail4: str
    tags: tuple[str, ...]
    people: int
    buyers: int
    orders: int
    spend: int


@dataclass(frozen=True)
class RelationsPage:
    sentence: SafeString
    roles: list[tuple[str, int]]
    rows: list[Bringer]
    kinds: list[tuple[str, int]]
    guesses: int


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand


def page(actor: Actor) -> RelationsPage:
    """Raises NotFound for whoever does not see the whole brand."""
    if not may_see(actor):
        raise NotFound
    front = rooms.people.relations.most_bringing(limit=SHOWN)
    wanted = {p for head, whom in front for p in (head, *whom)}
    known = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(wanted))}
    worn = rooms.people.roles.roles_now([head for head, _whom in front])
    rows = []
    for head, whom in front:
        if head in known:
            brought = [known[p] for p in whom if p in known]
            rows.append(
                Bringer(
                    name=cards.name_of(known[head]),
                    url=reverse("console:person", args=[head]),
                    phone_tail4=known[head].phone_tail4,
                    tags=tuple(str(ROLES[name]) for name in worn.get(head, [])),
                    people=len(whom),
                    buyers=sum(c.orders > 0 for c in brought),
                    orders=sum(c.orders for c in brought),
                    spend=sum(c.spend for c in brought),
                )
            )
    counts = rooms.people.roles.counts()
    held = rooms.people.relations.counts()
    return RelationsPage(
        sentence=_sentence(rows, held.get("brought", 0)),
        roles=[(str(label), counts.get(name, 0)) for name, label in ROLES.items()],
        rows=rows,
        kinds=[(str(label), held.get(kind, 0)) for kind, label in _kinds()],
        guesses=rooms.people.relations.open_proposals(),
    )


def _kinds() -> tuple[tuple[str, Any], ...]:
    return (
        ("brought", _("推荐")),
        ("household", _("家人")),
        ("colleague", _("同事")),
        ("serves", _("导购和顾客")),
        ("partner", _("合作伙伴")),
    )


def _sentence(rows: list[Bringer], brought: int) -> SafeString:
    if not rows:
        return escape(_("还没有谁带来过别人；在顾客页里登记推荐，或在会员名单里带上“推荐人”一列。"))
    return format_html(
        _("{people} 次推荐里，带来最多的是 {name}：{n} 位，他们买了 {spend}。"),
        people=bold(brought),
        name=bold(rows[0].name),
        n=bold(rows[0].people),
        spend=bold(numbers.money(rows[0].spend)),
    )
