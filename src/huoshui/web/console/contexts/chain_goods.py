"""What a sale means for goods: what is left of them, whether they are the right ones to have, and what was lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.trade.sales.api import Chain, SaleView
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import rooms

NAMED = 3
PIECE = 1000


@dataclass(frozen=True)
class Onward:
    """One row of the second layer: what the sale means for what comes next, from what is known today."""

    icon: str
    layer: str
    says: str
    cap: str
    url: str
    is_warning: bool = False


@dataclass(frozen=True)
class Goods:
    """What is left of a sale's goods on the shelf they were taken from. Nothing for what moved no stock."""

    org_unit_id: int | None
    left: Mapping[int, int]
    names: Mapping[int, str]


def onward_row(layer: str, says: str, cap: str = "", url: str = "", *, is_warning: bool = False) -> Onward:
    title, icon = words.ONWARD[layer]
    return Onward(icon, str(title), says, cap, url, is_warning)


def of(sale: SaleView) -> Goods:
    place = rooms.desk.place_of(sale.fact_id)
    if place is None or place.is_history or place.org_unit_id is None:
        return Goods(None, {}, {})
    left = rooms.explorer.stock_by_place(place.sku_ids, [place.org_unit_id])
    found = rooms.brand.product_names(sorted(place.sku_ids))
    names = {sku_id: name or code for sku_id, (code, name) in found.items()}
    return Goods(place.org_unit_id, {sku_id: milli for (sku_id, _unit), milli in left.items()}, names)


def supply(sale: SaleView, goods: Goods) -> Iterator[Onward]:
    if not goods.left:
        return
    sku_id, milli = min(goods.left.items(), key=lambda item: (item[1], item[0]))
    pieces, named = numbers.quantity(abs(milli)), goods.names[sku_id]
    url = reverse("console:product", args=[sku_id])
    below = sum(m < 0 for m in goods.left.values())
    if milli < 0:
        said = ngettext("{n} 种商品账面比零还少", "{n} 种商品账面比零还少", below).format(n=below)
        cap = _("{name} 少 {n} 件：进货还没有录进来，或该盘点了").format(name=named, n=pieces)
        yield onward_row("supply", said, cap, url, is_warning=True)
    else:
        yield onward_row("supply", _("{name} 剩得最少：{n} 件").format(name=named, n=pieces), sale.store, url)


def assortment(actor: Actor, sale: SaleView, goods: Goods) -> Iterator[Onward]:
    """Whether this store should have these goods, and has them: what nobody listed, what is sold out, what goes together."""
    sold = [line for line in sale.lines if line.quantity_milli > 0]
    unlisted = list(dict.fromkeys(line.name for line in sold if line.is_unlisted))
    gone = sorted(sku_id for sku_id, milli in goods.left.items() if milli <= 0)
    if unlisted:
        said = ngettext("{n} 种不在商品表里", "{n} 种不在商品表里", len(unlisted)).format(n=len(unlisted))
        cap = _("{names}：补进商品表，才好配货和分析").format(names=listed(unlisted))
        yield onward_row("assortment", said, cap, reverse("console:products"), is_warning=True)
    elif gone:
        said = ngettext("{n} 种卖完了", "{n} 种卖完了", len(gone)).format(n=len(gone))
        url = reverse("console:product", args=[gone[0]])
        yield onward_row("assortment", said, _elsewhere(actor, goods, gone[0]), url, is_warning=True)
    elif sold:
        yield _together(list(dict.fromkeys(line.name for line in sold)), has_shelf=bool(goods.left))


def _elsewhere(actor: Actor, goods: Goods, sku_id: int) -> str:
    """Where else it is to be had, as far as the actor may know."""
    assert goods.org_unit_id is not None
    named = goods.names[sku_id]
    try:
        offers = rooms.brand.offer_elsewhere(goods.org_unit_id, sku_id, PIECE, actor=actor)
    except NotFound:
        offers = []
    if not offers:
        return _("{name}：别处也没有，要补货").format(name=named)
    n = numbers.quantity(offers[0].available_milli)
    return _("{name}：{store}还有 {n} 件，可以调来").format(name=named, store=offers[0].org_unit_name, n=n)


def _together(names: list[str], *, has_shelf: bool) -> Onward:
    if len(names) == 1:
        cap = _("只买了一种，下次可以推荐搭配")
        return onward_row("assortment", _("{name}，没有连带").format(name=names[0]), cap)
    said = ngettext("一起买了 {n} 种", "一起买了 {n} 种", len(names)).format(n=len(names))
    cap = _("{names}；货架上都还有") if has_shelf else "{names}"
    return onward_row("assortment", said, cap.format(names=listed(names)))


def listed(names: list[str]) -> str:
    said = _("、").join(names[:NAMED])
    return _("{goods} 等 {n} 种").format(goods=said, n=len(names)) if len(names) > NAMED else said


def loss(found: Chain) -> Iterator[Onward]:
    """Of a sale of which nothing is left: what went with it, and how it was given back."""
    sale = found.sale
    if sale.amount <= 0 or sale.refunded < sale.amount:
        return
    said = _("这一单没有留住：少了 {amount}").format(amount=numbers.exact(sale.amount))
    last = next((row for row in reversed(found.rows) if row.step == "refund"), None)
    cap = str(words.CHANGES.get(last.detail.removeprefix("状态："), "")) if last else ""
    url = reverse("console:sale", args=[int(last.ref)]) if last and last.ref else ""
    yield onward_row("loss", said, cap, url, is_warning=True)
