"""Pure decisions on baskets: which sign belongs to which, what lies in one, whether it was left, and rates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from huoshui.intake.visitors.types import (
    ADDED,
    BOUGHT,
    LEFT,
    OPEN,
    REMOVED,
    SCAN,
    DayRow,
    Item,
    Order,
    Patience,
    Sign,
    Standing,
    Verdict,
)

CART_KEPT = timedelta(days=30)
"""A shop's own number of a basket means the same basket for so long."""
MOST_PRODUCTS = 200
_MOST = 10**12


class Gathered(NamedTuple):
    """Which basket each sign belongs to, old ones under their id, new ones under −1, −2 …; and how all stand now."""

    of_sign: dict[int, int]
    baskets: dict[int, Standing]


def gathered(signs: Iterable[Sign], known: Iterable[Standing], patience: Patience) -> Gathered:
    """A sign joins the basket it is near enough to; one after the purchase begins a new one.

    In the order of time, so that the outcome is the same however the signs came in one batch. A sign that comes late
    between two baskets joins the earlier: neither was counted twice, and both stand.
    """
    near: dict[tuple[str, int, str, int], list[Standing]] = defaultdict(list)
    for basket in sorted(known, key=lambda b: (b.began_at, b.id)):
        near[_key(basket)].append(basket)
    of_sign: dict[int, int] = {}
    baskets: dict[int, Standing] = {}
    born = 0
    for sign in sorted(signs, key=lambda s: (s.at, s.fact_id)):
        rows = near[_key(sign)]
        gap = CART_KEPT if sign.cart else patience.of(sign.kind)
        place = next((n for n, basket in enumerate(rows) if _takes(basket, sign, gap)), None)
        if place is None:
            born -= 1
            rows.append(_begun(sign, born))
            place = len(rows) - 1
        else:
            found = rows[place]
            rows[place] = found._replace(
                began_at=min(found.began_at, sign.at), last_at=max(found.last_at, sign.at)
            )
        of_sign[sign.fact_id] = rows[place].id
        baskets[rows[place].id] = rows[place]
    return Gathered(of_sign, baskets)


def _key(of: Sign | Standing) -> tuple[str, int, str, int]:
    """A basket with a number of its own is that basket whoever signs in meanwhile."""
    return of.kind, of.source_id, of.cart, 0 if of.cart else of.person_id


def _takes(basket: Standing, sign: Sign, gap: timedelta) -> bool:
    is_near = basket.began_at - gap <= sign.at <= basket.last_at + gap
    is_over = basket.state == BOUGHT and basket.bought_at is not None and sign.at > basket.bought_at
    return is_near and not is_over


def _begun(sign: Sign, number: int) -> Standing:
    return Standing(
        number, sign.kind, sign.source_id, sign.cart, sign.person_id, sign.at, sign.at, OPEN, bought_at=None
    )


def asked_span(basket: Standing, patience: Patience) -> tuple[datetime, datetime]:
    """In which an order matters. What is scanned after paying, as a code in the pack is, was no unmet wish."""
    before = patience.scan if basket.kind == SCAN else timedelta()
    return basket.began_at - before, basket.last_at + max(patience.of(basket.kind), patience.back)


def judged(basket: Standing, first_order: Order | None, *, now: datetime, patience: Patience) -> Verdict:
    """`first_order` is the earliest of the person's in `asked_span`. An order that comes to us late decides as if it had
    come in time."""
    due = basket.last_at + patience.of(basket.kind)
    if first_order is not None and first_order.at <= due:
        return Verdict(BOUGHT, first_order)
    if now < due:
        return Verdict(basket.state, None)
    return Verdict(LEFT, first_order)


def contents(told: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Item]:
    """What lies in a basket after these facts (name, properties), in the order of time.

    A list of all products, as a viewed cart and a begun checkout give it, replaces what was added one by one.
    """
    held: dict[str, Item] = {}
    for name, values in told:
        products = values.get("products")
        if isinstance(products, list):
            held = {}
            for one in products[:MOST_PRODUCTS]:
                if isinstance(one, Mapping):
                    _put(held, one, 1)
        elif name == REMOVED:
            _put(held, values, -1)
        else:
            _put(held, values, 1, is_more=name == ADDED)
    return [item for item in held.values() if item.quantity_milli > 0]


def _put(held: dict[str, Item], product: Mapping[str, Any], sign: int, *, is_more: bool = True) -> None:
    code = _text(product.get("sku")) or _text(product.get("product_id")) or _text(product.get("code"))
    if not code or (code not in held and (sign < 0 or len(held) >= MOST_PRODUCTS)):
        return
    before = held.get(code, Item(code, "", 0, 0))
    if not is_more and before.quantity_milli:
        return
    quantity = product.get("quantity")
    milli = 1000 if quantity is None else _bounded(quantity, 1000)
    price = _bounded(product.get("price"), 100)
    if sign < 0:
        left = max(0, before.quantity_milli - milli)
        amount = before.amount * left // before.quantity_milli if before.quantity_milli else 0
        held[code] = before._replace(quantity_milli=left, amount=amount)
        return
    held[code] = Item(
        code,
        _text(product.get("name")) or before.name,
        min(_MOST, before.quantity_milli + milli),
        min(_MOST, before.amount + price * milli // 1000),
    )


def _text(value: Any) -> str:
    return (
        str(value).strip().replace("\x00", "")[:100]
        if isinstance(value, str | int) and not isinstance(value, bool)
        else ""
    )


def _bounded(value: Any, times: int) -> int:
    """A number times `times`, as an integer of what is sensible; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        number = Decimal(str(value).strip().lstrip("¥￥").replace(",", "")) * times
    except ArithmeticError:  # nine with a million noughts is none either
        return 0
    if not number.is_finite() or not 0 <= number <= _MOST:
        return 0
    return int(number.quantize(Decimal(1), ROUND_HALF_UP))


class Rate(NamedTuple):
    """Of the days and stores where somebody counted: `visitors` None means that nobody did anywhere."""

    visitors: int | None
    orders: int

    @property
    def conversion(self) -> float | None:
        """None too where more orders than visitors say that the counter missed people."""
        if not self.visitors or self.orders > self.visitors:
            return None
        return self.orders / self.visitors


def rate(days: Sequence[DayRow]) -> Rate:
    """Orders of a day that nobody counted do not enter: they would make the rest look better."""
    counted = [row for row in days if row.came is not None]
    if not counted:
        return Rate(None, 0)
    return Rate(sum(row.came or 0 for row in counted), sum(row.orders for row in counted))
