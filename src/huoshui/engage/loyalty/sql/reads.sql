-- name: balances_by_bucket
select unit, bucket, sum(balance)::bigint as points from account
where owner_kind = 'person' and owner_id = any(%(person_ids)s::bigint[]) and (unit = 'points' or unit like 'points@%%')
group by 1, 2 having sum(balance) <> 0
order by 1, 2

-- name: balance_changes
-- For the lake: what now lies on all accounts of points of each id whose accounts something settled in these transactions
-- moved. The last transaction orders them: a balance read later holds all that one read before did.
with moved as materialized (
    select a.owner_id, a.unit, max(s.xid::text::bigint) as seq, max(s.settled_at) as at
    from settlement s
    join transfer t on t.fact_id = s.fact_id
    join account a on a.id in (t.from_account_id, t.to_account_id)
    where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8
        and a.owner_kind = 'person' and (a.unit = 'points' or a.unit like 'points@%%')
    group by 1, 2)
select m.owner_id as person_id, 'balance.' || m.unit as key, null::text as value, b.balance as number, m.at, m.seq, 0 as source_id
from moved m
cross join lateral (
    select sum(a.balance)::float8 as balance from account a
    where a.owner_kind = 'person' and a.owner_id = m.owner_id and a.unit = m.unit offset 0) b

-- name: history
-- What moved in these persons' points, newest fact first; a page holds whole facts.
with mine as (
    select id, bucket from account
    where unit = 'points' and owner_kind = 'person' and owner_id = any(%(person_ids)s::bigint[])),
page as (
    select distinct t.fact_id from mine
    cross join lateral (
        (select fact_id from transfer where to_account_id = mine.id and fact_id < %(before)s
            group by fact_id order by fact_id desc limit %(limit)s)
        union all
        (select fact_id from transfer where from_account_id = mine.id and fact_id < %(before)s
            group by fact_id order by fact_id desc limit %(limit)s)) t
    order by t.fact_id desc limit %(limit)s),
legs as (
    select t.fact_id, t.reason, mine.bucket, case when t.to_account_id = mine.id then t.amount else -t.amount end as points
    from page join transfer t on t.fact_id = page.fact_id join mine on mine.id in (t.to_account_id, t.from_account_id))
select l.fact_id, s.occurred_at as at, s.name, l.reason, l.bucket, sum(l.points)::bigint as points,
    coalesce(f.body->>'reason', f.body->>'partner', '') as told, s.order_id
from legs l
join settlement s on s.fact_id = l.fact_id
join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at
group by l.fact_id, s.occurred_at, s.name, l.reason, l.bucket, f.body, s.order_id
order by l.fact_id desc, l.reason, l.bucket

-- name: bonus_points_of
-- What the bonus rules gave to orders.
select r.order_id, b.name, r.points from earn_order r join earn_bonus b on b.id = r.bonus_id
where r.order_id = any(%(order_ids)s::bigint[]) and r.points > 0 order by r.order_id, b.id
