"""Commands of tills: what they say, as items of the river; what became of it, as outcomes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from msgspec import structs

from huoshui.brand import api as brand
from huoshui.core import clock, money, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED, Source
from huoshui.core.gather import Gathers
from huoshui.core.unmet import sentence
from huoshui.intake.river import api as river
from huoshui.intake.river.api import Item, Line, Order, Verdict
from huoshui.intake.tills import claims, elsewhere, platforms, reads, refunds, rules, saying, serving
from huoshui.intake.tills.claims import ReceiptClaim
from huoshui.intake.tills.types import Exchange, Outcome, Refund, Refusal, Sale, Till

Q = sql.load("huoshui.intake.tills")


def sell(till: Till, sales: Sequence[Sale]) -> list[Outcome]:
    _speaks_for(till, [sale.store_code for sale in sales])
    refused = _wrong(till, sales)
    asked = [sale for place, sale in enumerate(sales) if place not in refused]
    outcomes = iter(
        _carry_out(till, lambda source: _items(asked, till, source), orders=[s.order_key for s in asked])
    )
    return [
        Outcome(sale.key, "refused", order_key=sale.order_key, refusals=refused[place])
        if place in refused
        else next(outcomes)
        for place, sale in enumerate(sales)
    ]


def sell_one(till: Till, sale: Sale) -> Outcome:
    """A till's own sale. Those of one source that wait in this process go together in one transaction."""
    _speaks_for(till, [sale.store_code])
    whole = Till(till.source_id, till.name)  # what each may speak for has been seen
    return _together.ask(whole, sale)


_together: Gathers[Till, Sale, Outcome] = Gathers(sell)


def refund(till: Till, commands: Sequence[Refund], *, by: Actor | None = None) -> list[Outcome]:
    """`by` is who acts where that is not the till itself: a member of staff at the desk, whose doing leaves a trace."""

    def make(source: Source) -> Sequence[Item | Outcome]:
        return [refunds.item(till, source, command) for command in commands]

    _speaks_for(till, [command.store_code for command in commands if command.store_code])
    nowhere = {command.key: "" for command in commands if not command.lines}
    orders = [command.order_key for command in commands]
    outcomes = _carry_out(till, make, orders=orders, by=by, lines_at=nowhere)
    if by is not None:
        refunds.trace(by, commands, outcomes)
    return outcomes


def refund_of_other(till: Till, command: Refund) -> Outcome:
    """Of an order that another till may have sold, at the store `sold_at`; who asked for it leaves a trace."""
    _speaks_for(till, [command.store_code] if command.store_code else [])
    try:
        seller, told = elsewhere.of_other_till(till, command)
    except refunds.Wrong as wrong:
        return Outcome(command.key, "refused", order_key=command.order_key, refusals=(wrong.refusal,))
    (outcome,) = refund(seller, [told], by=Actor("source", till.source_id, till.name))
    return structs.replace(outcome, key=command.key)


def exchange(till: Till, command: Exchange) -> list[Outcome]:
    """Both or neither: two items of one bundle."""
    _speaks_for(till, [command.sale.store_code])
    body, before = saying.of_exchange(command), command.sale.body or None
    back = Refund(
        key=f"{command.key} back",
        order_key=command.order_key,
        at=command.at,
        lines=command.returned,
        body=body,
    )
    sale = replace(command.sale, key=f"{command.key} out", is_offline=False, body=body)
    if why := _wrong(till, [sale]).get(0):
        why = tuple(replace(one, pointer=f"/sale{one.pointer}") for one in why)
        return [Outcome(one.key, "refused", order_key=one.order_key, refusals=why) for one in (back, sale)]

    def make(source: Source) -> Sequence[Item | Outcome]:
        given_back = refunds.item(till, source, back, status="exchange")
        if isinstance(given_back, Outcome):
            given_back = structs.replace(given_back, refusals=tuple(map(_of_returned, given_back.refusals)))
            return [given_back, structs.replace(given_back, key=sale.key, order_key=sale.order_key)]
        (given,) = _items([sale], till, source)
        if given_back.body_before is not None:
            given_back = structs.replace(given_back, body_before=before)
        return [
            structs.replace(given_back, bundle=command.key),
            structs.replace(given, bundle=command.key, body_before=before),
        ]

    lines_at = {back.key: "/returned", sale.key: "/sale/lines"}
    return _carry_out(till, make, orders=[command.order_key, sale.order_key], lines_at=lines_at)


def _of_returned(why: Refusal) -> Refusal:
    """An exchange names by `returned` what a refund calls its lines."""
    return replace(why, pointer=why.pointer.replace("/lines", "/returned", 1))


def void(till: Till, *, key: str, order_key: str, at: datetime) -> Outcome:
    command = Refund(key=key, order_key=order_key, at=at, body={"void": order_key, "at": at.isoformat()})

    def make(source: Source) -> Sequence[Item | Outcome]:
        return [refunds.item(till, source, command, status=refunds.VOID, is_void=True)]

    (outcome,) = _carry_out(till, make, orders=[order_key])
    return outcome


def claim_receipt(till: Till, claim: ReceiptClaim) -> Outcome:
    """Give a sale of nobody to the customer who holds its receipt."""

    def make(source: Source) -> Sequence[Item | Outcome]:
        return [claims.item(till, source, claim)]

    (outcome,) = _carry_out(till, make, orders=[claim.order_key])
    return outcome


def _carry_out(
    till: Till,
    make: Callable[[Source], Sequence[Item | Outcome]],
    *,
    orders: Sequence[str],
    by: Actor | None = None,
    lines_at: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Run as one command of the river. What `make` answers itself, as an outcome, is not put to it. `lines_at` tells, by
    key, where the lines of an item stand in the request, if not at /lines."""
    source = facts.source_of(till.source_id)
    actor = by or Actor("source", till.source_id, till.name)
    answers = river.command(partial(make, source), orders=orders, source=source, actor=actor)
    had = [a for a in answers if isinstance(a, tuple) and a[1].fact_id]
    told = {v.fact_id: i.order.coupons if i.order else () for i, v in had if v.fact_id and v.state in _FRESH}
    seen = reads.outcomes({v.fact_id: v.client_key for _, v in had if v.fact_id}, told)
    if repeated := sum(isinstance(a, tuple) and a[1].state == "known" for a in answers):
        # Committed by itself, when the answer stands: who only tells again shares no lock with who sells
        sql.run(Q.count_repeated, source_id=source.id, times=repeated, at=clock.now())
    return [a if isinstance(a, Outcome) else _outcome(*a, seen, lines_at or {}) for a in answers]


_FRESH = frozenset({"settled", "waiting"})


def _outcome(item: Item, verdict: Verdict, seen: dict[int, Outcome], lines_at: Mapping[str, str]) -> Outcome:
    order_key = item.order.order_key if item.order else ""
    if verdict.state == "refused":
        why = refunds.refusals(verdict.unmet, lines_at=lines_at.get(verdict.lacked_by, "/lines"))
        return Outcome(item.client_key, "refused", order_key=order_key, refusals=why)
    if verdict.state == "key_reused":
        reused = Refusal("key_reused", "这个请求编号已经用在另一个内容上了。", {"fact_id": verdict.fact_id})
        return Outcome(item.client_key, "refused", verdict.fact_id, order_key, refusals=(reused,))
    assert verdict.fact_id is not None
    outcome, is_repeat = seen[verdict.fact_id], verdict.state == "known"
    return structs.replace(outcome, is_repeat=True) if is_repeat else outcome


def _speaks_for(till: Till, store_codes: Sequence[str]) -> None:
    """A store of somebody else looks like one that does not exist."""
    if till.store_codes and not set(store_codes) <= till.store_codes:
        raise NotFound


def _wrong(till: Till, sales: Sequence[Sale]) -> dict[int, tuple[Refusal, ...]]:
    """Which, by their place, are refused before they enter the river, and why."""
    known = brand.find_units(sorted({sale.store_code for sale in sales}))
    now = clock.now().astimezone(clock.brand_zone())
    told = {p: rules.not_now(sale.at, now) for p, sale in enumerate(sales) if not sale.is_offline}
    stale = {p: why for p, why in told.items() if why}
    if stale:
        # One that was had in its time is answered alike however late it is told again
        taken = facts.taken_keys(facts.source_of(till.source_id), [sales[p].key for p in stale])
        stale = {p: why for p, why in stale.items() if sales[p].key not in taken}
    found = {p: _wrong_in(sale, known, stale.get(p)) for p, sale in enumerate(sales)}
    return {p: why for p, why in found.items() if why}


def _wrong_in(sale: Sale, known: dict[str, int], stale: rules.Doubt | None) -> tuple[Refusal, ...]:
    """A report is taken as it is, its doubts beside it."""
    if sale.is_offline and sale.lines:
        return ()
    found = list(rules.doubts(sale))
    if stale:
        found.insert(0, (*stale, "/at"))
    if sale.store_code not in known:
        found.append(("store_unknown", {"store": sale.store_code}, "/store"))
    return tuple(Refusal(code, sentence(code, detail), detail, at) for code, detail, at in found)


def _items(sales: Sequence[Sale], till: Till, source: Source) -> list[Item]:
    """Called with the orders locked, as the vouchers they verify are from here on."""
    facts.lock_vouchers([(v.source, v.code) for sale in sales for v in sale.vouchers])
    known = serving.who_served(sales)
    known_platforms = platforms.known_to(sales)
    again = {} if till.revises else _told_again(sales, source)
    return [
        _item(sale, known, (*again.get(place, ()), *platforms.doubts(sale, known_platforms)))
        for place, sale in enumerate(sales)
    ]


def _told_again(sales: Sequence[Sale], source: Source) -> dict[int, tuple[rules.Doubt]]:
    """Reports, by their place, of a number that was reported before with other content. A till whose counter began anew must
    not lose a sale without anybody seeing it."""
    asked = [(place, sale) for place, sale in enumerate(sales) if sale.is_offline]
    if not asked:
        return {}
    rows = sql.fetch(
        Q.told_orders,
        source_id=source.id,
        order_keys=[sale.order_key for _, sale in asked],
        keys=[sale.key for _, sale in asked],
    )
    found: dict[int, tuple[rules.Doubt]] = {}
    for row in rows:
        place, sale = asked[row.place - 1]
        amount = sum(x.amount for x in sale.lines)
        if (amount, len(sale.lines)) != (row.amount, row.line_count):
            detail = {
                "order": sale.order_key,
                "before": money.plain(row.amount),
                "amount": money.plain(amount),
            }
            found[place] = (("order_told_again", detail),)
    return found


def _item(sale: Sale, staff: Mapping[str, int], doubts: tuple[rules.Doubt, ...]) -> Item:
    staff_id, unknown = serving.staff_of(sale, staff)
    lines = [
        Line(
            sku_code=x.sku_code,
            quantity_milli=x.quantity_milli,
            amount=x.amount,
            discount=x.discount,
            coupon_discount=x.coupon_discount,
            # A line that the till does not name goes by its place, so that two of one product are told apart
            line_key=x.line_key or str(number),
            name=x.name,
        )
        for number, x in enumerate(sale.lines, 1)
    ]
    order = Order(
        order_key=sale.order_key,
        store_code=sale.store_code,
        lines=tuple(lines),
        channel=sale.channel,
        tenders=tuple([rules.named(t) for t in sale.tenders]),
        coupons=sale.coupons,
        vouchers=tuple(dict.fromkeys(sale.vouchers)) if sale.vouchers else (),
        staff_id=staff_id,
    )
    return Item(
        ORDER_COMPLETED,
        sale.key,
        sale.at,
        sale.identifiers,
        order=order,
        is_ask=not sale.is_offline,
        doubts=(*(_told_beside(sale) if sale.is_offline else ()), *doubts, *unknown),
        body=saying.of_sale(sale),
        body_before=sale.body or None,
    )


def _told_beside(sale: Sale) -> tuple[rules.Doubt, ...]:
    return tuple((code, detail) for code, detail, _ in rules.doubts(sale)) + sale.doubts
