"""From what callers send to what tills take. Pure, but for the clock that is handed in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from huoshui.core.phone import NotAPhone
from huoshui.intake.tills import api as tills
from huoshui.people import api as people
from huoshui.web.api import bodies
from huoshui.web.api.problems import Place, Problem
from huoshui.web.api.reading import invalid

_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_AHEAD = timedelta(days=2)
_DECIMAL = re.compile(r"[0-9]{1,7}(\.[0-9]{1,3})?")
_MOST = 1_000_000_000  # thousandths

# Visible keys have no space, so this one cannot be another request's
_OUT = " out"


class Reader:
    """Collects every fault of one request, so that its sender need not mend them one by one."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._places: list[Place] = []
        self.left_out: list[tuple[str, dict[str, Any]]] = []
        """What a report said that cannot be read, as its exceptions."""

    def done(self) -> None:
        if self._places:
            raise invalid(self._places)

    def blame(self, pointer: str, code: str, **detail: Any) -> None:
        self._places.append(Place(pointer, code, detail))

    def instant(self, at: datetime, pointer: str) -> datetime:
        if not _EARLIEST <= at <= self._now + _AHEAD:
            self.blame(pointer, "out_of_range")
            return self._now
        return at.astimezone(UTC)

    def milli(self, quantity: float | str, pointer: str) -> int:
        milli = _milli(quantity)
        if milli is None:
            self.blame(pointer, "wrong_value", reason="0 < n ≤ 1000000, 0.001")
        return milli or 0

    def identifiers(
        self, customer: bodies.Customer | None, pointer: str, *, is_report: bool = False
    ) -> tuple[tuple[str, str], ...]:
        """In the order of `people.KINDS`, which is that of trust. A report has happened: it goes without what is none."""
        found = []
        for kind in people.KINDS:
            value = getattr(customer, kind, None)
            if value is None:
                continue
            try:
                people.plain_identifier(kind, value)
            except NotAPhone:
                if is_report:
                    self.left_out.append(("phone_unreadable", {}))
                    continue
                self.blame(f"{pointer}/{kind}", "not_a_phone")
            found.append((kind, value))
        return tuple(found)


def _milli(quantity: float | str) -> int | None:
    if isinstance(quantity, str):
        if not _DECIMAL.fullmatch(quantity):
            return None
        whole, _, part = quantity.partition(".")
        milli = int(whole) * 1000 + int(part.ljust(3, "0"))
    elif abs(quantity) > _MOST:
        return None
    else:
        milli = round(quantity * 1000)
        if abs(milli - quantity * 1000) > 1e-6:
            return None
    return milli if 0 < milli <= _MOST else None


def basket(body: bodies.Quote, *, now: datetime) -> tills.Basket:
    reader = Reader(now)
    made = tills.Basket(
        store_code=body.store,
        at=reader.instant(body.at, "/at"),
        lines=tuple(_basket_line(reader, x, f"/lines/{n}") for n, x in enumerate(body.lines)),
        identifiers=reader.identifiers(body.customer, "/customer"),
        channel=body.channel,
        coupons=tuple(body.coupons),
        points=body.points,
    )
    reader.done()
    return made


def _basket_line(reader: Reader, line: bodies.QuoteLine, at: str) -> tills.BasketLine:
    return tills.BasketLine(
        sku_code=line.sku,
        quantity_milli=reader.milli(line.quantity, f"{at}/quantity"),
        amount=line.amount,
        discount=line.discount,
        line_key=line.line_key,
        name=line.name,
        tax=line.tax,
    )


def sale(body: bodies.Sale, *, key: str, as_sent: dict[str, Any], now: datetime) -> tills.Sale:
    """`as_sent` is kept with the fact, but for the customer, whose contacts are kept sealed only."""
    reader = Reader(now)
    made = _sale(reader, body, key, as_sent, "")
    reader.done()
    if not made.is_offline:
        refuse_differing(body, "")
    return made


def _sale(reader: Reader, body: bodies.Sale, key: str, as_sent: dict[str, Any], at: str) -> tills.Sale:
    identifiers = reader.identifiers(body.customer, f"{at}/customer", is_report=body.offline)
    return tills.Sale(
        key=key,
        order_key=body.order_key,
        store_code=body.store,
        at=reader.instant(body.at, f"{at}/at"),
        lines=tuple(_sale_line(reader, x, f"{at}/lines/{n}") for n, x in enumerate(body.lines)),
        identifiers=identifiers,
        tenders=tuple(tills.Tender(t.kind, t.amount, t.points, t.reference) for t in body.tenders),
        coupons=tuple(tills.CouponUse(c.code, c.amount) for c in body.coupons),
        channel=body.channel,
        staff_code=body.staff,
        is_offline=body.offline,
        vouchers=tuple(tills.Voucher(v.source, v.code) for v in body.vouchers),
        body={name: value for name, value in as_sent.items() if name not in ("customer", "key")},
        amount=body.amount,
        doubts=tuple(reader.left_out),
    )


def _sale_line(reader: Reader, line: bodies.SaleLine, at: str) -> tills.SaleLine:
    return tills.SaleLine(
        sku_code=line.sku,
        quantity_milli=reader.milli(line.quantity, f"{at}/quantity"),
        amount=line.amount,
        discount=line.discount,
        coupon_discount=line.coupon_discount,
        line_key=line.line_key,
        name=line.name,
        tax=line.tax,
    )


def refuse_differing(body: bodies.Sale, at: str) -> None:
    """Lines, tenders, coupons and the total given must agree. A report may differ: it has happened."""
    for left, right, left_amount, right_amount in _sums(body):
        if left_amount != right_amount:
            raise Problem(
                "amounts_differ",
                {
                    "left": left,
                    "right": right,
                    "left_amount": left_amount,
                    "right_amount": right_amount,
                    "difference": left_amount - right_amount,
                },
                places=[Place(f"{at}/{right}", "amounts_differ")],
            )


def _sums(body: bodies.Sale) -> Iterator[tuple[str, str, int, int]]:
    paid = sum(line.amount for line in body.lines)
    if body.amount is not None:
        yield "lines", "amount", paid, body.amount
    if body.tenders:
        yield "lines", "tenders", paid, sum(t.amount for t in body.tenders)
    if given := sum(line.coupon_discount for line in body.lines):
        yield "lines/coupon_discount", "coupons", given, sum(c.amount for c in body.coupons)


def refund(
    body: bodies.Refund, *, key: str, order_key: str, as_sent: dict[str, Any], now: datetime
) -> tills.Refund:
    reader = Reader(now)
    if body.lines and body.amount is not None:
        reader.blame("/amount", "wrong_value", reason="lines | amount")
    if body.amount == 0:
        reader.blame("/amount", "wrong_value", reason="n > 0")
    made = tills.Refund(
        key=key,
        order_key=order_key,
        at=reader.instant(body.at, "/at"),
        refund_key=body.refund_key,
        store_code=body.store or "",
        sold_at=body.sold_at or "",
        lines=_refund_lines(reader, body.lines, "/lines"),
        amount=body.amount,
        is_offline=body.offline,
        condition=body.condition,
        body=as_sent,
    )
    reader.done()
    return made


def _refund_lines(
    reader: Reader, lines: Sequence[bodies.RefundLine], at: str
) -> tuple[tills.RefundLine, ...]:
    return tuple(_refund_line(reader, line, f"{at}/{n}") for n, line in enumerate(lines))


def _refund_line(reader: Reader, line: bodies.RefundLine, at: str) -> tills.RefundLine:
    if (line.line_key is None) == (line.line_no is None):
        reader.blame(at, "wrong_value", reason="line_key | line_no")
    if line.amount == 0 and line.quantity is None:
        reader.blame(f"{at}/amount", "wrong_value", reason="n > 0")
    quantity = line.quantity
    return tills.RefundLine(
        line_key=line.line_key,
        line_no=line.line_no,
        quantity_milli=None if quantity is None else reader.milli(quantity, f"{at}/quantity"),
        amount=line.amount,
        sku_code=line.sku or "",
        condition=line.condition,
    )


def exchange(
    body: bodies.Exchange, *, key: str, order_key: str, as_sent: dict[str, Any], now: datetime
) -> tills.Exchange:
    reader = Reader(now)
    if body.sale.offline:
        reader.blame("/sale/offline", "offline_exchange")
    made = tills.Exchange(
        key=key,
        order_key=order_key,
        at=reader.instant(body.at, "/at"),
        returned=_refund_lines(reader, body.returned, "/returned"),
        sale=_sale(reader, body.sale, key + _OUT, as_sent["sale"], "/sale"),
    )
    reader.done()
    refuse_differing(body.sale, "/sale")
    return made


def receipt_claim(
    body: bodies.ReceiptClaim, *, key: str, order_key: str, as_sent: dict[str, Any], now: datetime
) -> tills.ReceiptClaim:
    """Neither the code nor the customer is kept with the fact as it was sent."""
    reader = Reader(now)
    made = tills.ReceiptClaim(
        key=key,
        order_key=order_key,
        bind_code=body.bind_code,
        at=reader.instant(body.at, "/at"),
        identifiers=reader.identifiers(body.customer, "/customer"),
        body={"at": as_sent["at"]},
    )
    reader.done()
    return made


def void_at(body: bodies.Void, *, now: datetime) -> datetime:
    reader = Reader(now)
    at = reader.instant(body.at, "/at")
    reader.done()
    return at
