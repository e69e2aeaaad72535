"""Whether what a till says adds up, and the words of what does not. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import structs

from huoshui.core import money, quantity
from huoshui.core.money import plain
from huoshui.core.unmet import sentences
from huoshui.intake.river.api import Tender
from huoshui.intake.tills.types import Sale

sentences(
    {
        "lines_missing": "订单里没有商品。",
        "line_repeated": "第 {line} 行的行号和前面的一样，同一单里行号不能重复。",
        "quantity_wrong": "第 {line} 行的数量要大于 0；退货请用退货接口。",
        "amount_wrong": "第 {line} 行的金额不能小于 0；退货请用退货接口。",
        "discount_wrong": "第 {line} 行的优惠不能小于 0，券优惠也不能大于全部优惠。",
        "tax_wrong": "第 {line} 行的税额 ¥{tax} 大于这一行的金额 ¥{amount}；税额是金额里包含的税。",
        "coupons_differ": "各张券共优惠 ¥{coupons}，各行的券优惠合计 ¥{lines}，相差 ¥{difference}。",
        "total_differs": "收银报的合计是 ¥{told}，商品合计 ¥{lines}，相差 ¥{difference}。",
        "phone_unreadable": "收银报的手机号写得不对，没有用它认人。请核对，或者让顾客凭小票认领这一单。",
        "tenders_differ": "付款合计 ¥{tenders}，商品合计 ¥{lines}，相差 ¥{difference}。",
        "voucher_repeated": "团购券 {voucher} 出现了两次，一单里一张券只能核销一次。",
        "tender_points_missing": "第 {tender} 种付款是积分，要写明用了多少积分（points 要大于 0）。",
        "tender_points_elsewhere": "第 {tender} 种付款不是积分，却写了 {points} 积分；用积分付的请把 kind 写成 points。",
        "tender_points_twice": "积分付款写了两次，一单里请合成一笔。",
        "points_none": "这位顾客现在没有可用的积分。",
        "points_exceed": "积分抵了 ¥{points}，比订单的 ¥{total} 还多。",
        "coupon_repeated": "券 {coupon} 出现了两次，一单里一张券只能用一次。",
        "store_unknown": "没有编号为 {store} 的门店，请核对门店编号。",
        "order_told_again": "单号 {order} 之前报过一笔 ¥{before}，这次报来 ¥{amount}：按后一笔记账。若是两笔成交，请让收银机给"
        "其中一笔换个单号重报。",
        "refund_needs_lines": "原订单还没有到。请写明退哪些商品、数量和金额，等它到了会自动对上。",
        "refund_line_unknown": "原订单里没有这一行：{line}。",
        "refund_line_unmatched": "补报的退货写了第 {line} 行，原订单里没有：写明的金额按整单退了，货没有入库，请核对。",
        "refund_exists": "退款号 {refund} 已经退过 ¥{amount}。要再退，请换一个退款号。",
        "at_not_now": "时间 {at} 和现在相差超过一天。联网的请求只收现在的事；已经发生的，请作为补报（offline）发来。",
        "refund_before_sale": "退货的时间 {at} 早于成交的时间 {sold}，请核对时间。",
        "void_too_late": "只有当天、还没有退过货的订单能作废；请改为退货。",
    }
)

Doubt = tuple[str, dict[str, Any]]

BY_POINTS = "points"


WITHIN = timedelta(days=1)
"""How far a till's clock may be off, and a sale wait for its network, to be asked for and not reported."""

CLOCKS_APART = timedelta(minutes=10)
"""How far the clocks of two tills may be apart."""


def not_now(at: datetime, now: datetime) -> Doubt | None:
    """Of an ask: what it may have is judged as of now, so it must be of now. Times are told in the zone of `now`."""
    if abs(at - now) <= WITHIN:
        return None
    return "at_not_now", {"at": _shown(at, now)}


def before_its_sale(at: datetime, sold_at: datetime, now: datetime) -> Doubt | None:
    """A refund dated before its sale. One that comes now may be so of a sale whose till is ahead of the time."""
    if at >= min(sold_at, now) - CLOCKS_APART:
        return None
    return "refund_before_sale", {"at": _shown(at, now), "sold": _shown(sold_at, now)}


def _shown(at: datetime, now: datetime) -> str:
    return f"{at.astimezone(now.tzinfo):%Y-%m-%d %H:%M}"


def named(tender: Tender) -> Tender:
    """By the one name of its kind: tills write "Points" as well, and points they call so are points."""
    if tender.kind == BY_POINTS or not _is_of_points(tender):
        return tender
    return structs.replace(tender, kind=BY_POINTS)


def _is_of_points(tender: Tender) -> bool:
    return _names_points(tender.kind)


@lru_cache(maxsize=256)  # a few kinds, asked of every tender of every sale
def _names_points(kind: str) -> bool:
    return kind.strip().casefold() == BY_POINTS


def why_not_points(*, is_known: bool, balance: int, wanted: int, usable: int, money: Money) -> Doubt | None:
    """Why points do not serve, or not as many as are wanted; `money` tells what they are worth and what is to pay."""
    if not is_known:
        return "points_need_member", {"points": wanted}
    if balance <= 0:
        return "points_none", {}
    if wanted > balance:
        return "points_short", {"want": wanted, "have": balance}
    if wanted > usable:
        return "points_exceed", {"points": plain(money.wanted), "total": plain(money.payable)}
    return None


class Money(NamedTuple):
    wanted: int
    payable: int


def short(
    wanted: Sequence[tuple[str, int]], have: Mapping[str, int]
) -> list[tuple[str, dict[str, Any], str]]:
    """Products of which a shelf that sells only what is there has too few: by (product, quantity) of the lines, once each
    and with its first line. `have` knows those shelves only."""
    sums: Counter[str] = Counter()
    for sku_code, milli in wanted:
        sums[sku_code] += milli
    codes = [sku_code for sku_code, _ in wanted]
    return [
        (
            "stock_short",
            {"sku": code, "have": quantity.plain(max(have[code], 0)), "want": quantity.plain(milli)},
            f"/lines/{codes.index(code)}",
        )
        for code, milli in sums.items()
        if code in have and milli > have[code]
    ]


def doubts(sale: Sale) -> Iterator[tuple[str, dict[str, Any], str]]:
    """(code, detail, JSON pointer) of everything in which a sale contradicts itself."""
    if not sale.lines:
        yield "lines_missing", {}, "/lines"
    seen: set[str] = set()
    for number, line in enumerate(sale.lines, 1):
        key = line.line_key or str(number)
        if key in seen:
            yield "line_repeated", {"line": number}, f"/lines/{number - 1}/line_key"
        seen.add(key)
        if line.quantity_milli <= 0:
            yield "quantity_wrong", {"line": number}, f"/lines/{number - 1}/quantity"
        if line.amount < 0:
            yield "amount_wrong", {"line": number}, f"/lines/{number - 1}/amount"
        if not 0 <= line.coupon_discount <= line.discount:
            yield "discount_wrong", {"line": number}, f"/lines/{number - 1}/discount"
        if line.tax and line.tax > max(line.amount, 0):
            told = {"line": number, "tax": plain(line.tax), "amount": plain(line.amount)}
            yield "tax_wrong", told, f"/lines/{number - 1}/tax"
    if sale.vouchers:
        yield from _vouchers(sale)
    if sale.tenders:
        yield from _tenders(sale)
    yield from _sums(sale)


def _vouchers(sale: Sale) -> Iterator[tuple[str, dict[str, Any], str]]:
    seen: set[tuple[str, str]] = set()
    for number, voucher in enumerate(sale.vouchers):
        if (voucher.source, voucher.code) in seen:
            yield "voucher_repeated", {"voucher": voucher.code}, f"/vouchers/{number}/code"
        seen.add((voucher.source, voucher.code))


def _tenders(sale: Sale) -> Iterator[tuple[str, dict[str, Any], str]]:
    """Money paid with points names its points, and nothing else does. Of two such, one could hide what the other is worth."""
    is_first = True
    for number, t in enumerate(sale.tenders, 1):
        if not _is_of_points(t):
            if t.points:
                told = {"tender": number, "points": t.points}
                yield "tender_points_elsewhere", told, f"/tenders/{number - 1}/points"
            continue
        at = f"/tenders/{number - 1}"
        if t.points <= 0:
            yield "tender_points_missing", {"tender": number}, f"{at}/points"
        if not is_first:
            yield "tender_points_twice", {}, at
        is_first = False


def _sums(sale: Sale) -> Iterator[tuple[str, dict[str, Any], str]]:
    codes: set[str] = set()
    for number, use in enumerate(sale.coupons):
        if use.code in codes:
            yield "coupon_repeated", {"coupon": use.code}, f"/coupons/{number}/code"
        codes.add(use.code)
    by_coupons = sum([c.amount for c in sale.coupons])
    by_lines = total = 0
    for x in sale.lines:
        by_lines += x.coupon_discount
        total += x.amount
    if by_coupons != by_lines:
        yield "coupons_differ", _difference(coupons=by_coupons, lines=by_lines), "/coupons"
    tendered = by_points = 0
    for t in sale.tenders:
        tendered += t.amount
        by_points += t.amount if _is_of_points(t) else 0
    if by_points > max(total, 0):
        told = {"points": money.plain(by_points), "total": money.plain(total)}
        yield "points_exceed", told, "/tenders"
    if sale.amount is not None and sale.amount != total:
        yield "total_differs", _difference(told=sale.amount, lines=total), "/amount"
    if sale.tenders and tendered != total:
        yield "tenders_differ", _difference(tenders=tendered, lines=total), "/tenders"


def _difference(**sums: int) -> dict[str, Any]:
    one, other = sums.values()
    return {name: money.plain(value) for name, value in sums.items()} | {
        "difference": money.plain(abs(one - other))
    }
