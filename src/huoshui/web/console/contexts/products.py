"""商品与库存: what is sold, how it sold lately store by store, and what is left on each shelf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.brand.api import Product
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.asked import ask
from huoshui.web.console.contexts.people import Choice, Picker
from huoshui.web.console.contexts.standing import language, standing_day
from huoshui.web.console.markup import behind, bold

PAGE = 50
TEXT_LENGTH = 60
DAYS = 30
UNLISTED = "unlisted"
LISTED_STORES = 30


@dataclass(frozen=True)
class ProductRow:
    product: Product
    url: str
    name: str
    stock_milli: int | None


@dataclass(frozen=True)
class ProductsContext:
    text: str
    pickers: tuple[Picker, ...]
    sentence: SafeString
    rows: list[ProductRow]
    next_url: str
    is_filtered: bool
    unlisted_url: str


@dataclass(frozen=True)
class ProductContext:
    product: Product
    name: str
    sentence: SafeString
    stores_url: str


@dataclass(frozen=True)
class StoreRow:
    name: str
    amount: int
    orders: int
    customers: int
    units: float
    url: str
    share: float
    stock_milli: int | None


@dataclass(frozen=True)
class Stores:
    """`stock_milli` is None where nothing has ever moved there: not known, which is not none left."""

    first: date
    last: date
    sentence: SafeString
    amount: float
    orders: float
    customers: float
    units: float
    all_url: str
    stock_milli: int | None
    rows: list[StoreRow]
    others: int


def products(actor: Actor, query: Mapping[str, str]) -> ProductsContext:
    text = query.get("q", "").strip()[:TEXT_LENGTH]
    pickers = _pickers(query)
    chosen = {p.name: c.value for p in pickers for c in p.choices if c.is_chosen}
    found = rooms.brand.search_products(
        text,
        category=chosen.get("category", ""),
        only_unlisted=chosen.get("kept") == UNLISTED,
        after=query.get("after", "")[:TEXT_LENGTH],
        limit=PAGE + 1,
    )
    shown = found[:PAGE]
    stock = _stock([p.id for p in shown], _places(actor))
    kept = {key: value for key, value in {"q": text, **chosen}.items() if value}
    more = urlencode({**kept, "after": shown[-1].code}) if len(found) > PAGE else ""
    base = reverse("console:products")
    return ProductsContext(
        text=text,
        pickers=pickers,
        sentence=_list_sentence(is_filtered=bool(kept), shown=len(shown), has_more=bool(more)),
        rows=[_product_row(p, stock) for p in shown],
        next_url=f"{base}?{more}" if more else "",
        is_filtered=bool(kept),
        unlisted_url=f"{base}?{urlencode({'kept': UNLISTED})}",
    )


def _pickers(query: Mapping[str, str]) -> tuple[Picker, ...]:
    categories = {name: name for name in rooms.brand.top_categories()}
    kept = {UNLISTED: _("商品待补资料")}
    return (
        _picker(query, "category", _("品类"), categories),
        _picker(query, "kept", _("资料"), kept),
    )


def _picker(query: Mapping[str, str], name: str, label: str, options: Mapping[str, str]) -> Picker:
    wanted = query.get(name, "")
    choices = tuple(Choice(value, text, value == wanted) for value, text in options.items())
    return Picker(name, label, _("全部"), choices)


def _places(actor: Actor) -> dict[int, str]:
    """The shelves the actor may look at, by name: a guide knows those of her own store."""
    units = rooms.brand.org_units_table().to_pylist()
    return {
        u["org_unit_id"]: u["name"]
        for u in units
        if u["kind"] == "store" and (actor.sees_whole_brand or u["org_unit_id"] in actor.org_unit_ids)
    }


def _stock(sku_ids: list[int], places: Mapping[int, str]) -> dict[tuple[int, int], int]:
    return dict(rooms.explorer.stock_by_place(sku_ids, list(places)))


def _product_row(product: Product, stock: Mapping[tuple[int, int], int]) -> ProductRow:
    on_hand = [milli for (sku_id, _unit), milli in stock.items() if sku_id == product.id]
    return ProductRow(
        product=product,
        url=reverse("console:product", args=[product.id]),
        name=product.name or product.code,
        stock_milli=sum(on_hand) if on_hand else None,
    )


def _list_sentence(*, is_filtered: bool, shown: int, has_more: bool) -> SafeString:
    if is_filtered:
        if not shown:
            return format_html("{}", _("没有找到这样的商品。"))
        many = _("符合条件的很多，先看前 {n} 个；再加一个条件会更准。")
        return format_html(many if has_more else _("找到 {n} 个商品。"), n=bold(numbers.count(shown)))
    counts = rooms.brand.product_counts()
    total = bold(numbers.count(counts.products))
    if not counts.unlisted:
        return format_html(_("一共 {total} 个商品，资料都齐了。"), total=total)
    return format_html(
        _("一共 {total} 个商品，其中 {n} 个只在订单里出现过，等补资料。"),
        total=total,
        n=bold(numbers.count(counts.unlisted), "bad"),
    )


def product(actor: Actor, sku_id: int) -> ProductContext:
    that = _find(sku_id)
    return ProductContext(
        product=that,
        name=that.name or that.code,
        sentence=_product_sentence(that),
        stores_url=reverse("console:product-stores", args=[that.id]),
    )


def _find(sku_id: int) -> Product:
    named = rooms.brand.product_names([sku_id] if sku_id < 2**31 else [])
    if sku_id not in named:
        raise NotFound
    found: Product = rooms.brand.products_of([named[sku_id][0]])[0]
    return found


def _product_sentence(that: Product) -> SafeString:
    if not that.is_listed:
        return format_html(
            "{}",
            _("这个商品只在订单里出现过，商品表里没有。卖出去的已照常记账；补上资料，就能按品类和品牌看它。"),
        )
    if that.category:
        return format_html(_("{category} 里的商品。"), category=bold(that.category))
    return format_html("{}", _("商品表里有它，还没有写品类。"))


def stores(actor: Actor, sku_id: int) -> Stores:
    """Store by store: the last thirty days' sales of the lake, and the shelf as it stands now."""
    that = _find(sku_id)
    last = standing_day()
    first = last - timedelta(days=DAYS - 1)
    asked = {"product": that.code, "from_": first.isoformat(), "to": last.isoformat()}
    answer = ask("sales", by="store", lang=language(), **asked)
    places = _places(actor)
    on_hand = {place: milli for (_sku, place), milli in _stock([that.id], places).items()}
    # Where several stores bear one name, each keeps its own shelf: they are told apart by code.
    rows = _store_rows(actor, answer.rows, {k.rstrip("_"): v for k, v in asked.items()}, on_hand)
    total = answer.extra["total"].rows[0] if actor.sees_whole_brand else _summed(rows)
    stock = sum(on_hand.values()) if on_hand else None
    return Stores(
        first=first,
        last=last,
        sentence=_stores_sentence(total, stock, rows),
        amount=total["amount"],
        orders=total["orders"],
        customers=total["customers"],
        units=total["units"],
        all_url=behind("sales", {"by": "store", **{k.rstrip("_"): v for k, v in asked.items()}}, {})
        if actor.sees_whole_brand
        else "",
        stock_milli=stock,
        rows=rows[:LISTED_STORES],
        others=max(0, len(rows) - LISTED_STORES),
    )


def _store_rows(
    actor: Actor, sold: tuple[Mapping[str, object], ...], asked: Mapping[str, str], on_hand: dict[int, int]
) -> list[StoreRow]:
    """What sold first, most first; then shelves where it lies and did not sell."""
    units = {u["code"]: u for u in rooms.brand.org_units_table().to_pylist() if u["kind"] == "store"}
    most = max((int(str(row["amount"])) for row in sold), default=0)
    left = dict(on_hand)
    rows = []
    for row in sold:
        code = str(row["store"] or "")
        unit = units.get(code)
        place = unit["org_unit_id"] if unit else None
        if not actor.sees_whole_brand and place not in actor.org_unit_ids:
            continue
        amount = int(str(row["amount"]))
        rows.append(
            StoreRow(
                name=str(row.get("store_name") or code),
                amount=amount,
                orders=int(str(row["orders"])),
                customers=int(str(row["customers"])),
                units=float(str(row["units"])),
                url=behind("sales", {"by": "store", **asked}, {"store": code}),
                share=100 * amount / most if most > 0 else 0,
                stock_milli=left.pop(place, None) if place is not None else None,
            )
        )
    names = {unit["org_unit_id"]: unit["name"] for unit in units.values()}
    idle = [StoreRow(names[place], 0, 0, 0, 0.0, "", 0, milli) for place, milli in left.items() if milli > 0]
    return rows + sorted(idle, key=lambda row: (-(row.stock_milli or 0), row.name))


def _summed(rows: list[StoreRow]) -> dict[str, float]:
    """Of one's own stores; customers of several stores are counted in each."""
    return {
        "amount": sum(row.amount for row in rows),
        "orders": sum(row.orders for row in rows),
        "customers": sum(row.customers for row in rows),
        "units": sum((row.units for row in rows), 0.0),
    }


def _stores_sentence(total: Mapping[str, float], stock: int | None, rows: list[StoreRow]) -> SafeString:
    if not total["orders"]:
        sold = format_html("{}", _("这 30 天没有卖出过。"))
    else:
        count = sum(bool(row.orders) for row in rows)
        where = ngettext("{n} 家店", "{n} 家店", count).format(n=numbers.count(count))
        sold = format_html(
            _("这 30 天在 {where}卖了 {units} 件，{amount}。"),
            where=bold(where),
            units=bold(numbers.decimal(total["units"], 0)),
            amount=bold(numbers.money(total["amount"])),
        )
    if stock is None:
        return format_html(_("{sold}还没有库存记录。"), sold=sold)
    if stock < 0:
        return format_html(_("{sold}账面库存比零还少：卖出记了，进货还没有录进来。"), sold=sold)
    return format_html(_("{sold}账面还有 {n} 件。"), sold=sold, n=bold(numbers.quantity(stock)))
