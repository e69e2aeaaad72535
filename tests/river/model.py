"""What must come of a shop's facts, said once more in plain Python: no database, no batches, no locks.

An order is the facts that make it up now. Each fact told of it may take the place of earlier ones, and then points, coupons,
goods and spend move by the difference. One point stands for a cent, and a whole yuan that stays earns a point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

COUPON = 300  # what each coupon takes off
TIERS = (0, 100_000, 300_000, 600_000)  # the spend that each tier asks for


class Row(NamedTuple):
    """A line as a fact tells it: of a sale what was sold, and of it what has come back; of a refund what came back."""

    key: str
    sku: str
    pieces: int
    money: int
    back: int = 0
    money_back: int = 0


@dataclass(frozen=True, eq=False)
class Part:
    """A fact of an order. `points`: paid with, or given back (negative). `number`: a refund's own. `had_back`: of the points
    it was paid with earlier facts have given back so many, and it keeps the rest. `off`: what its lines say of its coupon."""

    rows: tuple[Row, ...]
    customer: int = 0
    number: str = ""
    points: int = 0
    code: str = ""
    is_history: bool = False
    had_back: int = 0
    off: int = 0

    @property
    def is_refund(self) -> bool:
        return bool(self.number)

    @property
    def keys(self) -> set[str]:
        return {row.key for row in self.rows}

    @property
    def effect(self) -> int:
        """The money it adds to what stays with us."""
        return sum(-r.money if self.is_refund else r.money - r.money_back for r in self.rows)

    @property
    def given_back(self) -> int:
        return sum(r.money if self.is_refund else r.money_back for r in self.rows)

    def goods(self) -> Counter[str]:
        """Pieces it adds to the shelf."""
        out: Counter[str] = Counter()
        for r in self.rows:
            out[r.sku] += r.pieces if self.is_refund else r.back - r.pieces
        return out


@dataclass
class Left:
    """A line of an order as it stands."""

    key: str
    sku: str
    sold: int = 0
    sold_money: int = 0
    returned: int = 0
    returned_money: int = 0

    @property
    def pieces(self) -> int:
        return self.sold - self.returned

    @property
    def money(self) -> int:
        return self.sold_money - self.returned_money

    def share(self, pieces: int) -> int:
        """The money of so many of its pieces: by running shares, and the last brings what is left."""
        if pieces >= self.pieces:
            return max(self.money, 0)
        upto = self.returned + pieces
        whole = self.sold_money * upto // self.sold - self.sold_money * self.returned // self.sold
        return min(whole, self.money)


@dataclass
class Order:
    key: str
    day: int  # which of the machine's days it was sold on
    parts: list[Part] = field(default_factory=list)
    customer: int = 0
    began_as_history: bool = False
    earned: int = 0
    paid: int = 0  # in points, less what was given back
    had: set[str] = field(default_factory=set)  # coupons it used and was given back
    due: dict[str, int] = field(default_factory=dict)  # what the brand answers for of each coupon

    def lines(self) -> list[Left]:
        """As they are shown: in the order of the sale, then by key."""
        found: dict[str, Left] = {}
        place: dict[str, int] = {}
        for part in self.parts:
            for number, r in enumerate(part.rows, 1):
                line = found.setdefault(r.key, Left(r.key, r.sku))
                if part.is_refund:
                    line.returned += r.pieces
                    line.returned_money += r.money
                    continue
                line.sku = r.sku  # what was sold, whatever came back under its key before it was told anew
                place[r.key] = min(place.get(r.key, number), number)
                line.sold += r.pieces
                line.sold_money += r.money
                line.returned += r.back
                line.returned_money += r.money_back
        return sorted(found.values(), key=lambda x: (place.get(x.key, 0), x.key))

    @property
    def total(self) -> int:
        return sum(x.sold_money for x in self.lines())

    @property
    def left(self) -> int:
        return sum(x.money for x in self.lines())

    @property
    def returned(self) -> int:
        return sum(x.returned_money for x in self.lines())

    @property
    def points(self) -> int:
        """It was paid with, as its facts tell it now."""
        return sum(part.points for part in self.parts)

    @property
    def before_coupons(self) -> int:
        """What is sold comes to, before what came back."""
        return self.total + sum(part.off for part in self.parts)

    @property
    def points_tendered(self) -> int:
        """Before any came back."""
        return sum(max(part.points, 0) + part.had_back for part in self.parts)

    @property
    def is_taken_back(self) -> bool:
        """All its money given back; of an order that cost nothing, all its goods."""
        lines = self.lines()
        if (total := sum(x.sold_money for x in lines)) > 0:
            return sum(x.returned_money for x in lines) >= total
        return 0 < sum(x.sold for x in lines) <= sum(x.returned for x in lines)

    @property
    def is_plain(self) -> bool:
        """Nothing came back that was not there."""
        return all(x.pieces >= 0 and x.money >= 0 for x in self.lines())

    @property
    def is_empty(self) -> bool:
        return not any(x.pieces or x.money for x in self.lines())


@dataclass
class Book:
    """Everything that has been told, and what it comes to."""

    orders: dict[str, Order] = field(default_factory=dict)
    points: int = 0  # held by all customers together, debts counted
    shelf: Counter[str] = field(default_factory=Counter)
    holder: dict[str, str] = field(default_factory=dict)  # coupon → order, '' when it is free
    funded: int = 0
    spends: list[Counter[int]] = field(default_factory=list)  # money by customer, fact by fact

    @property
    def budget(self) -> int:
        return self.funded - sum(self.orders[key].due[code] for code, key in self.holder.items() if key)

    def tell(self, key: str, part: Part, day: int = 0) -> Order:
        order = self.orders.get(key)
        is_first = order is None
        if order is None:
            order = self.orders[key] = Order(key, day, began_as_history=part.is_history)
        replaced = _replaced(order.parts, part)
        if part.is_refund:  # whoever brings the goods back, it is the order's customer's
            part = replace(part, customer=order.customer)
        part = _as_paid(part, replaced)
        order.customer = part.customer
        order.parts = [*(p for p in order.parts if p not in replaced), part]
        self._move_spend(order, part, replaced)
        self._move_coupons(order, part)
        if not part.is_history:
            self._move_goods(part, replaced)
            self._move_paid(order, part, replaced, is_first=is_first)
            self._move_earned(order, part, replaced, is_first=is_first)
        return order

    def _move_spend(self, order: Order, part: Part, replaced: Sequence[Part]) -> None:
        spend = Counter({order.customer: part.effect})
        for was in replaced:
            spend[was.customer] -= was.effect
        self.spends.append(spend)

    def _move_goods(self, part: Part, replaced: Sequence[Part]) -> None:
        self.shelf.update(part.goods())
        for was in replaced:
            self.shelf.subtract(was.goods())

    def _move_paid(self, order: Order, part: Part, replaced: Sequence[Part], *, is_first: bool) -> None:
        if not part.points and not any(was.points for was in replaced):
            return
        more = part.points if is_first else order.points - order.paid
        more = max(more, -order.paid)  # what was never paid is not given back
        order.paid += more
        self.points -= more

    def _move_earned(self, order: Order, part: Part, replaced: Sequence[Part], *, is_first: bool) -> None:
        total = order.left - order.points
        if order.began_as_history and not is_first:
            paid = sum((p.effect - p.points) * sign for p, sign in [(part, 1), *((w, -1) for w in replaced)])
            more = _worth(total) - _worth(total - paid)
        else:
            more = _worth(total) - order.earned
        order.earned += more
        self.points += more

    def _move_coupons(self, order: Order, part: Part) -> None:
        used = {code for code, holder in self.holder.items() if holder == order.key}
        if part.is_history or not (part.code or used or order.had):
            return
        told = {} if order.is_taken_back else {p.code: p for p in order.parts if p.code}
        for code in used - told.keys():
            self.holder[code] = ""
            order.had.add(code)
        for code, by in told.items():
            if code not in used and not self.holder[code] and (by is part or code in order.had):
                self.holder[code] = order.key
            if not part.is_refund:
                # By its rule, on the order as it stands: what was taken off beyond that is the till's. More goods may make up
                # what it lacked; only who says anew how it was paid takes it away again
                given = COUPON if order.before_coupons >= COUPON else 0
                order.due[code] = given if by is part else max(given, order.due.get(code, 0))

    def spend_of(self, customers: Iterable[int]) -> int:
        return sum(spend[c] for spend in self.spends for c in customers)

    def tier_of(self, customers: Iterable[int]) -> int:
        """The highest that their money together ever reached."""
        ids, sum_of, best = set(customers), 0, 0
        for spend in self.spends:
            sum_of += sum(spend[c] for c in ids)
            best = max(best, sum_of)
        return max(rank for rank, least in enumerate(TIERS) if least <= best)


def spread(amounts: Sequence[int], amount: int) -> list[int]:
    """An amount shared out by these, in their order, to the cent."""
    total, before, out = sum(amounts), 0, []
    for each in amounts:
        upto = before + each
        out.append(amount * upto // total - amount * before // total if total else 0)
        before = upto
    return out


def share_of(whole: int, total: int, returned: int) -> int:
    """What has to have come back of a way of paying when so much of an order has."""
    return whole * min(returned, total) // total if total > 0 else 0


def _worth(money: int) -> int:
    return money // 100 if money >= 0 else -(-money // 100)


def _as_paid(part: Part, replaced: Sequence[Part]) -> Part:
    """A file that says nothing of points and coupons leaves them as they were, unless nothing is left that was paid for."""
    if part.is_refund or part.points or part.code or part.effect <= 0:
        return part
    return replace(
        part,
        points=sum(p.points for p in replaced),
        had_back=sum(p.had_back - min(p.points, 0) for p in replaced),
        code=next((p.code for p in replaced if p.code), ""),
    )


def _replaced(parts: Sequence[Part], mine: Part) -> list[Part]:
    """A sale that repeats a line is the order as it stands now, and the refunds beside it go too if it tells of as much."""
    if mine.is_refund:
        return [p for p in parts if p.number == mine.number and p.keys & mine.keys]
    sales = [p for p in parts if not p.is_refund]
    repeated = [p for p in sales if p.keys & mine.keys]
    is_whole = bool(repeated) and len(repeated) == len(sales)
    refunds = [p for p in parts if p.is_refund and (is_whole or p.keys & mine.keys)]
    if sum(p.given_back for p in refunds) > mine.given_back:
        return repeated
    return [*repeated, *refunds]
