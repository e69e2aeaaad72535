"""Points as money: what an order's tenders move. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date

from huoshui.core.ledger.types import DEBT_BUCKET, ISSUER, POINTS, POOL, IfShort, Movement, Party
from huoshui.core.unmet import Unmet
from huoshui.engage.loyalty.types import Rulebook, Split, Tender, Tendered

Part = tuple[int, str, int]  # owner, bucket, points

SPEND, SPEND_BACK = "spend", "spend_back"


class Wallet:
    """What a human holds, over all ids of his cluster: soonest expiry first, whoever of them it was given to."""

    def __init__(self, kin: Mapping[int, Sequence[int]], held: Sequence[Part]) -> None:
        self._kin = kin
        self._held = {(owner, bucket): points for owner, bucket, points in held}

    def ids_of(self, person_id: int) -> Sequence[int]:
        return self._kin.get(person_id, (person_id,))

    def split(self, person_id: int, points: int) -> list[tuple[int, int]]:
        """(owner, points) that together pay; what is short stays with the person himself, for the ledger to judge."""
        ids = self.ids_of(person_id)
        if len(ids) == 1:
            return [(person_id, points)]
        taken: Counter[int] = Counter()
        left = points
        for place in sorted(
            (p for p in self._held if p[0] in ids), key=lambda p: (_life(p[1]), p[0] != person_id)
        ):
            take = min(left, self._held[place])
            self._held[place] -= take
            taken[place[0]] += take
            left -= take
        taken[person_id] += left
        return [(owner, n) for owner, n in sorted(taken.items()) if n]


def decide(
    tenders: Sequence[Tender],
    book: Rulebook,
    wallet: Wallet,
    *,
    asks: Set[int],
    tendered: Sequence[Tendered] = (),
    splits: Sequence[Split] = (),
) -> tuple[list[Movement], list[Unmet]]:
    """Movements, and what could not be had. As with earning, a later fact moves the difference to what its order has paid
    so far; what a source of history tells was paid in the old system."""
    orders = _Orders(tendered, splits)
    movements: list[Movement] = []
    unmet: list[Unmet] = []
    for t in tenders:
        if t.is_history:
            continue
        if t.person_id is None:
            if t.points > 0:
                unmet.append(Unmet(t.fact_id, "points_need_member", {"points": t.points}))
            continue
        if t.points > 0 and (wrong := _worth_otherwise(t, book)):
            unmet.append(wrong)
            if t.fact_id in asks:
                continue
        ids = wallet.ids_of(t.person_id)
        if t.order_id is not None:
            for owner in orders.strangers(t, ids):
                movements += _give_back(t, orders.last_parts(t, [owner]), book)
        more = orders.difference(t, ids)
        if more > 0:
            # A refund gives back: what it finds lacking on the way (points that another had paid) is no wish of its own
            is_ask = t.fact_id in asks and t.points > 0
            movements += _spend(t, wallet.split(t.person_id, more), is_ask=is_ask)
        elif more < 0:
            parts, excess = orders.parts_back(t, ids, -more)
            movements += _give_back(t, parts, book)
            if excess:
                unmet.append(Unmet(t.fact_id, "points_back_exceed", {"points": excess}))
    return movements, unmet


def undone(tenders: Sequence[Tender], book: Rulebook, splits: Sequence[Split]) -> Iterator[Movement]:
    """Of orders of which nothing is left: what each owner paid, back, and what he was given back beyond it, again taken."""
    orders = _Orders((), splits)
    for t in tenders:
        for owner in orders.owners(t):
            net = orders.net(t, [owner])
            if net > 0:
                yield from _give_back(t, orders.last_parts(t, [owner]), book)
            elif net < 0:
                yield from _spend(t, [(owner, -net)], is_ask=False)


def _worth_otherwise(t: Tender, book: Rulebook) -> Unmet | None:
    right = book.on(t.business_day).money(t.points)
    # What a later fact adds is the difference of two amounts that were each rounded
    if abs(t.amount - right) <= (t.order_id is not None):
        return None
    detail = {"points": t.points, "amount": t.amount, "right": right, "yuan": f"{right / 100:.2f}"}
    return Unmet(t.fact_id, "points_value_differs", detail)


def _spend(t: Tender, split: Sequence[tuple[int, int]], *, is_ask: bool) -> Iterator[Movement]:
    if_short = IfShort.REFUSE if is_ask else IfShort.DEBT
    for owner, points in split:
        source = Party("person", owner, POOL)
        yield Movement(POINTS, source, ISSUER, points, t.fact_id, SPEND, if_short=if_short)


def _give_back(t: Tender, parts: Sequence[Part], book: Rulebook) -> Iterator[Movement]:
    """To the buckets they came from. What has expired since, and what was only owed, goes to the soonest bucket that
    is still valid among those this order drew on, and where there is none to the one a sale of the day fills."""
    month = f"{t.business_day:%Y-%m}"
    valid = sorted(b for _, b, _ in parts if b != DEBT_BUCKET and (b == "" or b >= month))
    instead = next((b for b in valid if b), book.on(t.business_day).bucket(t.business_day))
    by_place: Counter[tuple[int, str]] = Counter()
    for owner, bucket, points in parts:
        by_place[owner, bucket if bucket in valid else instead] += points
    for (owner, bucket), points in by_place.items():
        target = Party("person", owner, bucket)
        yield Movement(POINTS, ISSUER, target, points, t.fact_id, SPEND_BACK, repays=True)


def _life(bucket: str) -> tuple[bool, bool, str]:
    """The order in which buckets are spent: soonest expiry first, what never expires after it, debt last."""
    return bucket == DEBT_BUCKET, bucket == "", bucket


class _Orders:
    def __init__(self, tendered: Sequence[Tendered], splits: Sequence[Split]) -> None:
        self._tendered = {t.order_id: t for t in tendered}
        self._splits: dict[int, list[Split]] = defaultdict(list)
        for s in splits:
            self._splits[s.order_id].append(s)

    def net(self, t: Tender, ids: Sequence[int]) -> int:
        return sum(-s.points if s.is_back else s.points for s in self._splits[t.order] if s.owner_id in ids)

    def owners(self, t: Tender) -> list[int]:
        return sorted({s.owner_id for s in self._splits[t.order]})

    def strangers(self, t: Tender, ids: Sequence[int]) -> list[int]:
        """Whose points paid while the order was thought to be another customer's."""
        owners = {s.owner_id for s in self._splits[t.order] if not s.is_back} - set(ids)
        return [owner for owner in sorted(owners) if self.net(t, [owner]) > 0]

    def difference(self, t: Tender, ids: Sequence[int]) -> int:
        if t.order_id is None:
            return t.points
        order = self._tendered.get(t.order)
        if order is None or order.is_history:
            return t.points
        return order.points - self.net(t, ids)

    def last_parts(self, t: Tender, ids: Sequence[int]) -> list[Part]:
        return self.parts_back(t, ids, self.net(t, ids))[0]

    def parts_back(self, t: Tender, ids: Sequence[int], points: int) -> tuple[list[Part], int]:
        """(what to give back, what the order never paid). Last spent is first given back, so that what stays spent is what
        a smaller sale would have spent, however many refunds it takes to come there. What was given back to where it came
        from is as if it had never been spent; what went elsewhere, having expired or been owed, counts for the last that its
        owner spent: whoever they are one with today, each has what he paid."""
        order = self._tendered.get(t.order)
        if order is not None and order.is_history:
            return [(ids[0], DEBT_BUCKET, points)], 0
        taken, back = Counter[tuple[int, str]](), Counter[tuple[int, str]]()
        for s in self._splits[t.order]:
            if s.owner_id in ids:
                (back if s.is_back else taken)[s.owner_id, s.bucket] += s.points
        spent = taken - back
        skip, left = Counter[int](), points
        for (owner, _), more in (back - taken).items():
            skip[owner] += more
        parts: list[Part] = []
        for owner, bucket in sorted(spent, key=lambda p: (_life(p[1]), p[0]), reverse=True):
            skipped = min(skip[owner], spent[owner, bucket])
            skip[owner] -= skipped
            give = min(left, spent[owner, bucket] - skipped)
            left -= give
            if give:
                parts.append((owner, bucket, give))
        return parts, left


def month_end(bucket: str) -> date:
    """The last day on which points of a bucket may be spent."""
    year, month = int(bucket[:4]), int(bucket[5:7])
    return date.fromordinal(date(year + month // 12, month % 12 + 1, 1).toordinal() - 1)
