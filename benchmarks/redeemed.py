"""The Complete Journey's redemptions beside what was bought that day, and which line each coupon may have been booked on.

The publisher's times are UTC: only read in New York does every redemption fall on a day on which its household shopped.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random
from typing import NamedTuple

import duckdb

from benchmarks import journey
from huoshui.project.sample import coupons
from huoshui.project.sample.coupons import Offer

ZONE = "America/New_York"
_COMPARED_AT_LEAST = 3
_AGREED_AT_LEAST = 2

Key = tuple[int, int]  # of a template: coupon and campaign
Trip = tuple[int, date]  # household and day


class Redemption(NamedTuple):
    number: int
    household: int
    upc: int
    campaign: int
    day: date

    @property
    def key(self) -> Key:
        return self.upc, self.campaign

    @property
    def trip(self) -> Trip:
        return self.household, self.day


class Line(NamedTuple):
    """Money in cents. What is on the shelf costs `value` + `match` with the card; the customer paid `value` - `coupon`."""

    household: int
    day: date
    basket: int
    number: int
    store: int
    at: datetime
    sku: int
    quantity: int
    value: int
    card: int
    coupon: int
    match: int
    usual_card: int | None
    """Of the same product in the same week, to other households: the card's discount on so many pieces."""

    @property
    def is_goods(self) -> bool:
        """Discounts that the till could not book on goods stand on lines of pseudo-products without quantity."""
        return self.quantity > 0

    @property
    def excess(self) -> int:
        """What was taken off beyond the usual card price; 0 where there is too little to compare with."""
        return max(self.card - self.usual_card, 0) if self.usual_card is not None else 0


@dataclass(frozen=True)
class Data:
    redemptions: tuple[Redemption, ...]
    lines: Mapping[Trip, Sequence[Line]]
    covered: Mapping[Key, frozenset[int]]
    spans: Mapping[int, tuple[date, date]]
    """First and last day of a campaign."""
    on_utc_days: int
    """Redemptions whose household shopped that day, were the days UTC's."""


_TABLES = """
create table line as
select household_id as household, cast(transaction_timestamp at time zone 'UTC' at time zone '{zone}' as date) as day,
    basket_id as basket, row_number() over (partition by basket_id order by product_id) as number, store_id as store,
    transaction_timestamp at time zone 'UTC' as moment, product_id as sku, quantity, week,
    cast(round(sales_value * 100) as bigint) as value, cast(round(retail_disc * 100) as bigint) as card,
    cast(round(coupon_disc * 100) as bigint) as coupon, cast(round(coupon_match_disc * 100) as bigint) as match
from read_parquet('{transactions}');
create table redemption as
select row_number() over (order by redemption_date, household_id, coupon_upc, campaign_id) as number,
    household_id as household, coupon_upc as upc, campaign_id as campaign, cast(redemption_date as date) as day
from read_parquet('{coupon_redemptions}');
create table covered as select distinct coupon_upc as upc, campaign_id as campaign, product_id as sku
from read_parquet('{coupons}');
create table usual as
select sku, week, mode(card // quantity) as card, count(*) as n from line anti join redemption using (household, day)
where quantity > 0 and coupon = 0
group by sku, week
"""

_LINES = f"""
select l.household, l.day, basket, number, store, epoch_us(moment), l.sku, quantity, value, l.card, coupon, match,
    case when u.n >= {_COMPARED_AT_LEAST} then u.card * quantity end
from (from line semi join redemption using (household, day)) l
    left join usual u on u.sku = l.sku and u.week = l.week and quantity > 0
order by basket, number
"""

_ON_UTC_DAYS = """
select count(*) from redemption r
semi join (select distinct household, cast(moment at time zone 'UTC' as date) as day from line) using (household, day)
"""


def read() -> Data:
    database = duckdb.connect(config={"memory_limit": "1GB", "threads": 2})
    places = {name: journey.published(name) for name in ("transactions", "coupon_redemptions", "coupons")}
    database.execute(_TABLES.format(zone=ZONE, **places))
    told = database.execute("select number, household, upc, campaign, day from redemption order by number")
    redemptions = tuple(Redemption(*row) for row in told.fetchall())
    lines: dict[Trip, list[Line]] = defaultdict(list)
    for row in database.execute(_LINES).fetchall():
        line = Line(*row)._replace(at=_instant(row[5]))
        lines[line.household, line.day].append(line)
    covered: dict[Key, set[int]] = defaultdict(set)
    query = "select upc, campaign, sku from covered semi join redemption using (upc, campaign)"
    for upc, campaign, sku in database.execute(query).fetchall():
        covered[upc, campaign].add(sku)
    spans = f"""select campaign_id, cast(start_date as date), cast(end_date as date)
        from read_parquet('{journey.published("campaign_descriptions")}')"""
    days = {row[0]: (row[1], row[2]) for row in database.execute(spans).fetchall()}
    (on_utc_days,) = database.execute(_ON_UTC_DAYS).fetchall()[0]
    listed = {key: frozenset(skus) for key, skus in covered.items()}
    return Data(redemptions, lines, listed, days, on_utc_days)


def _instant(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC)


def halves(redemptions: Iterable[Redemption], seed: int) -> tuple[frozenset[int], frozenset[int]]:
    """Numbers to learn from, and to be tried on."""
    numbers = [r.number for r in redemptions]
    Random(seed).shuffle(numbers)
    middle = len(numbers) // 2
    return frozenset(numbers[:middle]), frozenset(numbers[middle:])


# ── which line ───────────────────────────────────────────────────────────────────────────────────────────────────


def candidates(data: Data, r: Redemption) -> list[Line]:
    """Lines of that day whose product the coupon covers and on which some coupon was booked."""
    return [x for x in bought(data, r) if x.coupon > 0]


def bought(data: Data, r: Redemption) -> list[Line]:
    skus = data.covered[r.key]
    return [x for x in data.lines.get(r.trip, ()) if x.is_goods and x.sku in skus]


def link(data: Data, redemptions: Sequence[Redemption], offers: Mapping[Key, Offer]) -> dict[int, Line]:
    """Of one trip, all manufacturers': the line each was booked on, if any. A line with the very amount first, then one with
    a multiple of it, then any; one that no other coupon has before one that has."""
    out: dict[int, Line] = {}
    taken: set[tuple[int, int]] = set()
    found = {r.number: candidates(data, r) for r in redemptions}
    by_choice = sorted(redemptions, key=lambda r: (len(found[r.number]), r.number))
    for is_it in (_is_amount, _is_multiple, _is_any):
        for r in by_choice:
            if r.number in out:
                continue
            free = [x for x in found[r.number] if (x.basket, x.number) not in taken]
            if line := next((x for x in free if is_it(x, offers[r.key])), None):
                out[r.number] = line
                taken.add((line.basket, line.number))
    return out | _on_the_rest(found, out, offers, by_choice)


def _on_the_rest(
    found: Mapping[int, Sequence[Line]],
    linked: Mapping[int, Line],
    offers: Mapping[Key, Offer],
    redemptions: Sequence[Redemption],
) -> dict[int, Line]:
    """Those whose lines others have: on one that holds more than the amounts of the others."""
    amounts = {r.number: offers[r.key].amount or 0 for r in redemptions}
    told: Counter[tuple[int, int]] = Counter()
    for number, line in linked.items():
        told[line.basket, line.number] += amounts[number]
    out = {}
    for r in redemptions:
        free = [x for x in found[r.number] if x.coupon > told[x.basket, x.number]]
        if r.number not in linked and free:
            out[r.number] = line = max(free, key=lambda x: x.coupon - told[x.basket, x.number])
            told[line.basket, line.number] += amounts[r.number]
    return out


def _is_amount(line: Line, offer: Offer) -> bool:
    return line.coupon == offer.amount


def _is_multiple(line: Line, offer: Offer) -> bool:
    return offer.amount is not None and line.coupon % offer.amount == 0


def _is_any(line: Line, offer: Offer) -> bool:
    return True


def without_goods(data: Data, offers: Mapping[Key, Offer], links: Mapping[int, Line]) -> dict[int, str]:
    """Of redemptions without a line: how the day's discount lines without goods compare. All of a day together first."""
    trips: dict[Trip, list[Redemption]] = defaultdict(list)
    for r in data.redemptions:
        if coupons.is_manufacturers(r.upc) and r.number not in links:
            trips[r.trip].append(r)
    out: dict[int, str] = {}
    for trip, uses in trips.items():
        left = [x.coupon for x in data.lines[trip] if not x.is_goods and x.coupon]
        if not left:
            continue
        amounts = [offers[r.key].amount for r in uses]
        if None not in amounts and sum(a or 0 for a in amounts) == sum(left):
            out |= {r.number: "placeholder_equal" for r in uses}
            continue
        for r, amount in zip(uses, amounts, strict=True):
            if amount in left:
                left.remove(amount)
                out[r.number] = "placeholder_equal"
            else:
                is_within = amount is None or sum(left) > amount
                out[r.number] = "placeholder_larger" if is_within else "placeholder_smaller"
    return out


# ── what is learned ──────────────────────────────────────────────────────────────────────────────────────────────


def learned_by_code(data: Data, numbers: frozenset[int]) -> dict[str, int]:
    """Value code → the amount most often booked on covered lines, over these redemptions. Knows nothing of any code."""
    seen: dict[str, Counter[int]] = defaultdict(Counter)
    for r in data.redemptions:
        if r.number in numbers and coupons.is_manufacturers(r.upc):
            for line in candidates(data, r):
                seen[str(r.upc)[-2:]][line.coupon] += 1
    return {code: _most_common(counts) for code, counts in seen.items()}


def learned_of_retailer(data: Data, numbers: frozenset[int]) -> dict[int, int]:
    """Coupon → amount, for the retailer's own: what was most often taken off covered goods beyond the usual card price, if
    at least two of these redemptions, and half of those that show anything, agree."""
    seen: dict[int, Counter[int]] = defaultdict(Counter)
    shown: Counter[int] = Counter()
    for r in data.redemptions:
        if r.number in numbers and not coupons.is_manufacturers(r.upc):
            amounts = {x.excess for x in bought(data, r) if x.excess}
            shown[r.upc] += bool(amounts)
            seen[r.upc].update(amounts)
    out = {}
    for upc, counts in seen.items():
        amount = _most_common(counts) if counts else 0
        if counts[amount] >= max(_AGREED_AT_LEAST, -(-shown[upc] // 2)):
            out[upc] = amount
    return out


def _most_common(counts: Counter[int]) -> int:
    return min(counts, key=lambda amount: (-counts[amount], amount))
