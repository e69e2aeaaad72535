"""库存: what lies at a store, what moved it, how the store treats what it has not got, and what it lets others sell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.ledger.goods_reads import Movement
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import parties, rooms
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.markup import bold

PAGE = 50
SHORT = 8  # shortages shown before one asks for more
TEXT_LENGTH = 60
LAST_INT = 2**31 - 1
ACT = frozenset({"boss", "operator", "dealer", "manager", "guide"})
ANSWER = ACT - {"guide"}
"""Who answers for a store's goods. A guide writes what came and what she counted; what makes goods less by a word, or sends
them away, whoever answers for them writes."""
WRITES = {"receive": ACT, "count": ACT, "adjust": ANSWER, "damage": ANSWER, "send": ANSWER}
POLICIES = {
    "open": gettext_lazy("可以卖到负数"),
    "strict": gettext_lazy("没货不能卖"),
}
DOCUMENTS = {
    "receipt": gettext_lazy("收货单"),
    "count": gettext_lazy("盘点单"),
    "adjustment": gettext_lazy("调整单"),
    "damage": gettext_lazy("报损单"),
    "dispatch": gettext_lazy("调拨发出"),
    "arrival": gettext_lazy("调拨收到"),
    "handover": gettext_lazy("缺货代发"),
    "damaged_return": gettext_lazy("残损退货"),
}
HANDED_BACK = gettext_lazy("代发退回")


class Title(NamedTuple):
    """What a document is, its number as people know it, and why it was made."""

    kind: str
    number: str
    reason: str


def title_of(kind: str, key: str, reason: str) -> Title:
    """Goods handed over and back are numbered by the order they are for; the key of such a document is our own."""
    if kind != "handover":
        return Title(str(DOCUMENTS.get(kind, _("库存单据"))), key, reason)
    is_back = key.startswith("handback ")
    number = reason or ("" if is_back else key.partition("/")[2])
    return Title(str(HANDED_BACK if is_back else DOCUMENTS[kind]), number, "")


class Item(Protocol):
    """A product at a store, as `brand.stock_list` tells it."""

    @property
    def sku_id(self) -> int: ...
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def on_hand_milli(self) -> int: ...
    @property
    def reserved_milli(self) -> int: ...
    @property
    def shortage_milli(self) -> int: ...
    @property
    def in_transit_milli(self) -> int: ...
    @property
    def is_strict(self) -> bool: ...
    @property
    def counted_at(self) -> datetime | None: ...


@dataclass(frozen=True)
class StockRow:
    name: str
    code: str
    on_hand: str
    reserved: str
    in_transit: str
    shortage: str
    is_short: bool
    is_below: bool
    policy: str
    counted: str
    url: str


@dataclass(frozen=True)
class ShortRow:
    name: str
    store: str
    missing: str
    url: str


@dataclass(frozen=True)
class StockContext:
    stores: tuple[Choice, ...]
    store_id: int
    store: str
    text: str
    sentence: SafeString
    rows: list[StockRow]
    next_url: str
    shorts: list[ShortRow]
    documents: tuple[tuple[str, str], ...]  # (address, what it is called)
    settings_url: str
    may_act: bool


@dataclass(frozen=True)
class MovementRow:
    what: str
    said: str
    url: str
    at: datetime
    moved: str
    balance: str
    is_below: bool
    who: str


@dataclass(frozen=True)
class MovementsContext:
    store: str
    store_url: str
    name: str
    code: str
    product_url: str
    row: StockRow | None
    sentence: SafeString
    rows: list[MovementRow]
    next_url: str


def places(actor: Actor) -> dict[int, str]:
    """The stores and warehouses the actor may look at, by name: his own and all below them."""
    units = rooms.brand.org_units_table().to_pylist()
    named = {u["org_unit_id"]: u["name"] for u in units if u["kind"] == "store"}
    if actor.sees_whole_brand:
        return named
    branches = rooms.brand.branches_of(sorted(named))
    return {i: name for i, name in named.items() if actor.org_unit_ids.intersection(branches[i].path)}


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand or bool(actor.org_unit_ids)


def require_sight(actor: Actor) -> None:
    if not may_see(actor):
        raise NotFound


def may_act(actor: Actor) -> bool:
    return bool(actor.roles & ACT)


def require(actor: Actor, org_unit_id: int, *, roles: frozenset[str] | None = None) -> str:
    """The store's name. Raises NotFound where it is absent, not the actor's, or not his to write to."""
    found = places(actor).get(org_unit_id)
    if found is None or (roles is not None and not actor.roles & roles):
        raise NotFound
    return found


def stock(actor: Actor, query: Mapping[str, str]) -> StockContext:
    found = places(actor)
    store_id = _chosen(found, query.get("store", ""))
    text = query.get("q", "").strip()[:TEXT_LENGTH]
    after = _number(query, "after")
    items = (
        rooms.brand.stock_list(actor, store_id, text=text, after_sku_id=after, limit=PAGE + 1)
        if store_id
        else []
    )
    shown = items[:PAGE]
    kept = {k: v for k, v in {"store": str(store_id), "q": text}.items() if v}
    more = urlencode({**kept, "after": shown[-1].sku_id}) if len(items) > PAGE else ""
    shorts = rooms.brand.stock_shortages(actor, limit=SHORT)
    base = reverse("console:stock")
    return StockContext(
        stores=tuple(Choice(str(i), name, i == store_id) for i, name in found.items()),
        store_id=store_id,
        store=found.get(store_id, ""),
        text=text,
        sentence=_sentence(found.get(store_id, ""), text, len(shown), bool(more), len(shorts)),
        rows=[row(store_id, item) for item in shown],
        next_url=f"{base}?{more}" if more else "",
        shorts=[
            ShortRow(
                name=s.name or s.code,
                store=s.org_unit_name,
                missing=pieces(s.missing_milli),
                url=reverse("console:stock-movements", args=[s.org_unit_id, s.sku_id]),
            )
            for s in shorts
        ],
        documents=tuple(
            (reverse("console:stock-new", args=[store_id, kind]), str(word))
            for kind, word in ENTERED.items()
            if actor.roles & WRITES[kind]
        )
        if store_id
        else (),
        settings_url=reverse("console:stock-settings", args=[store_id]) if store_id else "",
        may_act=may_act(actor) and bool(store_id),
    )


# What is written by hand; the second half of a transfer is written at the transfer
ENTERED = {
    "receive": gettext_lazy("收货"),
    "count": gettext_lazy("盘点"),
    "adjust": gettext_lazy("调整"),
    "damage": gettext_lazy("报损"),
    "send": gettext_lazy("调拨发出"),
}


def _chosen(found: Mapping[int, str], wanted: str) -> int:
    """A store of the list; whoever asks for another finds nothing. Without a wish the first one, 0 where there is none."""
    if not wanted:
        return next(iter(found), 0)
    if not (wanted.isascii() and wanted.isdigit()) or int(wanted[:12]) not in found:
        raise NotFound
    return int(wanted[:12])


def _number(query: Mapping[str, str], name: str) -> int:
    text = query.get(name, "")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise NotFound
    return int(text)


def _sentence(store: str, text: str, shown: int, has_more: bool, shorts: int) -> SafeString:
    if not store:
        return format_html("{}", _("还没有门店：导入门店表，或者先导入订单，门店会自己出现。"))
    if text:
        if not shown:
            return format_html(_("{store}没有找到这样的商品。"), store=bold(store))
        return format_html(_("{store}找到 {n} 个商品。"), store=bold(store), n=bold(shown))
    if not shown:
        return format_html(_("{store}还没有库存记录；录一张收货单或盘点单就有了。"), store=bold(store))
    if shorts:
        return format_html(_("{store}的账面库存在下面；有商品卖得比有的还多，先看右边。"), store=bold(store))
    return format_html(_("{store}的账面库存在下面，没有卖到负数的商品。"), store=bold(store))


def row(store_id: int, item: Item) -> StockRow:
    return StockRow(
        name=item.name or item.code,
        code=item.code,
        on_hand=pieces(item.on_hand_milli),
        reserved=pieces(item.reserved_milli) if item.reserved_milli else "",
        in_transit=pieces(item.in_transit_milli) if item.in_transit_milli else "",
        shortage=pieces(item.shortage_milli) if item.shortage_milli else "",
        is_short=item.shortage_milli > 0 or item.on_hand_milli < 0,
        is_below=item.on_hand_milli < 0,
        policy=str(POLICIES["strict" if item.is_strict else "open"]),
        counted=numbers.short_day(item.counted_at) if item.counted_at else "",
        url=reverse("console:stock-movements", args=[store_id, item.sku_id]),
    )


def pieces(milli: int) -> str:
    return f"{numbers.MINUS if milli < 0 else ''}{numbers.quantity(abs(milli))}"


def signed(milli: int) -> str:
    return f"+{pieces(milli)}" if milli > 0 else pieces(milli)


def movements(actor: Actor, org_unit_id: int, sku_id: int, query: Mapping[str, str]) -> MovementsContext:
    """Raises NotFound for a store that is not the actor's and for a product that is not there."""
    store = require(actor, org_unit_id)
    named = rooms.brand.product_names([sku_id] if sku_id <= LAST_INT else [])
    if sku_id not in named:
        raise NotFound
    code, name = named[sku_id]
    before = _number(query, "before")
    asked = {"before": before} if before else {}
    found = rooms.brand.stock_movements(actor, org_unit_id, sku_id, limit=PAGE + 1, **asked)
    shown = found[:PAGE]
    items = rooms.brand.stock_list(actor, org_unit_id, after_sku_id=sku_id - 1, limit=1)
    at = next((row(org_unit_id, i) for i in items if i.sku_id == sku_id), None)
    base = reverse("console:stock-movements", args=[org_unit_id, sku_id])
    return MovementsContext(
        store=store,
        store_url=f"{reverse('console:stock')}?store={org_unit_id}",
        name=name or code,
        code=code,
        product_url=reverse("console:product", args=[sku_id]),
        row=at,
        sentence=_movements_sentence(store, at, bool(shown)),
        rows=[_movement(actor, m) for m in shown],
        next_url=f"{base}?before={shown[-1].fact_id}" if len(found) > PAGE else "",
    )


def _movements_sentence(store: str, at: StockRow | None, has_moved: bool) -> SafeString:
    if at is None or not has_moved:
        return format_html(_("{store}还没有动过这个商品。"), store=bold(store))
    if at.is_below:
        said = _("{store}账面是 {n} 件：卖出记了，收货还没录进来。")
        return format_html(said, store=bold(store), n=bold(at.on_hand, "bad"))
    said = (
        _("{store}现在还有 {n} 件，另缺 {short} 件：卖出比有的多。")
        if at.shortage
        else _("{store}现在还有 {n} 件，就是下面每一笔加减出来的。")
    )
    return format_html(said, store=bold(store), n=bold(at.on_hand), short=bold(at.shortage or "", "bad"))


def _movement(actor: Actor, m: Movement) -> MovementRow:
    is_sale = m.kind is None
    of_sale = Title(str(words.FACTS.get(m.name, _("记录"))), m.order_key or "", "")
    title = of_sale if m.kind is None else title_of(m.kind, m.key or "", m.reason or "")
    url = ""
    if m.name in words.ORDERS:
        url = reverse("console:sale", args=[m.fact_id])
    elif not is_sale:
        url = reverse("console:stock-document", args=[m.fact_id])
    return MovementRow(
        what=f"{title.kind} {title.number}".strip(),
        said=title.reason,
        url=url,
        at=m.occurred_at,
        moved=signed(m.moved_milli),
        balance=pieces(m.balance_milli),
        is_below=m.balance_milli < 0,
        who=parties.who(actor, m.actor or "") if not is_sale else "",
    )
