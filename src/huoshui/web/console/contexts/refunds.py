"""退货退款: an order is found, what is left of it chosen, and told to the cent what giving it back will do."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core import clock, unmet
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound
from huoshui.core.money import plain as yuan
from huoshui.intake.tills.api import Condition, Refund, RefundLine, Refusal, Rehearsal, Till
from huoshui.trade.sales.api import LineLeft, OrderState, SaleView
from huoshui.web.console import numbers, words
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.coupon_reading import Values, amount_of
from huoshui.web.console.contexts.people import Choice
from huoshui.web.console.markup import bold
from huoshui.web.console.retell import retell

HEAD = frozenset({"boss", "operator"})
DESK = HEAD | {"manager"}
WAYS = ("whole", "lines", "money")
CONDITIONS: tuple[Condition, ...] = ("sellable", "damaged", "not_returned")
REASON_LENGTH = 200
PIECE = 1000


def may_refund(actor: Actor) -> bool:
    return bool(actor.roles & DESK)


def is_theirs(actor: Actor, org_unit_id: int | None) -> bool:
    """Head office gives back at any store, a store's manager at her own."""
    return bool(actor.roles & HEAD) or (org_unit_id is not None and org_unit_id in actor.org_unit_ids)


def require(allowed: bool) -> None:
    if not allowed:
        raise NotFound


@dataclass(frozen=True)
class Order:
    """An order that the actor may give back, as it stands."""

    sale: SaleView
    state: OrderState
    till: Till


@dataclass(frozen=True)
class LineRow:
    n: int
    name: str
    code: str
    sold_milli: int
    amount: int
    left_milli: int
    left: int
    quantity: str
    money: str
    conditions: tuple[Choice, ...]
    error: str


@dataclass(frozen=True)
class Asked:
    """What somebody wants to give back: a command, or what is written wrong by field."""

    command: Refund
    errors: Mapping[str, str]
    rows: tuple[int, ...]
    """Of each line of the command, its row on the page."""


@dataclass(frozen=True)
class BackLine:
    name: str
    quantity_milli: int
    amount: int
    condition: str
    """How the goods are, where that is not as one would wish."""


@dataclass(frozen=True)
class BackTender:
    name: str
    amount: int
    points: int


@dataclass(frozen=True)
class Will:
    """What will happen. `seen` is the mark of it, by which a confirmation is known to be about this and nothing else."""

    amount: int
    lines: tuple[BackLine, ...]
    tenders: tuple[BackTender, ...]
    pieces_milli: int
    damaged_milli: int
    absent_milli: int
    taken_back: int
    given_back: int
    balance: int | None
    coupons: tuple[tuple[str, bool], ...]
    has_coupons: bool
    wrong: tuple[str, ...]
    seen: str
    needs_second: bool

    @property
    def owed(self) -> int:
        return max(-(self.balance or 0), 0)

    @property
    def back_milli(self) -> int:
        return self.pieces_milli - self.absent_milli


@dataclass(frozen=True)
class RefundContext:
    order_key: str
    url: str
    preview_url: str
    chain_url: str
    store: str
    at: datetime
    sentence: SafeString
    rows: tuple[LineRow, ...]
    left: int
    way: str
    ways: tuple[tuple[str, str, bool], ...]
    conditions: tuple[Choice, ...]
    amount: str
    reason: str
    key: str
    errors: Mapping[str, str]
    alone: str
    waiting: tuple[int, ...]
    will: Will | None
    notice: str
    done: str


def open_order(actor: Actor, fact_id: int) -> Order:
    """Raises NotFound for what is no order, and for one of another's store."""
    require(may_refund(actor))
    sale = rooms.sales.sale_of_fact(SYSTEM, fact_id)
    place = rooms.orders.places_of([sale.fact_id]).get(sale.fact_id)
    require(place is not None and is_theirs(actor, place.org_unit_id))
    assert place is not None
    state = rooms.sales.order_state(place.source_id, sale.order_key)
    if state is None:
        raise NotFound
    own = [] if actor.roles & HEAD else list(rooms.brand.unit_codes(sorted(actor.org_unit_ids)).values())
    source = rooms.facts.source_of(place.source_id)
    return Order(sale, state, Till(source.id, source.label or source.name, frozenset(own)))


def asked(actor: Actor, order: Order, values: Values) -> Asked:
    """The command that a form asks for. The time is not in what it says of itself, so that twice is the same."""
    text = {name: (told[-1] if told else "").replace("\x00", "").strip() for name, told in values.items()}
    way, errors = text.get("way", ""), dict[str, str]()
    lines, rows, amount = tuple[RefundLine, ...](), tuple[int, ...](), None
    if way == "lines":
        lines, rows = _lines(order.state.lines, text, errors)
        if not lines and not errors:
            errors["way"] = _("写要退哪一行、退几件")
    elif way == "money":
        amount = amount_of(text.get("amount", ""))
        if amount is None:
            errors["amount"] = _("写金额，比如 20 或 12.50")
    elif way != "whole":
        errors["way"] = _("选怎么退")
    reason = text.get("reason", "")[:REASON_LENGTH]
    condition = condition_of(text.get("condition", ""))
    said = [(x.line_key, x.line_no, x.quantity_milli, x.amount, x.condition) for x in lines]
    key = f"desk-{text.get('key', '')[:64]}"
    command = Refund(
        key=key,
        order_key=order.state.order_key,
        at=clock.now(),
        lines=lines,
        amount=amount,
        condition=condition,
        body={
            "desk": order.state.order_key,
            "by": str(actor),
            "reason": reason,
            "lines": said,
            "amount": amount,
            "condition": condition,
        },
    )
    return Asked(command, errors, rows)


def _lines(
    left: Sequence[LineLeft], text: Mapping[str, str], errors: dict[str, str]
) -> tuple[tuple[RefundLine, ...], tuple[int, ...]]:
    lines, rows = [], []
    for n, line in enumerate(left):
        pieces, money = text.get(f"q-{n}", ""), text.get(f"a-{n}", "")
        if not pieces and not money:
            continue
        milli = _milli(pieces) if pieces else None
        amount = amount_of(money) if money else None
        if pieces and milli is None:
            errors[f"line-{n}"] = _("件数写数字，比如 1")
        elif money and amount is None:
            errors[f"line-{n}"] = _("写金额，比如 20 或 12.50")
        number = line.line_no if line.line_key is None else None
        condition = condition_of(text.get(f"c-{n}", ""))
        lines.append(RefundLine(line.line_key, number, milli, amount, condition=condition))
        rows.append(n)
    return tuple(lines), tuple(rows)


def condition_of(text: str) -> Condition:
    """What nobody chose can be sold again, which is how most comes back."""
    return next((value for value in CONDITIONS if value == text), CONDITIONS[0])


def _conditions(chosen: str) -> tuple[Choice, ...]:
    chosen = condition_of(chosen)
    return tuple(Choice(value, str(words.CONDITIONS[value]), value == chosen) for value in CONDITIONS)


def _milli(pieces: str) -> int | None:
    """Pieces as they are typed, in thousandths. Written like an amount, of which a hundredth is ten thousandths."""
    minor = amount_of(pieces)
    return None if minor is None else minor * PIECE // 100


def has_left(order: Order) -> bool:
    return any(line.left > 0 or line.left_milli > 0 for line in order.state.lines)


def line_errors(order: Order, wanted: Asked, rehearsed: Rehearsal) -> dict[str, str]:
    """What was refused of one line, told at its row."""
    out, names = {}, _names(order)
    for refusal in rehearsed.outcome.refusals:
        row = _row_of(refusal, wanted)
        if row is not None:
            out[f"line-{row}"] = _said_of(refusal, names[row])
    return out


def _row_of(refusal: Refusal, wanted: Asked) -> int | None:
    place = refusal.pointer.rpartition("/")[2]
    return wanted.rows[int(place)] if place.isdecimal() and int(place) < len(wanted.rows) else None


def _said_of(refusal: Refusal, name: str) -> str:
    """With the name of the product where a till would be told the key of its line."""
    if name and "line" in refusal.detail:
        return retell(unmet.sentence(refusal.code, {**refusal.detail, "line": name}))
    return retell(refusal.message)


def will(actor: Actor, order: Order, wanted: Asked, rehearsed: Rehearsal) -> Will:
    outcome, points = rehearsed.outcome, rehearsed.outcome.points
    used = rooms.campaigns.redemptions_of(order.state.fact_ids)
    told = (outcome.amount, rehearsed.lines, rehearsed.tenders, rehearsed.coupons, points)
    return Will(
        amount=-outcome.amount,
        lines=_back_lines(order, rehearsed),
        tenders=tuple(
            BackTender(str(words.TENDERS.get(t.kind, t.kind)), t.amount, t.points) for t in rehearsed.tenders
        ),
        pieces_milli=sum(line.quantity_milli or 0 for line in rehearsed.lines),
        damaged_milli=_pieces(rehearsed, "damaged"),
        absent_milli=_pieces(rehearsed, "not_returned"),
        taken_back=points.taken_back if points else 0,
        given_back=points.given_back if points else 0,
        balance=points.balance if points else None,
        coupons=tuple((c.title, c.is_given_back) for c in rehearsed.coupons),
        has_coupons=any(r.taken_back_at is None for r in used),
        wrong=tuple(_wrong(order, wanted, r) for r in outcome.refusals),
        seen=hashlib.sha256(repr(told).encode()).hexdigest()[:16],
        needs_second=outcome.state != "refused"
        and rooms.tills.needs_second(order.till, wanted.command, -outcome.amount, by=actor),
    )


def _pieces(rehearsed: Rehearsal, condition: Condition) -> int:
    return sum(line.quantity_milli or 0 for line in rehearsed.lines if line.condition == condition)


def _wrong(order: Order, wanted: Asked, refusal: Refusal) -> str:
    row = _row_of(refusal, wanted)
    return _said_of(refusal, _names(order)[row] if row is not None else "")


def _back_lines(order: Order, rehearsed: Rehearsal) -> tuple[BackLine, ...]:
    found = rooms.brand.product_names(sorted({line.sku_id for line in order.state.lines}))
    names = {code: name or code for code, name in found.values()}
    return tuple(
        BackLine(
            names.get(x.sku_code, x.sku_code),
            x.quantity_milli or 0,
            x.amount or 0,
            str(words.CONDITIONS[x.condition]) if x.quantity_milli and x.condition in CONDITIONS[1:] else "",
        )
        for x in rehearsed.lines
    )


def _names(order: Order) -> list[str]:
    found = rooms.brand.product_names(sorted({line.sku_id for line in order.state.lines}))
    return [found[line.sku_id][1] or found[line.sku_id][0] for line in order.state.lines]


def page(
    actor: Actor,
    order: Order,
    values: Values,
    *,
    errors: Mapping[str, str] | None = None,
    told: Will | None = None,
    notice: str = "",
    done: str = "",
) -> RefundContext:
    text = {name: (given[-1] if given else "") for name, given in values.items()}
    state, sale, errors = order.state, order.sale, errors or {}
    names, way = _names(order), text.get("way", "whole")
    left = state.total - state.returned
    own = reverse("console:refund", args=[sale.fact_id])
    labels = (_("整单退"), _("退其中几件"), _("只退钱，不退货"))
    codes = rooms.brand.product_names(sorted({line.sku_id for line in state.lines}))
    return RefundContext(
        order_key=state.order_key,
        url=own,
        preview_url=reverse("console:refund-preview", args=[sale.fact_id]),
        chain_url=reverse("console:sale", args=[sale.fact_id]),
        store=sale.store,
        at=state.occurred_at,
        sentence=_sentence(state, left),
        rows=tuple(
            LineRow(
                n,
                names[n],
                codes[x.sku_id][0],
                x.quantity_milli,
                x.amount,
                x.left_milli,
                x.left,
                text.get(f"q-{n}", ""),
                text.get(f"a-{n}", ""),
                _conditions(text.get(f"c-{n}", "")),
                errors.get(f"line-{n}", ""),
            )
            for n, x in enumerate(state.lines)
        ),
        left=left,
        way=way,
        ways=tuple((value, label, value == way) for value, label in zip(WAYS, labels, strict=True)),
        conditions=_conditions(text.get("condition", "")),
        amount=text.get("amount", ""),
        reason=text.get("reason", "")[:REASON_LENGTH],
        key=text.get("key") or secrets.token_hex(12),
        errors=errors,
        alone=alone_of(actor),
        waiting=tuple(w.amount for w in rooms.tills.waiting_refunds() if w.sale_id == state.sale_id),
        will=told,
        notice=notice,
        done=done,
    )


def alone_of(actor: Actor) -> str:
    """How much the actor may give back of one order alone; '' for any amount."""
    most = rooms.tills.refund_alone_upto(actor)
    return "" if most is None else numbers.exact(most)


def _sentence(state: OrderState, left: int) -> SafeString:
    if not any(x.left > 0 or x.left_milli > 0 for x in state.lines):
        return format_html("{}", _("这一单已经全退了，没有可退的。"))
    if not state.returned:
        return format_html(_("这一单卖了 {total}，还没有退过。"), total=bold(numbers.exact(state.total)))
    return format_html(
        _("这一单卖了 {total}，退过 {returned}，还能退 {left}。"),
        total=numbers.exact(state.total),
        returned=numbers.exact(state.returned),
        left=bold(numbers.exact(left)),
    )


def said_of(amount: int) -> str:
    return _("已退 {amount}。").format(amount=f"¥{yuan(amount)}")
