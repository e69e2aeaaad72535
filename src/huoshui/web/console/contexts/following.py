"""What goes with whom where one human becomes several, or several one: each part as it stands in its own name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.people.api import Evidence
from huoshui.trade.bonds.api import View
from huoshui.web.console.contexts import bond_words, parties, rooms
from huoshui.web.console.retell import retell

_ACCOUNTS = 3


@dataclass(frozen=True)
class Part:
    name: str
    url: str
    accounts: tuple[str, ...]
    more: int
    orders: int
    amount: int
    points: int
    debt: int
    coupons: int
    owner: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Sample:
    """Of one human, who he would be; `more`: parts that are not shown."""

    parts: list[Part]
    more: int


def evidence(actor: Actor, link: Evidence) -> str:
    """Why two are one, with whoever said it by hand as the reader knows him."""
    if link.rule != "by_hand":
        return retell(link.sentence)
    return _("{who}手工合并：{why}").format(
        who=parties.who(actor, link.actor), why=link.sentence.partition("：")[2]
    )


def parts(actor: Actor, groups: Sequence[Sequence[int]]) -> list[Part]:
    """Of groups of born ids, in order. Raises NotFound for who may not look."""
    ids = [person_id for group in groups for person_id in group]
    held = rooms.people.joins.holdings(actor, ids)
    names = rooms.people.joins.named(actor, ids)
    accounts = rooms.people.joins.accounts(actor, ids)
    coupons = rooms.campaigns.count_held(ids)
    owners, tags = _owners(actor, groups), _tags(actor, groups)
    found = []
    for place, group in enumerate(groups):
        known = [
            _("{kind} {value}").format(kind=_(k), value=v) for p in group for k, v in accounts.get(p, ())
        ]
        mine = [held[p] for p in group]
        found.append(
            Part(
                name=next((names[p] for p in group if names.get(p)), "") or _("没有留名"),
                url=reverse("console:person", args=[group[0]]),
                accounts=tuple(known[:_ACCOUNTS]),
                more=max(0, len(known) - _ACCOUNTS),
                orders=sum(h.orders for h in mine),
                amount=sum(h.amount for h in mine),
                points=sum(h.points for h in mine),
                debt=sum(h.debt for h in mine),
                coupons=sum(coupons.get(p, 0) for p in group),
                owner=owners[place],
                tags=tags[place],
            )
        )
    return found


def _owners(actor: Actor, groups: Sequence[Sequence[int]]) -> list[str]:
    """Whose each would be: of a bond that waits behind an older one it says so. Bonds go by born ids, and part
    as these do."""
    seen: dict[int, View] = {}
    found = []
    for group in groups:
        view = _bonds(actor, group[0], seen)
        mine = (
            [s for s in view.spells if s.person_id in group and s.state in ("live", "suspended")]
            if view
            else []
        )
        mine.sort(key=lambda s: (s.state != "live", s.since))
        assert view is not None or not mine
        found.append(
            ""
            if not mine or view is None
            else _("{owner}（现在暂停，分开后恢复）").format(owner=bond_words.owner(mine[0], view.names))
            if mine[0].state == "suspended"
            else bond_words.owner(mine[0], view.names)
        )
    return found


def _bonds(actor: Actor, person_id: int, seen: dict[int, View]) -> View | None:
    try:
        head = rooms.people.canonical_id(person_id)
        if head not in seen:
            seen[head] = rooms.bonds.of_person(actor, head)
    except NotFound:  # nobody has a card of hers yet
        return None
    return seen[head]


def _tags(actor: Actor, groups: Sequence[Sequence[int]]) -> list[tuple[str, ...]]:
    """Tags that were said of each itself; what rules say is worked out anew."""
    found = []
    for group in groups:
        try:
            said = rooms.insight.tags.of_person(actor, group[0])
        except NotFound:
            said = []
        found.append(
            tuple(dict.fromkeys(t.name for t in said if t.person_id in group and t.source != "rule"))
        )
    return found
