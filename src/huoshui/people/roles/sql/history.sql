-- name: bought
-- Orders of these persons (any ids) that still stand for money. Of an order told again, what all that was told comes to.
select p.person_id, x.order_id, x.at, x.day, x.amount
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select coalesce(s.order_id, s.fact_id) as order_id,
        min(s.occurred_at) filter (where s.name = 'Order Completed') as at,
        min(o.business_day) filter (where s.name = 'Order Completed') as day,
        sum(o.amount - o.refunded - coalesce(back.amount, 0))::bigint as amount
    from (
        select fact_id, order_id, name, occurred_at, replaces from settlement
        where person_id = p.person_id and state = 'settled' and name in ('Order Completed', 'Order Refunded') offset 0) s
    cross join lateral (select amount, refunded, business_day from fact_order where fact_id = s.fact_id offset 0) o
    left join lateral (
        select sum(b.amount - b.refunded) as amount from fact_order b where b.fact_id = any(s.replaces) offset 0) back
        on s.replaces is not null
    group by coalesce(s.order_id, s.fact_id)
    having sum(o.amount - o.refunded - coalesce(back.amount, 0)) > 0
    offset 0) x
where x.at is not null

-- name: signs
-- What else these persons did that a rule asks about.
select p.person_id, s.name, s.occurred_at as at, s.fact_id
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select fact_id, name, occurred_at from settlement
    where person_id = p.person_id and state = 'settled' and name = any(%(names)s::text[]) offset 0) s
where not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)

-- name: carried
-- The first fact of each of these persons that carries a kind of identifier.
select distinct on (p.person_id, i.kind) p.person_id, i.kind as name, s.occurred_at as at, s.fact_id
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select fact_id, occurred_at from settlement where person_id = p.person_id and state = 'settled' offset 0) s
cross join lateral (
    select kind from fact_identifier where fact_id = s.fact_id and kind = any(%(kinds)s::text[]) offset 0) i
where not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by p.person_id, i.kind, s.occurred_at, s.fact_id

-- name: told
-- What lists and profiles say of them.
select p.person_id, t.name, t.value, s.occurred_at as at, s.fact_id
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select fact_id, occurred_at from settlement
    where person_id = p.person_id and state = 'settled' and name = 'Identify' offset 0) s
cross join lateral (
    select name, value from fact_trait where fact_id = s.fact_id and name = any(%(names)s::text[]) and value <> '' offset 0) t
where not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)

-- name: declared
select d.person_id, d.id, d.name, d.detail, d.staff_id, d.since, d.until, d.actor, d.reason
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (select * from role_declared where person_id = p.person_id offset 0) d

-- name: orders_since
-- What these persons (any ids) have bought since they were brought, order by order: what is left of its money.
select n.person_id, x.order_id, x.amount
from unnest(%(person_ids)s::bigint[], %(sinces)s::timestamptz[]) as n (person_id, since)
cross join lateral (
    select coalesce(s.order_id, s.fact_id) as order_id,
        min(s.occurred_at) filter (where s.name = 'Order Completed') as at,
        sum(o.amount - o.refunded - coalesce(back.amount, 0))::bigint as amount
    from (
        select fact_id, order_id, name, occurred_at, replaces from settlement
        where person_id = n.person_id and state = 'settled' and name in ('Order Completed', 'Order Refunded') offset 0) s
    cross join lateral (select amount, refunded from fact_order where fact_id = s.fact_id offset 0) o
    left join lateral (
        select sum(b.amount - b.refunded) as amount from fact_order b where b.fact_id = any(s.replaces) offset 0) back
        on s.replaces is not null
    group by coalesce(s.order_id, s.fact_id)
    having sum(o.amount - o.refunded - coalesce(back.amount, 0)) > 0
    offset 0) x
where x.at >= n.since
