"""What the facts of a batch do to coupons. Pure: decided over what was read under lock.

An order as it stands now says which coupons it uses. What it has used and still does is kept, and its consequences brought
to what they should be; what it no longer uses, or the whole order when it is taken back, is given back; the rest is redeemed
now. So a fact settled twice changes nothing, and it does not matter in which pieces an order came.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from huoshui.core import money
from huoshui.core.ledger.types import BUDGET, ISSUER, PAYABLE, SPENT, IfShort, Movement, Party
from huoshui.core.unmet import Unmet
from huoshui.engage.campaigns import codes, giving, rules
from huoshui.engage.campaigns.types import WHOLE, Applied, Basket, Held, OnRefund


class Line(NamedTuple):
    fact_id: int
    line_no: int
    key: str
    sku_id: int
    quantity_milli: int
    amount: int
    coupon_discount: int
    refunded: int
    refunded_milli: int


class Use(NamedTuple):
    fact_id: int
    code: str
    amount: int


class Part(NamedTuple):
    line_no: int
    key: str
    amount: int


@dataclass(frozen=True)
class Redemption:
    """`budget` and `payable` are what the books say of it now."""

    order_id: int
    fact_id: int
    coupon_id: int
    template_id: int
    amount: int
    brand_permille: int
    payee_kind: str
    payee_id: int
    budget: int
    payable: int
    person_id: int | None
    parts: tuple[Part, ...] = ()
    org_unit_id: int | None = None
    at: datetime | None = None
    taken_back_by: int | None = None


@dataclass(frozen=True)
class Order:
    """An order as the facts up to this one make it, and the basket it was when this fact tells of a sale."""

    order_id: int
    fact_id: int
    is_ask: bool
    basket: Basket
    org_unit_id: int | None
    sold: Sequence[Line]
    returned: Sequence[Line]
    uses: Sequence[Use]
    live: Sequence[Redemption]
    gone: frozenset[int] = frozenset()
    """Coupons it used once and was given back."""
    payee: tuple[str, int] = ("", 0)

    @property
    def is_taken_back(self) -> bool:
        """All its money given back; of an order that cost nothing, all its goods."""
        amount = sum(line.amount for line in self.sold)
        if amount > 0 or not self.sold:
            return sum(_back(self).values()) >= amount
        pieces = sum(line.quantity_milli for line in self.sold)
        return 0 < pieces <= sum(_back_milli(self).values())


@dataclass
class Coupon:
    """A coupon under lock, as the batch has changed it so far."""

    held: Held
    state: str
    is_shared: bool
    uses: int
    used: int
    person_id: int | None
    valid_until: datetime
    order_id: int | None
    is_changed: bool = False


@dataclass
class Outcome:
    movements: list[Movement] = field(default_factory=list)
    unmet: list[Unmet] = field(default_factory=list)
    redeemed: list[Redemption] = field(default_factory=list)
    changed: list[Redemption] = field(default_factory=list)
    resplit: list[Redemption] = field(default_factory=list)
    tally: Counter[int] = field(default_factory=Counter)
    given: Counter[int] = field(default_factory=Counter)
    taken: Counter[tuple[int, int]] = field(default_factory=Counter)


def _back(order: Order) -> Counter[str]:
    """Money given back, by line."""
    out = Counter({line.key: 0 for line in order.sold})
    for line in order.sold:
        out[line.key] += line.refunded
    for line in order.returned:
        out[line.key] -= line.amount
    return out


def _back_milli(order: Order) -> Counter[str]:
    out: Counter[str] = Counter()
    for line in order.sold:
        out[line.key] += line.refunded_milli
    for line in order.returned:
        out[line.key] -= line.quantity_milli
    return out


def remaining(order: Order, parts: Sequence[Part]) -> int:
    """What of a coupon's discount stays given, by the split recorded: goods returned take their share of it along;
    where only money came back, by the money."""
    sold, sold_milli, bore = Counter[str](), Counter[str](), Counter[str]()
    for line in order.sold:
        sold[line.key] += line.amount
        sold_milli[line.key] += line.quantity_milli
    for part in parts:
        bore[part.key] += part.amount
    back, back_milli = _back(order), _back_milli(order)
    gone = 0
    for key, amount in bore.items():
        if back_milli[key] > 0 and sold_milli[key] > 0:
            gone += giving.taken(amount, back_milli[key], sold_milli[key])
        else:
            gone += giving.taken(amount, max(back[key], 0), sold[key])
    return sum(bore.values()) - gone


class Redeeming:
    """The orders of a batch one after another, so that the second sees what the first did to a coupon."""

    def __init__(self, coupons: Mapping[str, Coupon], taken: Mapping[tuple[int, int], int]) -> None:
        self._by_key = coupons
        self._by_id = {c.held.coupon_id: c for c in coupons.values()}
        self._taken = Counter(dict(taken))
        self.out = Outcome()

    def take(self, order: Order) -> None:
        problems = len(self.out.unmet)
        told = {} if order.is_taken_back else self._told(order)
        live = {codes.key(self._by_id[r.coupon_id].held.code): r for r in order.live}
        for key, redemption in live.items():
            if key not in told:
                self._give_back(order, redemption)
        fresh = {key: use for key, use in told.items() if key not in live and self._is_news(order, key, use)}
        splits = _splits(order, told, self._given_by_rule(order, fresh))
        if order.is_ask and len(self.out.unmet) > problems:
            return  # it will be undone, so it must not take a coupon from those after it
        for key in [key for key in told if key in live]:
            self._keep(order, live[key], told[key], splits[key])
        for key, use in fresh.items():
            self._redeem(order, use, self._by_key.get(key), splits[key])

    def _told(self, order: Order) -> dict[str, Use]:
        """By key. A code counts once in an order."""
        out: dict[str, Use] = {}
        for use in order.uses:
            first = out.setdefault(codes.key(use.code), use)
            if first is not use and first.fact_id == use.fact_id == order.fact_id:
                self.out.unmet.append(Unmet(order.fact_id, "coupon_used", {"code": use.code}))
        return out

    def _is_news(self, order: Order, key: str, use: Use) -> bool:
        """Told just now; or the order had given it back, and stands again. What could not be had then is not tried again."""
        coupon = self._by_key.get(key)
        return use.fact_id == order.fact_id or (coupon is not None and coupon.held.coupon_id in order.gone)

    # ── an ask must give exactly what the rules give ──

    def _given_by_rule(self, order: Order, fresh: Mapping[str, Use]) -> dict[str, Applied]:
        """Of an ask: what each coupon gives by its rule; why one gives nothing, or something else, is unmet."""
        if not order.is_ask or not fresh:
            return {}
        held = [self._seen(order, use, self._by_key.get(key)) for key, use in fresh.items()]
        found = rules.combined(order.basket, held)
        for n in found.not_usable:
            self.out.unmet.append(Unmet(order.fact_id, n.reason, dict(n.detail)))
        by_key = {codes.key(a.held.code): a for a in found.applied}
        for key, a in by_key.items():
            if a.amount != (told := fresh[key].amount):
                detail = {
                    "code": a.held.code,
                    "title": a.held.title,
                    "right": money.plain(a.amount),
                    "told": money.plain(told),
                    "right_amount": a.amount,
                    "told_amount": told,
                }
                self.out.unmet.append(Unmet(order.fact_id, "coupon_amount_differs", detail))
        return by_key

    def _seen(self, order: Order, use: Use, coupon: Coupon | None) -> Held:
        """The coupon as this order meets it."""
        if coupon is None:
            return Held(use.code, None, problem="coupon_unknown")
        if coupon.held.problem in ("coupon_void",):
            return coupon.held
        if coupon.used >= coupon.uses and coupon.order_id != order.order_id:
            return replace(coupon.held, problem="coupon_used")
        if coupon.held.owner_id is None and order.basket.person_id is not None:
            taken = self._taken[coupon.held.template_id, order.basket.person_id]
            rule = coupon.held.rule
            if rule and rule.per_person is not None and taken >= rule.per_person:
                detail = {"per_person": rule.per_person}
                return replace(coupon.held, problem="coupon_per_person", detail=detail)
        return coupon.held if coupon.held.problem != "coupon_used" else replace(coupon.held, problem="")

    # ── coupons ──

    def _redeem(self, order: Order, use: Use, coupon: Coupon | None, parts: tuple[Part, ...]) -> None:
        seen = self._seen(order, use, coupon)
        if not order.is_ask and (why := rules.standing(order.basket, seen)):
            self.out.unmet.append(Unmet(order.fact_id, why[0], dict(why[1])))
        if coupon is None or seen.problem in ("coupon_void", "coupon_used"):
            return
        assert seen.rule is not None
        counted = seen.owner_id is None and seen.rule.per_person is not None
        person_id = order.basket.person_id if counted else None
        coupon.used += 1
        coupon.is_changed = True
        if not coupon.is_shared:
            coupon.state, coupon.order_id = "redeemed", order.order_id
            if coupon.person_id is None and order.basket.person_id is not None:
                coupon.person_id = order.basket.person_id
                coupon.held = replace(coupon.held, owner_id=order.basket.person_id)
        coupon.used = min(coupon.used, coupon.uses)
        if person_id is not None:
            self._count(seen.template_id, person_id, 1)
        redemption = Redemption(
            order_id=order.order_id,
            fact_id=order.fact_id,
            coupon_id=seen.coupon_id,
            template_id=seen.template_id,
            amount=max(use.amount, 0),
            brand_permille=seen.rule.brand_permille,
            payee_kind=order.payee[0],
            payee_id=order.payee[1],
            budget=0,
            payable=0,
            person_id=person_id if coupon.is_shared else None,
            parts=parts,
            org_unit_id=order.org_unit_id,
            at=order.basket.at,
        )
        self.out.redeemed.append(self._book(order, redemption, is_over=False))
        self._add_up(redemption.template_id, 1, redemption.amount)

    def _keep(self, order: Order, was: Redemption, use: Use, parts: tuple[Part, ...]) -> None:
        """Used before and still: the order may have told a new amount, or given some of its goods back."""
        now = was
        if use.fact_id == order.fact_id and (use.amount, parts) != (was.amount, was.parts):
            now = replace(was, amount=max(use.amount, 0), parts=parts)
            self.out.resplit.append(now)
            self._add_up(was.template_id, 0, now.amount - was.amount)
        booked = self._book(order, now, is_over=False)
        if booked != was:
            self.out.changed.append(booked)

    def _give_back(self, order: Order, was: Redemption) -> None:
        coupon = self._by_id[was.coupon_id]
        rule = coupon.held.rule
        assert rule is not None
        at = order.basket.at
        is_back = rule.on_refund is OnRefund.GIVE_BACK or (
            rule.on_refund is OnRefund.GIVE_BACK_IF_VALID and coupon.valid_until > at
        )
        if is_back:
            coupon.used = max(coupon.used - 1, 0)
            coupon.is_changed = True
            if not coupon.is_shared:
                coupon.state, coupon.order_id = "issued", None
                if rule.extend_days:
                    coupon.valid_until = max(coupon.valid_until, _end_of_day(at, rule.extend_days))
                    coupon.held = replace(coupon.held, valid_until=coupon.valid_until)
            if was.person_id is not None:
                self._count(was.template_id, was.person_id, -1)
        over = self._book(order, replace(was, taken_back_by=order.fact_id, at=at), is_over=True)
        self.out.changed.append(over)
        self._add_up(was.template_id, -1, -was.amount)

    def _count(self, template_id: int, person_id: int, by: int) -> None:
        self._taken[template_id, person_id] += by
        self.out.taken[template_id, person_id] += by

    def _add_up(self, template_id: int, count: int, amount: int) -> None:
        self.out.tally[template_id] += count
        self.out.given[template_id] += amount

    # ── money ──

    def _book(self, order: Order, r: Redemption, *, is_over: bool) -> Redemption:
        """Bring budget and payable of a redemption to what they should be."""
        rule = self._by_id[r.coupon_id].held.rule
        has_budget = rule is not None and rule.has_budget
        budget = r.amount if has_budget and not is_over else 0
        left = 0 if is_over else remaining(order, r.parts)
        payable = left * r.brand_permille // WHOLE if r.payee_kind else 0
        self.out.movements += _budget_moves(order, r.template_id, budget - r.budget)
        self.out.movements += _payable_moves(order, Party(r.payee_kind, r.payee_id), payable - r.payable)
        return replace(r, budget=budget, payable=payable)


def _end_of_day(at: datetime, days: int) -> datetime:
    """Of the day so many days after this one; `at` is in the brand's zone."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1)


def _budget_moves(order: Order, template_id: int, more: int) -> Iterator[Movement]:
    purse = Party("template", template_id)
    if more > 0:
        short = IfShort.REFUSE if order.is_ask else IfShort.DEBT
        yield Movement(BUDGET, purse, SPENT, more, order.fact_id, "coupon_budget", short)
    elif more < 0:
        yield Movement(BUDGET, SPENT, purse, -more, order.fact_id, "coupon_budget_back", repays=True)


def _payable_moves(order: Order, payee: Party, more: int) -> Iterator[Movement]:
    if more > 0:
        yield Movement(PAYABLE, ISSUER, payee, more, order.fact_id, "coupon_payable", repays=True)
    elif more < 0:
        # It may have been paid out already: then the payee owes it
        back = IfShort.DEBT
        yield Movement(PAYABLE, payee, ISSUER, -more, order.fact_id, "coupon_payable_back", back)


def _splits(
    order: Order, told: Mapping[str, Use], by_rule: Mapping[str, Applied]
) -> dict[str, tuple[Part, ...]]:
    """Which line bore how much of which coupon: as the rules say where that is what the lines say, else as the lines
    say, one coupon after another."""
    out: dict[str, tuple[Part, ...]] = {}
    of_fact: dict[int, list[str]] = defaultdict(list)
    for key, use in told.items():
        of_fact[use.fact_id].append(key)
    for fact_id, keys in of_fact.items():
        lines = [line for line in order.sold if line.fact_id == fact_id]
        if not (shares := _agreed(lines, keys, told, by_rule)):
            shares = _as_told(lines, [told[key].amount for key in keys])
        for key, amounts in zip(keys, shares, strict=True):
            parts = zip(lines, amounts, strict=True)
            out[key] = tuple(Part(line.line_no, line.key, amount) for line, amount in parts if amount)
    return out


def _agreed(
    lines: Sequence[Line], keys: Sequence[str], told: Mapping[str, Use], by_rule: Mapping[str, Applied]
) -> list[list[int]]:
    if any(key not in by_rule or by_rule[key].amount != told[key].amount for key in keys):
        return []
    shares = []
    for key in keys:
        of_line = dict(by_rule[key].lines)
        shares.append([of_line.get(line.line_no, 0) for line in lines])
    sums = [sum(column) for column in zip(*shares, strict=True)]
    return shares if sums == [line.coupon_discount for line in lines] else []


def _as_told(lines: Sequence[Line], amounts: Sequence[int]) -> list[list[int]]:
    bears = [max(line.coupon_discount, 0) for line in lines]
    costs = [max(line.amount + line.coupon_discount, 0) for line in lines]
    out = []
    for amount in amounts:
        weights = bears if sum(bears) >= amount else costs
        if not any(weights):
            weights = [1] + [0] * (len(lines) - 1) if lines else []
        shares = giving.share(max(amount, 0), weights)
        bears = [max(b - s, 0) for b, s in zip(bears, shares, strict=True)]
        out.append(shares)
    return out
