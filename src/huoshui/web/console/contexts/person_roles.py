"""角色与关系: what a person is to the brand and why, and who stands near her, as a picture and as a list."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.people.api import Card, Filters
from huoshui.people.api import relations as types
from huoshui.people.api import roles as role_types
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.markup import bold

ROLES: Mapping[str, Any] = {
    "fan": gettext_lazy("粉丝"),
    "member": gettext_lazy("会员"),
    "new": gettext_lazy("新客"),
    "returning": gettext_lazy("回头客"),
    "lapsed": gettext_lazy("沉睡"),
    "referrer": gettext_lazy("推荐人"),
    "super": gettext_lazy("超级会员"),
    "pro": gettext_lazy("推荐合作人"),
    "staff": gettext_lazy("员工"),
}
_CLAY = frozenset({"lapsed"})
_OF_ORDERS = frozenset({"new", "returning", "lapsed"})
_SIGNS: Mapping[str, Any] = {
    "openid": gettext_lazy("有微信账号"),
    "unionid": gettext_lazy("有微信账号"),
    "external_userid": gettext_lazy("加了企业微信"),
    "member_no": gettext_lazy("有会员号"),
    "card_no": gettext_lazy("有会员卡"),
    "joined_at": gettext_lazy("会员名单写了入会时间"),
    "Account Followed": gettext_lazy("关注了公众号"),
    "Contact Added": gettext_lazy("加了企业微信"),
    "Community Joined": gettext_lazy("进了社群"),
    "Member Joined": gettext_lazy("自己入会"),
}

# (kind, whether the person shown is the one who brought or serves) → what the other is to her
KINDS: Mapping[tuple[str, bool], Any] = {
    ("brought", False): gettext_lazy("推荐她来的"),
    ("household", True): gettext_lazy("家人"),
    ("household", False): gettext_lazy("家人"),
    ("serves", False): gettext_lazy("她的导购"),
    ("serves", True): gettext_lazy("她服务的"),
    ("partner", True): gettext_lazy("合作伙伴"),
    ("partner", False): gettext_lazy("合作伙伴"),
    ("colleague", True): gettext_lazy("同事"),
    ("colleague", False): gettext_lazy("同事"),
    ("brought", True): gettext_lazy("她推荐来的"),
}
_CHOICES = (
    ("brought/out", gettext_lazy("她推荐来的")),
    ("brought/in", gettext_lazy("推荐她来的")),
    ("household/out", gettext_lazy("家人")),
    ("colleague/out", gettext_lazy("同事")),
    ("serves/in", gettext_lazy("她的导购")),
    ("serves/out", gettext_lazy("她服务的")),
    ("partner/out", gettext_lazy("合作伙伴")),
)
_ORDER = {key: place for place, key in enumerate(KINDS)}
_GROUNDS: Mapping[str, Any] = {
    "address": gettext_lazy("地址相同"),
    "phone": gettext_lazy("用同一个手机号"),
}
_ORIGINS: Mapping[str, Any] = {
    "hand": gettext_lazy("员工登记"),
    "fact": gettext_lazy("顾客自己或系统报来"),
    "import": gettext_lazy("名单里写的"),
}

DRAWN = 8
_WIDTH, _HEIGHT = 360, 312
_CENTRE = (180, 146)
_RADII = (136, 104)
_LETTERS = 5


@dataclass(frozen=True)
class RoleChip:
    id: str
    label: str
    since: datetime
    until: datetime | None
    why: str
    is_bad: bool
    facts: tuple[tuple[str, str], ...]
    declared_id: int | None
    version: int


@dataclass(frozen=True)
class Node:
    x: int
    y: int
    initial: str
    name: str
    title: str
    kind: str
    url: str
    tone: str


@dataclass(frozen=True)
class EdgeRow:
    id: int
    kind: str
    name: str
    url: str
    since: datetime
    until: datetime | None
    origin: str
    reason: str
    ended_reason: str
    note: str
    orders: int | None
    spend: int | None


@dataclass(frozen=True)
class Guess:
    id: int
    name: str
    url: str
    ground: str


@dataclass(frozen=True)
class ProStat:
    profession: str
    people: int
    orders: int
    amount: int
    own_amount: int
    worth: int


@dataclass(frozen=True)
class RolesPanel:
    person_id: int
    name: str
    initial: str
    sentence: SafeString
    chips: list[RoleChip]
    past: list[RoleChip]
    pro: ProStat | None
    nodes: list[Node]
    says: str
    more: int
    rows: list[EdgeRow]
    guesses: list[Guess]
    choices: Sequence[tuple[str, Any]]
    centre: tuple[int, int]
    size: tuple[int, int]
    error: str = ""
    said: Mapping[str, str] | None = None


def panel(
    actor: Actor, person_id: int, *, error: str = "", said: Mapping[str, str] | None = None
) -> RolesPanel:
    """Raises NotFound for a person who is absent or not the actor's to see."""
    card = rooms.people.card_for(actor, person_id)
    head = card.person_id
    edges = rooms.people.relations.edges_of(head)
    guesses = rooms.people.relations.proposals_of(head)
    reach = rooms.people.relations.reach(head)
    wanted = {e.other_id for e in edges} | {g.other_id for g in guesses}
    known = {c.person_id: c for c in rooms.people.cards_for(actor, sorted(wanted))}
    worn = rooms.people.roles.roles_of(head)
    living = sorted((e for e in edges if e.counts), key=_near)
    brought = [known[b.person_id] for b in reach.direct if b.person_id in known]
    return RolesPanel(
        person_id=head,
        name=cards.name_of(card),
        initial=card.display_name[:1],
        sentence=_sentence(reach, brought),
        chips=[_chip(n, r) for n, r in enumerate(worn) if r.until is None],
        past=[_chip(n, r) for n, r in enumerate(worn) if r.until is not None],
        pro=_pro(head) if any(r.name == "pro" for r in worn) else None,
        nodes=_nodes(living[:DRAWN], known, more=len(living) - DRAWN),
        says=_("{name}身边的 {n} 个人").format(name=cards.name_of(card), n=len(living)),
        more=max(0, len(living) - DRAWN),
        rows=[_row(e, known) for e in sorted(edges, key=lambda e: (e.until is not None, _near(e)))],
        guesses=[Guess(g.id, *_who(known.get(g.other_id)), str(_GROUNDS[g.ground])) for g in guesses],
        choices=_CHOICES,
        centre=_CENTRE,
        size=(_WIDTH, _HEIGHT),
        error=error,
        said=said or {},
    )


def _near(edge: types.Edge) -> tuple[int, float, int]:
    return _ORDER[edge.kind, edge.is_outward], -edge.since.timestamp(), edge.id


def _sentence(reach: types.Reach, brought: Sequence[Card]) -> SafeString:
    if not reach.tree:
        return escape(_("还没有带来过别人。"))
    further = len(reach.tree) - len(reach.direct)
    said = format_html(
        _("带来了 {people} 位顾客，他们一共买了 {spend}。"),
        people=bold(len(reach.direct)),
        spend=bold(numbers.money(sum(c.spend for c in brought))),
    )
    if not further:
        return said
    more = _("他们又带来 {n} 位以上。") if reach.is_cut else _("他们又带来 {n} 位。")
    return format_html("{}{}", said, format_html(more, n=bold(further)))


def _chip(place: int, role: role_types.Role) -> RoleChip:
    facts = [f for f in role.why.get("facts", []) if isinstance(f, int)]
    return RoleChip(
        id=f"role-{place}",
        label=str(ROLES[role.name]),
        since=role.since,
        until=role.until,
        why=_why(role),
        is_bad=role.name in _CLAY,
        facts=tuple(
            (str(f), reverse("console:sale", args=[f]) if role.name in _OF_ORDERS else "") for f in facts
        ),
        declared_id=role.why.get("declared") if role.until is None else None,
        version=role.rule_version,
    )


def _why(role: role_types.Role) -> str:
    why = role.why
    match role.name:
        case "fan" | "member":
            return str(_SIGNS.get(str(why.get("sign")), _("记录里这样写")))
        case "new":
            return _("第一次买")
        case "returning":
            return _("已经在 {n} 天买过").format(n=why["days"])
        case "lapsed":
            return _("最后一次买以后 {n} 天没有再买").format(n=why["days"])
        case "referrer":
            return _("带来了 {n} 位顾客").format(n=why["brought"])
        case "super":
            return _("{days} 天里买了 {orders} 次，带来 {brought} 位顾客，分享或评价 {shares} 次").format(
                **why
            )
        case "pro" if "declared" not in why:
            return _("资料里写的职业：{what}").format(what=why["detail"])
        case "pro":
            return _("有人登记的职业：{what}").format(what=why["detail"])
        case _:
            return _("有人登记的工号：{what}").format(what=why["detail"])


def _pro(person_id: int) -> ProStat | None:
    pro = rooms.people.roles.pro_of(person_id)
    return pro and ProStat(pro.profession, pro.people, pro.orders, pro.amount, pro.own_amount, pro.worth)


def _who(card: Card | None) -> tuple[str, str]:
    if card is None:
        return _("您看不到的顾客"), ""
    return cards.name_of(card), reverse("console:person", args=[card.person_id])


def _nodes(edges: Sequence[types.Edge], known: Mapping[int, Card], *, more: int) -> list[Node]:
    count = len(edges) + (more > 0)
    found = []
    for place, edge in enumerate(edges):
        card = known.get(edge.other_id)
        name, url = _who(card)
        kind = str(KINDS[edge.kind, edge.is_outward])
        found.append(
            Node(
                *_at(place, count),
                initial=card.display_name[:1] if card else "",
                name=_short(name),
                title=_("{kind}：{name}").format(kind=kind, name=name),
                kind=kind,
                url=url,
                tone=edge.kind,
            )
        )
    if more > 0:
        said = _("还有 {n} 位").format(n=more)
        found.append(Node(*_at(len(edges), count), "+", said, said, _("在列表里"), "#relations-list", "more"))
    return found


def _at(place: int, count: int) -> tuple[int, int]:
    angle = 2 * math.pi * place / count - math.pi / 2
    return (
        round(_CENTRE[0] + _RADII[0] * math.cos(angle)),
        round(_CENTRE[1] + _RADII[1] * math.sin(angle)),
    )


def _short(name: str) -> str:
    """As wide as five Chinese letters."""
    wide = 0.0
    for place, letter in enumerate(name):
        wide += 1 if ord(letter) > 0x2E7F else 0.55
        if wide > _LETTERS + 0.6:
            return f"{name[:place]}…"
    return name


def _row(edge: types.Edge, known: Mapping[int, Card]) -> EdgeRow:
    card = known.get(edge.other_id)
    name, url = _who(card)
    is_brought = edge.kind == "brought" and edge.is_outward and card is not None
    disputed = edge.until is None and not edge.counts
    return EdgeRow(
        id=edge.id,
        kind=str(KINDS[edge.kind, edge.is_outward]),
        name=name,
        url=url,
        since=edge.since,
        until=edge.until,
        origin=str(_ORIGINS[edge.origin]),
        reason=edge.reason,
        ended_reason=edge.ended_reason,
        note=_("别人更早推荐了，不算在这里") if disputed else "",
        orders=card.orders if card and is_brought else None,
        spend=card.spend if card and is_brought else None,
    )


# ---- what people say of it ----------------------------------------------------------------------------------


def act(actor: Actor, person_id: int, said: Mapping[str, str]) -> None:
    """Raises Refused with what to mend; NotFound. In the caller's transaction."""
    rooms.people.card_for(actor, person_id)
    reason = said.get("reason", "")
    match said.get("act"):
        case "add":
            _add(actor, person_id, said, reason)
        case "end":
            rooms.people.relations.end(relation_id=_number(said.get("id")), reason=reason, actor=actor)
        case "yes" | "no" as answer:
            rooms.people.relations.decide(
                proposal_id=_number(said.get("id")), is_true=answer == "yes", actor=actor
            )
        case "staff":
            rooms.people.roles.declare_staff(
                person_id=person_id, staff_number=said.get("detail", ""), reason=reason, actor=actor
            )
        case "pro":
            rooms.people.roles.declare_pro(
                person_id=person_id, profession=said.get("detail", ""), reason=reason, actor=actor
            )
        case "role-end":
            rooms.people.roles.end_declared(declared_id=_number(said.get("id")), reason=reason, actor=actor)
        case _:
            raise Refused(_("请选一种关系。"))


def _add(actor: Actor, person_id: int, said: Mapping[str, str], reason: str) -> None:
    kind, _sep, way = said.get("kind", "").partition("/")
    chosen = next((k for k in rooms.people.relations.KINDS if k == kind), None)
    if chosen is None:
        raise Refused(_("请选一种关系。"))
    other = _other(actor, said.get("other", ""))
    first, second = (other, person_id) if way == "in" else (person_id, other)
    rooms.people.relations.declare(
        kind=chosen, from_person_id=first, to_person_id=second, reason=reason, actor=actor
    )


def _other(actor: Actor, text: str) -> int:
    if not text.strip():
        raise Refused(_("请写对方的手机号、会员卡号或姓名。"))
    found = rooms.people.search(actor, text, Filters(), limit=2).rows
    if not found:
        raise Refused(_("没有找到这位顾客，请写完整的手机号或会员卡号。"))
    if len(found) > 1:
        raise Refused(_("找到不止一位，请写完整的手机号或会员卡号。"))
    return found[0].person_id


def _number(text: str | None) -> int:
    if not text or not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Refused(_("这一条已经不在了，请刷新再看。"))
    return int(text)
