"""What the facts of a batch do to coupons. Pure: decided over what was read under lock.

An order as it stands now says which coupons it uses. What it has used and still does is kept, and its consequences brought
to what they should be; what it no longer uses, or the whole order when it is taken back, is given back; the rest is redeemed
now. So it does not matter in which pieces an order came. Each fact is decided once: the river settles none twice, and a
coupon that it could not have then it does not get when that is free again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from msgspec import Struct, structs

from huoshui.core import money
from huoshui.core.ledger.types import BUDGET, ISSUER, PAYABLE, SPENT, IfShort, Movement, Party
from huoshui.core.unmet import Unmet
from huoshui.engage.campaigns import codes, rules, splitting
from huoshui.engage.campaigns.splitting import Line, Part, Use
from huoshui.engage.campaigns.types import WHOLE, Applied, Basket, Held, OnRefund, Proposal
from huoshui.engage.loyalty.api import OfflineUse

_GONE = frozenset({"coupon_used", "coupon_used_up"})


class Redemption(Struct, frozen=True):
    """`budget` and `payable` are what the books say of it now; `excess` is what the till took off beyond the rule."""

    order_id: int
    fact_id: int
    coupon_id: int
    template_id: int
    amount: int
    brand_permille: int
    dealer_id: int | None
    budget: int
    payable: int
    person_id: int | None
    parts: tuple[Part, ...] = ()
    org_unit_id: int | None = None
    at: datetime | None = None
    taken_back_by: int | None = None
    excess: int = 0

    @property
    def due(self) -> int:
        """What the brand answers for."""
        return self.amount - self.excess


class Order(NamedTuple):
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
    gone: Mapping[int, int] = MappingProxyType({})
    """Coupons it used once and was given back, and what the brand answered for of each."""
    dealer_id: int | None = None
    day: date = date.min

    @property
    def tells_goods(self) -> bool:
        return any(line.fact_id == self.fact_id for line in self.sold)

    @property
    def is_taken_back(self) -> bool:
        """All its money given back; of an order that cost nothing, all its goods."""
        return splitting.is_all_back(self.sold, self.returned)


class Coupon(Struct):
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
    offline: list[OfflineUse] = field(default_factory=list)


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
        seen = {key: self._seen(order, use, self._by_key.get(key)) for key, use in fresh.items()}
        splits = splitting.splits(order.sold, told, self._given_by_rule(order, fresh, seen))
        if order.is_ask and len(self.out.unmet) > problems:
            return  # it will be undone, so it must not take a coupon from those after it
        had = {key: use for key, use in told.items() if key in live or key in fresh} if live else fresh
        excess = {} if order.is_ask else self._beyond(order, had, seen, live)
        stands = more = 0
        for key, redemption in live.items():
            if key in told:
                kept = excess.get(key, redemption.excess)
                stands += (now := self._keep(order, redemption, told[key], splits[key], kept))
                more += now - redemption.amount
        for key, use in fresh.items():
            new = self._redeem(order, use, self._by_key.get(key), seen[key], splits[key], excess.get(key, 0))
            stands += new
            more += new
        if more > 0 and not order.is_ask:
            use_of = OfflineUse(order.fact_id, order.basket.person_id, order.day, more, stands)
            self.out.offline.append(use_of)

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

    def _given_by_rule(
        self, order: Order, fresh: Mapping[str, Use], seen: Mapping[str, Held]
    ) -> dict[str, Applied]:
        """Of an ask: what each coupon gives by its rule; why one gives nothing, or something else, is unmet."""
        if not order.is_ask or not fresh:
            return {}
        found = rules.combined(order.basket, list(seen.values()))
        for n in found.not_usable:
            self.out.unmet.append(Unmet(order.fact_id, n.reason, dict(n.detail)))
        by_key = {codes.key(a.held.code): a for a in found.applied}
        for key, a in by_key.items():
            if a.amount != fresh[key].amount:
                self.out.unmet.append(_differs(order, a, fresh[key]))
        return by_key

    # ── a report is kept, and what its till took off beyond the rules is the till's own ──

    def _beyond(
        self,
        order: Order,
        told: Mapping[str, Use],
        seen: Mapping[str, Held],
        live: Mapping[str, Redemption],
    ) -> dict[str, int]:
        """Key → what was taken off beyond what the coupon's rule gives on the order as it stands. What speaks against
        those told just now is unmet."""
        if len(told) == len(seen) == 1:  # the everyday order: one coupon
            ((key, use),) = told.items()
            if use.fact_id == order.fact_id:
                return {key: self._beyond_alone(order, use, seen[key])}
        news = {key: use for key, use in told.items() if use.fact_id == order.fact_id}
        out = {key: self._known_excess(order, key, told[key], live) for key in told.keys() - news.keys()}
        for key, held in seen.items():
            self._say_whose(order, told[key], held)
        if not (news or order.tells_goods):
            return out
        all_held = [seen[key] if key not in live else self._had(key) for key in told]
        found = rules.combined(order.basket, all_held, by_rule_alone=True)
        given = {codes.key(a.held.code): a for a in found.applied}
        self._say_why(order, found, given, {k: u for k, u in news.items() if _is_other(live.get(k), u)})
        for key, use in told.items():
            beyond = max(use.amount - (given[key].amount if key in given else 0), 0)
            if key in live and self._is_beyond_his_share(order, key):
                beyond = max(beyond, min(live[key].excess, use.amount))
            # More goods of an order may make up what a coupon lacked; later days do not take it away again
            out[key] = beyond if key in news else min(beyond, out[key])
        return out

    def _beyond_alone(self, order: Order, use: Use, held: Held) -> int:
        self._say_whose(order, use, held)
        found = rules.combined(order.basket, (held,), by_rule_alone=True)
        for n in found.not_usable:
            self.out.unmet.append(Unmet(order.fact_id, n.reason, dict(n.detail)))
        for a in found.applied:
            if a.amount != use.amount:
                self.out.unmet.append(_differs(order, a, use))
            return max(use.amount - a.amount, 0)
        return max(use.amount, 0)

    def _known_excess(self, order: Order, key: str, use: Use, live: Mapping[str, Redemption]) -> int:
        """Of one had again, what its till takes off by now beyond what the brand answered for: a file of the past may have
        told another amount meanwhile."""
        if key in live:
            return live[key].excess
        coupon = self._by_key.get(key)
        due = order.gone.get(coupon.held.coupon_id) if coupon else None
        return 0 if due is None else max(use.amount - due, 0)

    def _is_beyond_his_share(self, order: Order, key: str) -> bool:
        """Of this campaign the customer has had more than he may, this use counted: it was a code of nobody when he came."""
        held = self._by_key[key].held
        limit = held.rule.per_person if held.rule else None
        who = order.basket.person_id
        return limit is not None and who is not None and self._taken[held.template_id, who] > limit

    def _had(self, key: str) -> Held:
        """A coupon that this order has used: nothing speaks against it but its rule."""
        return self._by_key[key].held._replace(problem="")

    def _say_whose(self, order: Order, use: Use, held: Held) -> None:
        # One had again because a refund shrank is only asked what may have changed since
        look = rules.whose if use.fact_id == order.fact_id else rules.standing
        if why := look(order.basket, held):
            self.out.unmet.append(Unmet(order.fact_id, why[0], dict(why[1])))

    def _say_why(
        self, order: Order, found: Proposal, given: Mapping[str, Applied], news: Mapping[str, Use]
    ) -> None:
        for n in found.not_usable:
            if codes.key(n.held.code) in news:
                self.out.unmet.append(Unmet(order.fact_id, n.reason, dict(n.detail)))
        for key, a in given.items():
            if key in news and a.amount != news[key].amount:
                self.out.unmet.append(_differs(order, a, news[key]))

    def _seen(self, order: Order, use: Use, coupon: Coupon | None) -> Held:
        """The coupon as this order meets it."""
        if coupon is None:
            return Held(use.code, None, problem="coupon_unknown")
        if coupon.held.problem == "coupon_void":
            return coupon.held
        if coupon.used >= coupon.uses and coupon.is_shared:
            return coupon.held._replace(problem="coupon_used_up", detail={"uses": coupon.uses})
        if coupon.used >= coupon.uses and coupon.order_id != order.order_id:
            return coupon.held._replace(problem="coupon_used")
        if coupon.held.owner_id is None and order.basket.person_id is not None:
            taken = self._taken[coupon.held.template_id, order.basket.person_id]
            rule = coupon.held.rule
            if rule and rule.per_person is not None and taken >= rule.per_person:
                detail = {"per_person": rule.per_person}
                return coupon.held._replace(problem="coupon_per_person", detail=detail)
        return coupon.held if coupon.held.problem not in _GONE else coupon.held._replace(problem="")

    # ── coupons ──

    def _redeem(
        self,
        order: Order,
        use: Use,
        coupon: Coupon | None,
        seen: Held,
        parts: tuple[Part, ...],
        excess: int,
    ) -> int:
        """Returns what it takes off."""
        if coupon is None or seen.problem in {"coupon_void", *_GONE}:
            return 0
        assert seen.rule is not None
        counted = seen.owner_id is None and seen.rule.per_person is not None
        person_id = order.basket.person_id if counted else None
        # One that stayed with its order when that was taken back counts already
        coupon.used = min(coupon.used + 1, coupon.uses)
        coupon.is_changed = True
        if not coupon.is_shared:
            coupon.state, coupon.order_id = "redeemed", order.order_id
            if coupon.person_id is None and order.basket.person_id is not None:
                coupon.person_id = order.basket.person_id
                coupon.held = coupon.held._replace(owner_id=order.basket.person_id)
        if person_id is not None:
            self._count(seen.template_id, person_id, 1)
        redemption = Redemption(
            order_id=order.order_id,
            fact_id=order.fact_id,
            coupon_id=seen.coupon_id,
            template_id=seen.template_id,
            amount=max(use.amount, 0),
            brand_permille=seen.rule.brand_permille,
            dealer_id=order.dealer_id,
            budget=0,
            payable=0,
            person_id=person_id if coupon.is_shared else None,
            parts=parts,
            org_unit_id=order.org_unit_id,
            at=order.basket.at,
            excess=excess,
        )
        self.out.redeemed.append(self._book(order, redemption, is_over=False))
        self._add_up(redemption.template_id, 1, redemption.amount)
        return redemption.amount

    def _keep(self, order: Order, was: Redemption, use: Use, parts: tuple[Part, ...], excess: int) -> int:
        """Used before and still: the order may have told a new amount, or given some of its goods back. Returns what it
        takes off."""
        now = structs.replace(was, excess=excess)
        if use.fact_id == order.fact_id and (use.amount, parts) != (was.amount, was.parts):
            now = structs.replace(now, amount=max(use.amount, 0), parts=parts)
            self.out.resplit.append(now)
            self._add_up(was.template_id, 0, now.amount - was.amount)
        booked = self._book(order, now, is_over=False)
        if booked != was:
            self.out.changed.append(booked)
        return now.amount

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
                    coupon.held = coupon.held._replace(valid_until=coupon.valid_until)
            if was.person_id is not None:
                self._count(was.template_id, was.person_id, -1)
        over = self._book(order, structs.replace(was, taken_back_by=order.fact_id, at=at), is_over=True)
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
        budget = r.due if has_budget and not is_over else 0
        payable = 0
        if budget != r.budget:
            self.out.movements += _budget_moves(order, r.template_id, budget - r.budget)
        if r.dealer_id is not None:
            left = 0 if is_over else splitting.remaining(r.parts, order.sold, order.returned)
            due = left * r.due // r.amount if r.excess else left
            payable = due * r.brand_permille // WHOLE
            dealer = Party("dealer", r.dealer_id)
            self.out.movements += _payable_moves(order, dealer, payable - r.payable)
        return structs.replace(r, budget=budget, payable=payable)


def _is_other(was: Redemption | None, use: Use) -> bool:
    """What was told before and is told alike is no news."""
    return was is None or was.amount != use.amount


def _differs(order: Order, applied: Applied, use: Use) -> Unmet:
    detail = {
        "code": applied.held.code,
        "title": applied.held.title,
        "right": money.plain(applied.amount),
        "told": money.plain(use.amount),
        "right_amount": applied.amount,
        "told_amount": use.amount,
    }
    return Unmet(order.fact_id, "coupon_amount_differs", detail)


def _end_of_day(at: datetime, days: int) -> datetime:
    """Of the day so many days after this one; `at` is in the brand's zone."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1)


def _budget_moves(order: Order, template_id: int, more: int) -> Iterator[Movement]:
    purse = Party("template", template_id)
    if more > 0:
        short = IfShort.REFUSE if order.is_ask else IfShort.DEBT
        yield Movement(BUDGET, purse, SPENT, more, order.fact_id, "coupon_budget", short)
    else:
        yield Movement(BUDGET, SPENT, purse, -more, order.fact_id, "coupon_budget_back", repays=True)


def _payable_moves(order: Order, dealer: Party, more: int) -> Iterator[Movement]:
    if more > 0:
        yield Movement(PAYABLE, ISSUER, dealer, more, order.fact_id, "coupon_payable", repays=True)
    elif more < 0:
        # It may have been paid out already: then the dealer owes it
        back = IfShort.DEBT
        yield Movement(PAYABLE, dealer, ISSUER, -more, order.fact_id, "coupon_payable_back", back)
