"""What the books say, asked in as few words as can be: the machine asks after each step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from huoshui.core import clock, sql


class Sums(NamedTuple):
    points: int
    holders_who_owe: int
    budget: int
    shelf: list[int]
    spend: list[int]
    ranks: list[int]


def sums(person_ids: Sequence[int], template_id: int, store_id: int, sku_ids: Sequence[int]) -> Sums:
    """`shelf`, `spend` and `ranks` in the order of the ids given."""
    row = sql.fetch_one(
        _SUMS, person_ids=person_ids, template_id=template_id, store_id=store_id, sku_ids=sku_ids
    )
    return Sums(*row)


def moved(order_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """(points earned less taken back, points paid with less given back) of these orders."""
    rows = sql.fetch(_MOVED, order_ids=order_ids) if order_ids else []
    return {r.order_id: (r.earned, r.paid) for r in rows}


def expired(person_ids: Sequence[int], at: datetime) -> int:
    month = f"{clock.business_day(at):%Y-%m}"
    return int(sql.fetch_one(_EXPIRED, person_ids=person_ids, month=month).points)


def buckets(person_ids: Sequence[int]) -> list[tuple[int, str, int]]:
    """(owner, bucket, points) of whatever is not empty."""
    return [(r.owner_id, r.bucket, r.balance) for r in sql.fetch(_BUCKETS, person_ids=person_ids)]


def persons(person_ids: Sequence[int]) -> list[tuple[object, ...]]:
    """All that each of them is and has."""
    return [tuple(r) for r in sql.fetch(_PERSONS, person_ids=person_ids)]


def last_fact() -> int:
    return int(sql.fetch_one(_LAST).last_value)


def digest(after: int) -> tuple[object, ...]:
    """Another one as soon as anything has settled, moved or changed. `after`: the last fact of another example."""
    return tuple(sql.fetch_one(_DIGEST, after=after))


def wrong(after: int) -> list[tuple[object, ...]]:
    """(what, fact) of facts that contradict the books: a debt that nobody is shown or that is none, points in the bucket of
    another year, points given back where they had not been taken."""
    return [tuple(r) for r in sql.fetch(_WRONG, after=after)]


_LAST = sql.Statement("last", "select last_value from fact_id_seq")
_SUMS = sql.Statement(
    "sums",
    """
with held as (
    select owner_id, balance from account
    where unit = 'points' and owner_kind = 'person' and owner_id = any(%(person_ids)s::bigint[])),
moved as (
    select sku_id, sum(milli) as milli from (
        select sku_id, on_hand_milli - shortage_milli as milli from stock
        where org_unit_id = %(store_id)s::int and sku_id = any(%(sku_ids)s::int[])
        union all
        select sku_id, moved_milli from goods_pending(array[%(store_id)s::int], %(sku_ids)s::int[])) m
    group by sku_id)
select (select coalesce(sum(balance), 0)::bigint from held) as points,
    (select count(*)::int from (
        select from held group by owner_id having min(balance) < 0 and max(balance) > 0) both_ways) as holders_who_owe,
    (select coalesce(sum(balance), 0)::bigint from account
        where unit = 'budget' and owner_kind = 'template' and owner_id = %(template_id)s::bigint) as budget,
    array(select coalesce(m.milli, 0)::bigint from unnest(%(sku_ids)s::int[]) with ordinality as n (id, place)
        left join moved m on m.sku_id = n.id order by n.place) as shelf,
    array(select coalesce(p.spend, 0)::bigint from unnest(%(person_ids)s::bigint[]) with ordinality as n (id, place)
        left join tier_progress p on p.person_id = n.id order by n.place) as spend,
    array(select coalesce(p.rank, 0) from unnest(%(person_ids)s::bigint[]) with ordinality as n (id, place)
        left join tier_progress p on p.person_id = n.id order by n.place) as ranks
""",
)
_MOVED = sql.Statement(
    "moved",
    """
select coalesce(s.order_id, s.fact_id) as order_id,
    coalesce(sum(case t.reason when 'earn' then t.amount when 'take_back' then -t.amount end), 0)::bigint as earned,
    coalesce(sum(case t.reason when 'spend' then t.amount when 'spend_back' then -t.amount end), 0)::bigint as paid
from settlement s
cross join lateral (
    select reason, amount from transfer where fact_id = s.fact_id and unit = 'points' offset 0) t
where s.fact_id = any(%(order_ids)s::bigint[]) or s.order_id = any(%(order_ids)s::bigint[])
group by 1
""",
)
_EXPIRED = sql.Statement(
    "expired",
    "select coalesce(sum(balance), 0)::bigint as points from account where unit = 'points' and owner_kind = 'person'"
    " and owner_id = any(%(person_ids)s::bigint[]) and balance > 0 and bucket not in ('', 'debt') and bucket < %(month)s",
)
_BUCKETS = sql.Statement(
    "buckets",
    "select owner_id, bucket, balance from account where unit = 'points' and owner_kind = 'person' and balance <> 0"
    " and owner_id = any(%(person_ids)s::bigint[]) order by owner_id, bucket",
)
_PERSONS = sql.Statement(
    "persons",
    """
select n.id, c.canonical_id, p.spend, p.rank, p.members,
    array(select row(unit, bucket, balance)::text from account
        where owner_kind = 'person' and owner_id = n.id and balance <> 0 order by 1) as held,
    array(select row(id, state)::text from coupon where person_id = n.id order by 1) as coupons,
    (select count(*) from sale where person_id = n.id) as orders
from unnest(%(person_ids)s::bigint[]) as n (id)
left join person_cluster c on c.person_id = n.id
left join tier_progress p on p.person_id = n.id
order by n.id
""",
)
_DIGEST = sql.Statement(
    "digest",
    """
select (select row(count(*), sum(fact_id), max(seq))::text from settlement where fact_id > %(after)s) as facts,
    (select row(count(*), sum(amount))::text from transfer where fact_id > %(after)s) as transfers,
    (select sum(balance * id) from account) as accounts,
    (select row(count(*), sum(amount), sum(refunded))::text from sale where id > %(after)s) as orders,
    (select row(count(*), sum(used))::text from coupon) as coupons,
    (select row(sum(spend), sum(rank))::text from tier_progress) as tiers,
    (select sum(moved_milli) from goods_posted where fact_id > %(after)s) as goods,
    (select count(*) from fact_exception where fact_id > %(after)s) as exceptions
""",
)
_WRONG = sql.Statement(
    "wrong",
    """
with debts as (
    select distinct t.fact_id from transfer t join account a on a.id = t.from_account_id and a.bucket = 'debt'
    where t.fact_id > %(after)s),
shown as (
    select distinct fact_id from fact_exception
    where fact_id > %(after)s and code in ('points_owed', 'budget_owed', 'balance_owed')),
earned as (
    select t.fact_id from transfer t
    join account a on a.id = t.to_account_id
    join fact_order o on o.fact_id = t.fact_id
    where t.fact_id > %(after)s and t.unit = 'points' and t.reason = 'earn' and
         a.bucket not in ('debt', extract(year from o.business_day) + 1 || '-12')),
paid as (
    select coalesce(s.order_id, s.fact_id) as order_id, a.owner_id, a.bucket, max(o.business_day) as last_day,
        sum(case when t.reason = 'spend' then t.amount else 0 end) as taken,
        sum(case when t.reason = 'spend_back' then t.amount else 0 end) as back
    from transfer t
    join settlement s on s.fact_id = t.fact_id
    join fact_order o on o.fact_id = t.fact_id
    join account a on a.owner_kind = 'person' and a.id in (t.from_account_id, t.to_account_id)
    where t.fact_id > %(after)s and t.unit = 'points' and t.reason in ('spend', 'spend_back')
    group by 1, 2, 3)
select 'owed' as what, coalesce(d.fact_id, e.fact_id) as fact_id
from debts d full join shown e using (fact_id) where d.fact_id is null or e.fact_id is null
union all
select 'bucket', fact_id from earned
union all
select 'split', p.order_id from paid p
where p.back > p.taken and p.bucket <> 'debt' and not exists (
    select from paid other where other.order_id = p.order_id and other.taken > 0
        and (other.bucket = 'debt' or other.bucket < to_char(p.last_day, 'YYYY-MM') or other.owner_id <> p.owner_id))
""",
)
