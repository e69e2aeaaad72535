"""A refund as a till asks for it, turned into the lines that come back: to the cent by what was recorded at the sale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction
from msgspec import structs

from huoshui.brand import api as brand
from huoshui.core import audit, clock, money, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_REFUNDED, Source
from huoshui.core.unmet import Unmet, sentence
from huoshui.intake.river.api import Condition, Item, Line, Order, Tender, Voucher
from huoshui.intake.tills import rules, saying
from huoshui.intake.tills.types import Outcome, Refund, RefundLine, Refusal, Till
from huoshui.trade.sales import api as sales
from huoshui.trade.sales.api import Back, LineLeft, OrderState

Q = sql.load("huoshui.intake.tills")
TRACE = "refund.made"
VOID = "void"


class Wrong(Exception):
    """A refund that cannot be understood: code, detail and JSON pointer."""

    def __init__(self, code: str, detail: dict[str, Any] | None = None, pointer: str = "") -> None:
        self.refusal = Refusal(code, sentence(code, detail), detail or {}, pointer)


def item(
    till: Till, source: Source, command: Refund, *, status: str = "refunded", is_void: bool = False
) -> Item | Outcome:
    """The item of the river, or the outcome where there is nothing to take in. Called with the order locked."""
    state = sales.order_state(source.id, command.order_key)
    if state is not None:
        may_touch(till, state)
    taken = facts.taken_keys(source, [command.key])
    if command.key in taken:
        return _told_again(command, till, taken[command.key])
    try:
        now = clock.now().astimezone(clock.brand_zone())
        if not command.is_offline and (stale := rules.not_now(command.at, now)):
            raise Wrong(*stale, "/at")
        if state is None:
            return _before_its_sale(command, till)
        if is_void and (state.returned or clock.business_day(now) != clock.business_day(state.occurred_at)):
            raise Wrong("void_too_late")
        early = rules.before_its_sale(command.at, state.occurred_at, now)
        if early and not command.is_offline:
            raise Wrong(*early, "/at")
        return _taken_in(command, state, status, [early] if early else [])
    except Wrong as wrong:
        return Outcome(command.key, "refused", order_key=command.order_key, refusals=(wrong.refusal,))


def trace(by: Actor, commands: Sequence[Refund], outcomes: Sequence[Outcome]) -> None:
    """Who gave the money back, and why: once for each refund. It holds both itself, as its actor and its body; were the
    trace lost on the way, the same again would leave it."""
    with transaction.atomic():
        for command, outcome in zip(commands, outcomes, strict=True):
            if outcome.fact_id is None or outcome.state == "refused":
                continue
            if outcome.is_repeat and sql.fetch_one(Q.traced, fact_id=outcome.fact_id) is not None:
                continue
            audit.record(
                by,
                TRACE,
                "fact",
                outcome.fact_id,
                order_key=command.order_key,
                amount=-outcome.amount,
                reason=command.body.get("reason", ""),
                by=by.name,
            )


def refusals(unmet: Sequence[Unmet], *, lines_at: str = "/lines") -> tuple[Refusal, ...]:
    """What an ask lacked, each with the line of the request it is about; `lines_at` is where those stand, if anywhere."""
    return tuple(
        Refusal(
            u.code,
            sentence(u.code, u.detail),
            dict(u.detail),
            f"{lines_at}/{u.line_no - 1}" if u.line_no and lines_at else "",
        )
        for u in unmet
    )


def _told_again(command: Refund, till: Till, fact_id: int) -> Item:
    """Its lines are known already; only whether the request says the same is still to be seen."""
    of = sql.fetch_one(Q.told_of, fact_id=fact_id)
    before = None
    if of is not None:
        _may_speak_for(till, of.org_unit_id)
        if of.order_key == command.order_key:
            # An earlier version left out which order it was, and took the same words of another one for the same
            before = _body(command)
    body = saying.of_refund(_body(command), command.order_key)
    return Item(ORDER_REFUNDED, command.key, command.at, body=body, body_before=before)


def _body(command: Refund) -> dict[str, Any]:
    return command.body or {"at": command.at.isoformat(), "refund": repr(command)}


def may_touch(till: Till, state: OrderState) -> None:
    _may_speak_for(till, state.org_unit_id)


def _may_speak_for(till: Till, org_unit_id: int | None) -> None:
    if till.store_codes and org_unit_id is not None:
        code = brand.unit_codes([org_unit_id]).get(org_unit_id)
        if code not in till.store_codes:
            raise NotFound


def _before_its_sale(command: Refund, till: Till) -> Item:
    """A report of goods back whose order is still on its way waits for it. Where it names lines, it must say itself what they
    are; so much money, or all there is, is worked out when the order has come. Where to, it may say; else a till of one store
    knows."""
    if not command.is_offline:
        raise Wrong("order_unknown")
    if any(not x.sku_code or x.quantity_milli is None or x.amount is None for x in command.lines):
        raise Wrong("refund_needs_lines", pointer="/lines")
    lines = tuple(
        Line(
            sku_code=x.sku_code,
            quantity_milli=-(x.quantity_milli or 0),
            amount=-(x.amount or 0),
            line_key=x.line_key or (str(x.line_no) if x.line_no else None),
            condition=x.condition or command.condition,
        )
        for x in command.lines
    )
    here = next(iter(till.store_codes)) if len(till.store_codes) == 1 else ""
    status = sales.early(has_lines=bool(lines), amount=command.amount, condition=command.condition)
    return _as_item(command, lines, store_code=command.store_code or here, status=status, tenders=())


Backs = list[tuple[Back, Condition]]
SELLABLE: Condition = "sellable"


def _backs(command: Refund, state: OrderState) -> Backs:
    if command.lines:
        return _merged(
            (_of_line(command.lines, place, state), line.condition or command.condition)
            for place, line in enumerate(command.lines)
        )
    if command.amount is not None:
        return [(back, "sellable") for back in sales.take_amount(state.lines, command.amount)]
    return [(back, command.condition) for back in sales.take_whole(state.lines)]


def _of_something(backs: Backs) -> Backs:
    return [(back, condition) for back, condition in backs if back.amount or back.quantity_milli]


def _is_new(command: Refund, state: OrderState) -> None:
    """A report may tell again of a refund of its number, and takes its place; to ask is to hand out money once more."""
    if len(state.fact_ids) < 2:
        return
    number = command.refund_key or command.key
    told = sql.fetch_one(Q.refund_of_number, fact_ids=list(state.fact_ids), refund_key=number, at=command.at)
    if told is not None:
        detail = {"refund": number, "amount": money.plain(-told.amount)}
        raise Wrong("refund_exists", detail, "/refund_key")


def _taken_in(command: Refund, state: OrderState, status: str, odd: Sequence[rules.Doubt]) -> Item:
    if not command.is_offline:
        _is_new(command, state)
        if command.store_code and not brand.find_units([command.store_code]):
            raise Wrong("store_unknown", {"store": command.store_code}, "/store")
    known, lost = _matched(command, state)
    backs = _with_money(_backs(known, state) if known.lines or not lost else [], lost, state)
    found = _of_something(backs)
    if not found and not command.is_offline:
        raise Wrong("refund_nothing")
    made = _item(command, state, backs if lost else found, status)
    nothing: list[rules.Doubt] = [] if found or lost else [("refund_nothing", {})]
    doubts = (*command.doubts, *odd, *nothing, *((w.refusal.code, w.refusal.detail) for w, _ in lost))
    return structs.replace(made, doubts=doubts) if doubts else made


def _matched(command: Refund, state: OrderState) -> tuple[Refund, list[tuple[Wrong, int]]]:
    """A report without the lines that its order does not have, and those with their money: it has happened all the same."""
    if not command.is_offline:
        return command, []
    lost = [x for x in command.lines if _find(x, state) is None]
    if not lost:
        return command, []
    doubts = [(Wrong("refund_line_unmatched", {"line": _named(x)}), x.amount or 0) for x in lost]
    return replace(command, lines=tuple(x for x in command.lines if x not in lost)), doubts


def _with_money(backs: Backs, doubts: Sequence[tuple[Wrong, int]], state: OrderState) -> Backs:
    """And what was paid for lines that nobody knows, as money of the whole order: it has left the till."""
    amount = sum(paid for _, paid in doubts)
    if not amount:
        return backs
    gone = Counter[str]()
    for back, _ in backs:
        gone[back.line.key] += back.amount
    left = [x._replace(returned=x.returned + gone[x.key]) for x in state.lines]
    more = [(back, SELLABLE) for back in sales.take_amount(left, amount)]
    return _merged([*backs, *more])


def _named(one: RefundLine) -> str:
    return str(one.line_key or one.line_no or one.sku_code)


def _merged(backs: Iterable[tuple[Back, Condition]]) -> Backs:
    """One row a line and condition, though a request may name a line twice."""
    found: dict[tuple[str, Condition], Back] = {}
    for back, condition in backs:
        place = back.line.key, condition
        before = found.get(place)
        if before is not None:
            back = Back(back.line, before.quantity_milli + back.quantity_milli, before.amount + back.amount)
        found[place] = back
    return [(back, condition) for (_, condition), back in found.items()]


def _of_line(asked: Sequence[RefundLine], place: int, state: OrderState) -> Back:
    one = asked[place]
    line = _find(one, state)
    if line is None:
        raise Wrong("refund_line_unknown", {"line": _named(one)}, f"/lines/{place}")
    # What this request takes of the line further up counts as taken
    for earlier in asked[:place]:
        if _find(earlier, state) is line:
            back = _take(earlier, line)
            line = line._replace(
                returned_milli=line.returned_milli + back.quantity_milli, returned=line.returned + back.amount
            )
    return _take(one, line)


def _find(one: RefundLine, state: OrderState) -> LineLeft | None:
    if one.line_key is not None:
        return next((x for x in state.lines if x.line_key == one.line_key), None)
    if one.line_no is not None:
        return next((x for x in state.lines if x.line_no == one.line_no), None)
    return None


def _take(one: RefundLine, line: LineLeft) -> Back:
    if one.quantity_milli is None and one.amount is None:
        return sales.take_line(line)
    if one.quantity_milli is None:
        return Back(line, 0, one.amount or 0)
    back = sales.take_quantity(line, one.quantity_milli)
    return back if one.amount is None else back._replace(amount=one.amount)


def _item(command: Refund, state: OrderState, backs: Backs, status: str) -> Item:
    codes = brand.product_names(sorted({b.line.sku_id for b, _ in backs}))
    lines = tuple(
        Line(
            sku_code=codes[b.line.sku_id][0],
            quantity_milli=-b.quantity_milli,
            amount=-b.amount,
            line_key=b.line.line_key,
            condition=condition,
        )
        for b, condition in backs
    )
    sold_at = brand.unit_codes([state.org_unit_id])[state.org_unit_id] if state.org_unit_id else ""
    store = command.store_code or sold_at
    tenders = _tenders(state, sum(b.amount for b, _ in backs))
    made = _as_item(command, lines, store_code=store, status=status, tenders=tenders, channel=state.channel)
    if status != VOID or made.order is None:
        return made
    # As if it had never been: what it verified may be verified again
    vouchers = vouchers_of(state)
    facts.lock_vouchers([(v.source, v.code) for v in vouchers])
    return structs.replace(made, order=structs.replace(made.order, vouchers=vouchers))


def vouchers_of(state: OrderState) -> tuple[Voucher, ...]:
    """What the order verified."""
    told = facts.vouchers_of(state.fact_ids)
    return tuple(dict.fromkeys(Voucher(v.source, v.code) for v in told))


def _tenders(state: OrderState, amount: int) -> tuple[Tender, ...]:
    """Each way of paying gives back its share."""
    back = sales.tenders_back(facts.tenders_of(state.fact_ids), state.lines, amount)
    return tuple(Tender(t.kind, t.amount, t.points) for t in back)


def _as_item(
    command: Refund,
    lines: tuple[Line, ...],
    *,
    store_code: str,
    status: str,
    tenders: tuple[Tender, ...],
    channel: str = "",
) -> Item:
    order = Order(
        order_key=command.refund_key or command.key,
        store_code=store_code,
        lines=lines,
        parent_key=command.order_key,
        channel=channel,
        status=status,
        tenders=tenders,
    )
    return Item(
        ORDER_REFUNDED,
        command.key,
        command.at,
        order=order,
        is_ask=not command.is_offline,
        body=saying.of_refund(_body(command), command.order_key),
    )
