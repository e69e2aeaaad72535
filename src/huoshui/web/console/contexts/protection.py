"""我的顾客保护: what head office sees of a dealer's customers, who looked, and what became of those who bought elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.trade.protection.api import Elsewhere, Exported, Look, Standing, Word
from huoshui.web.console import numbers
from huoshui.web.console.contexts import cards, rooms
from huoshui.web.console.markup import bold

SCOPES = {
    "counts": (
        gettext_lazy("准确总数"),
        gettext_lazy("顾客数、订单数、成交额的准确总数。不授权，总部只看得到 50 人以上一群的约数。"),
    ),
    "behaviour": (
        gettext_lazy("购买情况"),
        gettext_lazy(
            "一位位顾客买了什么、多久没来，不带完整姓名和手机号。不授权，总部的名单、看板和人群里没有您门店的。"
        ),
    ),
    "contact": (gettext_lazy("姓名和手机号"), gettext_lazy("姓名、手机尾号；写明原因后的完整号码、拨号。")),
}
"""Scope → its name, and what it opens."""

_LOOKED = {
    "opened": gettext_lazy("写明原因后看了完整号码"),
    "revealed": gettext_lazy("看了完整号码"),
    "dialled": gettext_lazy("打了电话，没有看号码"),
    "wecom": gettext_lazy("出了一个请她加企业微信的码，没有看号码"),
}


@dataclass(frozen=True)
class LookRow:
    look: Look
    did: str
    customer: str


@dataclass(frozen=True)
class SaleRow:
    sale: Elsewhere
    customer: str
    seller: str
    guide: str


@dataclass(frozen=True)
class ScopeRow:
    """What a word opens, whether it is open, and what opens or closes along with it."""

    scope: str
    name: str
    says: str
    is_open: bool
    along: str


@dataclass(frozen=True)
class WordRow:
    word: Word
    scope: str


@dataclass(frozen=True)
class ProtectionPage:
    dealer: str
    stands: Standing
    sentence: SafeString
    scopes: list[ScopeRow]
    words: list[WordRow]
    exported: list[Exported]
    looks: list[LookRow]
    sales: list[SaleRow]
    older: int
    """Sales go on before this one; 0: there are no more."""
    can_say: bool
    others: list[tuple[int, str]]
    """Other dealers of the same owner."""
    error: str
    done: str


@dataclass(frozen=True)
class DealerRow:
    id: int
    name: str
    stands: Standing

    @property
    def scopes(self) -> list[tuple[str, bool]]:
        return [(str(SCOPES[s][0]), s in self.stands.opened) for s in rooms.protection.SCOPES]


@dataclass(frozen=True)
class DealersPage:
    sentence: SafeString
    rows: list[DealerRow]


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand or "dealer" in actor.roles


def own(actor: Actor) -> int:
    """The dealer whose page opens. Raises NotFound for whoever is no dealer."""
    if "dealer" not in actor.roles or not actor.org_unit_ids:
        raise NotFound
    return min(actor.org_unit_ids)


def dealers(actor: Actor) -> DealersPage:
    """For head office: who shares, and who does not. Raises NotFound."""
    if not actor.sees_whole_brand:
        raise NotFound
    table = rooms.brand.org_units_table().to_pylist()
    ids = sorted(u["org_unit_id"] for u in table if u["kind"] == "dealer")
    names = rooms.brand.unit_names(ids)
    rows = [
        DealerRow(s.dealer_id, names.get(s.dealer_id, ""), s) for s in rooms.protection.standings(actor, ids)
    ]
    rows.sort(key=lambda r: (len(r.stands.opened), -(r.stands.customers or 0), r.id))
    unnamed = [r for r in rows if not r.stands.is_shared]
    closed = [r for r in rows if rooms.protection.BEHAVIOUR not in r.stands.opened]
    return DealersPage(
        format_html(
            _(
                "{n} 家经销商，{m} 家没有授权总部看顾客的姓名和手机号；其中 {k} 家的顾客，总部只看得到 50 人以上的群。"
            ),
            n=bold(numbers.count(len(rows))),
            m=bold(numbers.count(len(unnamed))),
            k=bold(numbers.count(len(closed))),
        ),
        rows,
    )


def page(
    actor: Actor, dealer_id: int, *, before: int = 2**62, error: str = "", done: str = ""
) -> ProtectionPage:
    """Raises NotFound."""
    stands = rooms.protection.standing(actor, dealer_id)
    looks = rooms.protection.looks(actor, dealer_id)
    found = rooms.protection.elsewhere(actor, dealer_id, before=before)
    customers = _customers(actor, [*(x.person_id for x in looks), *(s.person_id for s in found)])
    mine = sorted(actor.org_unit_ids | {dealer_id}) if "dealer" in actor.roles else [dealer_id]
    places = {u for s in found for u in (s.store_id, s.sold_by) if u is not None}
    units = rooms.brand.unit_names(sorted({*places, *mine}))
    staff = rooms.brand.staff_names(sorted({s.guide_id for s in found if s.guide_id is not None}))
    return ProtectionPage(
        dealer=units.get(dealer_id, ""),
        stands=stands,
        sentence=_sentence(stands),
        scopes=_scopes(stands),
        words=[WordRow(w, str(SCOPES[w.scope][0])) for w in rooms.protection.said_by(actor, dealer_id)],
        exported=rooms.protection.exported(actor, dealer_id),
        looks=[LookRow(x, str(_LOOKED[x.action]), customers.get(x.person_id, _("一位顾客"))) for x in looks],
        sales=[_sale(s, customers, units, staff) for s in found],
        older=found[-1].order_id if len(found) == rooms.protection.PAGE else 0,
        can_say=rooms.protection.may_say(actor, dealer_id),
        others=[(u, units.get(u, "")) for u in mine if u != dealer_id],
        error=error,
        done=done,
    )


def _sentence(stands: Standing) -> SafeString:
    names = _("、").join(str(SCOPES[s][0]) for s in rooms.protection.SCOPES if s in stands.opened)
    if stands.customers is None:
        return format_html(
            _("这家经销商没有授权总部看准确总数；它的顾客在别处买的 {orders} 单，欠它服务费 {owed}。"),
            orders=bold(numbers.count(stands.orders)),
            owed=bold(numbers.exact(stands.owed)),
        )
    return format_html(
        _("您的 {n} 位顾客，总部看得到：{seen}；他们在别处买的 {orders} 单，欠您服务费 {owed}。"),
        n=bold(numbers.count(stands.customers)),
        seen=bold(names or _("只有 50 人以上一群的约数")),
        orders=bold(numbers.count(stands.orders)),
        owed=bold(numbers.exact(stands.owed)),
    )


def _scopes(stands: Standing) -> list[ScopeRow]:
    rows, order = [], list(rooms.protection.SCOPES)
    for place, scope in enumerate(order):
        is_open = scope in stands.opened
        along = [s for s in order[place + 1 :] if s in stands.opened]
        if not is_open:
            along = [s for s in order[:place] if s not in stands.opened]
        names = _("、").join(str(SCOPES[s][0]) for s in along)
        said = _("一起收回：{names}") if is_open else _("一起授权：{names}")
        name, says = SCOPES[scope]
        rows.append(ScopeRow(scope, str(name), str(says), is_open, said.format(names=names) if names else ""))
    return rows


def _customers(actor: Actor, born: Iterable[int]) -> dict[int, str]:
    """By any of their ids; whom the actor may not see is a customer without a name."""
    ids = sorted(set(born))
    heads = rooms.people.canonical_ids(ids) if ids else {}
    known = {
        c.person_id: cards.name_of(c) for c in rooms.people.cards_for(actor, sorted(set(heads.values())))
    }
    return {own: known[head] for own, head in heads.items() if head in known}


def _sale(
    sale: Elsewhere, customers: Mapping[int, str], units: Mapping[int, str], staff: Mapping[int, str]
) -> SaleRow:
    firm = _("总部") if sale.sold_by is None else units.get(sale.sold_by, "")
    store = units.get(sale.store_id or 0, "")
    return SaleRow(
        sale,
        customers.get(sale.person_id, _("一位顾客")),
        f"{firm} · {store}" if store else firm,
        staff.get(sale.guide_id or 0, ""),
    )


def say(actor: Actor, dealer_id: int, said: Mapping[str, str]) -> str:
    """Raises NotFound, Refused."""
    if said.get("act") not in {"give", "take-back"}:
        raise Refused(_("没有这个操作。"))
    given = said["act"] == "give"
    scope = said.get("scope", rooms.protection.CONTACT)
    changed = rooms.protection.say(
        dealer_id, is_given=given, said=said.get("said", ""), scope=scope, actor=actor
    )
    if not changed:
        return _("本来就是这样，什么都没有变。")
    return _("授权了，总部现在起看得到。") if given else _("收回了，总部现在起看不到。")
