"""Orders as the e-commerce spec tells them, turned into what tills say. Pure.

An amount given as a number or as decimal text becomes 分 by rounding half up, once. A line is worth price × quantity; what the
order came to is shared out over its lines by running sums (ADR 0010), and what a line lost is its discount.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import msgspec

from huoshui.core.facts.types import ORDER_COMPLETED, ORDER_REFUNDED
from huoshui.intake.tills import api as tills
from huoshui.intake.tracking.types import Event, Fault, Writer

NAMES = frozenset({ORDER_COMPLETED, ORDER_REFUNDED})
CURRENCY = "CNY"
_AT = "/properties"
_MOST_FEN = 10**12
_MOST_DIGITS = 40
_MOST_MILLI = 10**9


def fen(value: Any, pointer: str) -> int:
    """Raises Fault. Not below zero: what comes back is a refund."""
    number = _decimal(value)
    if number is None or not 0 <= number * 100 <= _MOST_FEN:
        raise Fault("order_amount_unreadable", pointer, value=_shown(value))
    return int((number * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _milli(value: Any, pointer: str) -> int:
    number = _decimal(value)
    milli = None if number is None else number * 1000
    if milli is None or not 0 < milli <= _MOST_MILLI or milli != milli.to_integral_value():
        raise Fault("order_quantity_unreadable", pointer, value=_shown(value))
    return int(milli)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    text = str(value).strip().lstrip("¥￥").replace(",", "") if isinstance(value, str) else repr(value)
    if len(text) > _MOST_DIGITS:
        return None
    try:
        number = Decimal(text)
    except ArithmeticError:
        return None
    # Nine with a million noughts is read in no time, and then reckoned with for ever
    return number if number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS else None


def _shown(value: Any) -> str:
    return str(value)[:40]


def _text(value: Any) -> str:
    return (
        str(value).replace("\x00", "").strip()[:255]
        if isinstance(value, str | int) and not isinstance(value, bool)
        else ""
    )


def sale(event: Event, writer: Writer, *, our_coupons: frozenset[str] = frozenset()) -> tills.Sale:
    """Raises Fault. `our_coupons` are those of the coupons it names that we know."""
    told = event.values
    lines = _lines(told)
    came_to = _came_to(told, sum(line.amount for line in lines))
    lines = _shared(lines, came_to)
    coupon = _text(told.get("coupon"))
    used: tuple[tills.CouponUse, ...] = ()
    if coupon in our_coupons:
        lines = [msgspec.structs.replace(x, by_coupon=x.discount) for x in lines]
        used = (tills.CouponUse(coupon, sum(x.discount for x in lines)),)
    return tills.Sale(
        key=event.message_id,
        order_key=order_key(told),
        store_code=_text(told.get("store_code")) or writer.store_code,
        at=event.occurred_at,
        lines=tuple(
            tills.SaleLine(
                sku_code=x.sku,
                quantity_milli=x.milli,
                amount=x.amount,
                discount=x.discount,
                coupon_discount=x.by_coupon,
                line_key=x.key,
                name=x.name,
            )
            for x in lines
        ),
        identifiers=identifiers(event),
        coupons=used,
        channel=_text(told.get("channel")) or writer.source.name.removeprefix("track:"),
        is_offline=True,
        body=msgspec.json.decode(event.body),
    )


def coupon_of(event: Event) -> str:
    return _text(event.values.get("coupon")) if event.name == ORDER_COMPLETED else ""


def refund(event: Event, *, with_amounts: bool = False) -> tills.Refund:
    """What comes back: the products it names, else so much money, else all. `with_amounts`: the order is not here yet, so
    the refund says itself what each line is worth. Raises Fault."""
    told = event.values
    _refuse_foreign_money(told)
    total = next(
        (fen(told[name], f"{_AT}/{name}") for name in ("total", "revenue") if told.get(name) is not None),
        None,
    )
    lines: tuple[tills.RefundLine, ...] = ()
    if told.get("products"):
        read = _lines(told, priced=with_amounts)
        if total is not None or with_amounts:
            read = _shared(read, total if total is not None else sum(x.amount for x in read))
        amounts = total is not None or with_amounts
        lines = tuple(
            tills.RefundLine(
                line_key=x.key,
                quantity_milli=x.milli,
                amount=x.amount if amounts else None,
                sku_code=x.sku,
            )
            for x in read
        )
    return tills.Refund(
        key=event.message_id,
        order_key=order_key(told),
        at=event.occurred_at,
        refund_key=_text(told.get("refund_id")),
        lines=lines,
        amount=None if lines else total,
        is_offline=True,
        body=msgspec.json.decode(event.body),
    )


def identifiers(event: Event) -> tuple[tuple[str, str], ...]:
    """As the river writes them: kind@scope."""
    return tuple((f"{kind}@{scope}" if scope else kind, value) for kind, scope, value in event.identifiers)


def order_key(told: Mapping[str, Any]) -> str:
    found = _text(told.get("order_id"))
    if not found:
        raise Fault("order_id_missing", f"{_AT}/order_id")
    return found


class _Line(msgspec.Struct, frozen=True):
    key: str
    sku: str
    name: str
    milli: int
    amount: int
    discount: int = 0
    by_coupon: int = 0


def _refuse_foreign_money(told: Mapping[str, Any]) -> None:
    currency = _text(told.get("currency"))
    if currency and currency.upper() not in (CURRENCY, "RMB"):
        raise Fault("order_currency_foreign", f"{_AT}/currency", currency=currency[:10])


def _lines(told: Mapping[str, Any], *, priced: bool = True) -> list[_Line]:
    _refuse_foreign_money(told)
    products = told.get("products")
    if not isinstance(products, list) or not products:
        raise Fault("order_products_missing", f"{_AT}/products")
    keys: dict[str, int] = {}
    found = []
    for place, product in enumerate(products):
        at = f"{_AT}/products/{place}"
        if not isinstance(product, dict):
            raise Fault("order_products_missing", at)
        sku = _text(product.get("sku")) or _text(product.get("product_id"))
        if not sku:
            raise Fault("order_products_missing", f"{at}/product_id")
        milli = _milli(product.get("quantity", 1), f"{at}/quantity")
        price = product.get("price")
        keys[sku] = keys.get(sku, 0) + 1
        found.append(
            _Line(
                key=sku if keys[sku] == 1 else f"{sku}#{keys[sku]}",
                sku=sku,
                name=_text(product.get("name")),
                milli=milli,
                amount=_worth(price, milli, f"{at}/price") if priced or price is not None else 0,
            )
        )
    return found


def _worth(price: Any, milli: int, pointer: str) -> int:
    number = _decimal(price)
    if number is None:
        raise Fault("order_amount_unreadable", pointer, value=_shown(price))
    return fen(str(number * milli / 1000), pointer)


def _came_to(told: Mapping[str, Any], gross: int) -> int:
    """What was paid for the goods: no shipping, no tax."""

    def given(name: str) -> int | None:
        return fen(told[name], f"{_AT}/{name}") if told.get(name) is not None else None

    for name in ("revenue", "subtotal"):
        if (amount := given(name)) is not None:
            return amount
    if (total := given("total")) is not None:
        return max(0, total - (given("shipping") or 0) - (given("tax") or 0))
    return max(0, gross - (given("discount") or 0))


def _shared(lines: Sequence[_Line], total: int) -> list[_Line]:
    """`total` over the lines by their worth, by quantity where none has any; parts sum to the whole."""
    weights = [x.amount for x in lines] if any(x.amount for x in lines) else [x.milli for x in lines]
    whole, upto, out = sum(weights), 0, []
    for line, weight in zip(lines, weights, strict=True):
        before, upto = total * upto // whole, upto + weight
        amount = total * upto // whole - before
        out.append(msgspec.structs.replace(line, amount=amount, discount=max(0, line.amount - amount)))
    return out
