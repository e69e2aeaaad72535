-- name: heads
-- What these facts are, how far they have come, the points they moved, and whether exceptions are open.
select s.fact_id, s.name, s.source_id, s.state, s.person_id, coalesce(o.parent_key, o.order_key, '') as order_key,
    coalesce(o.amount, 0) as amount, b.balance, p.earned, p.spent, p.taken_back, p.given_back,
    e.fact_id is not null as has_exceptions
from unnest(%(fact_ids)s::bigint[]) as given (fact_id)
cross join lateral (
    select fact_id, name, source_id, state, person_id from settlement where fact_id = given.fact_id offset 0) s
left join lateral (
    select order_key, case when name = 'Order Refunded' then parent_key end as parent_key, amount
    from fact_order where fact_id = s.fact_id offset 0) o on true
cross join lateral (
    select coalesce(sum(amount) filter (where reason = 'earn'), 0)::bigint as earned,
        coalesce(sum(amount) filter (where reason = 'spend'), 0)::bigint as spent,
        coalesce(sum(amount) filter (where reason = 'take_back'), 0)::bigint as taken_back,
        coalesce(sum(amount) filter (where reason = 'spend_back'), 0)::bigint as given_back
    from transfer where fact_id = s.fact_id and unit = 'points' offset 0) p
cross join lateral (
    select coalesce(sum(balance), 0)::bigint as balance from account
    where unit = 'points' and owner_kind = 'person' and owner_id = s.person_id offset 0) b
left join lateral (select fact_id from fact_exception where fact_id = s.fact_id and state = 'open' limit 1) e on true

-- name: coupons_told
select fact_id, code, amount from fact_coupon where fact_id = any(%(fact_ids)s::bigint[]) order by fact_id, coupon_no

-- name: traced
select 1 as found from audit_entry where action = 'refund.made' and object_kind = 'fact' and object_id = %(fact_id)s limit 1

-- name: told_of
-- The order that a fact is about, and where it was.
select coalesce(parent_key, order_key) as order_key, org_unit_id from fact_order where fact_id = %(fact_id)s::bigint

-- name: served_by
-- Who served an order, as its facts say it, the latest first.
select staff_id from fact_order
where fact_id = any(%(fact_ids)s::bigint[]) and staff_id is not null
order by fact_id desc limit 1

-- name: refund_of_number
-- What an order's refund of this number gave back. Where a shop numbers refunds as their order, the time tells them apart.
select amount from fact_order
where fact_id = any(%(fact_ids)s::bigint[]) and name = 'Order Refunded' and order_key = %(refund_key)s
    and (order_key is distinct from parent_key or occurred_at = %(at)s::timestamptz)
limit 1

-- name: given_back
-- What these refunds gave back by line of their order, as its till numbers them; of lines that it has.
select r.fact_id, sold.line_no, -sum(r.amount)::bigint as amount
from fact_order o
join fact_line r on r.fact_id = o.fact_id
cross join lateral (
    select l.line_no from fact_order p join fact_line l on l.fact_id = p.fact_id
    where p.source_id = o.source_id and p.order_key = o.parent_key and p.name = 'Order Completed'
        and coalesce(l.line_key, '#' || l.sku_id) = coalesce(r.line_key, '#' || r.sku_id)
    order by p.fact_id, l.line_no limit 1) sold
where o.fact_id = any(%(fact_ids)s::bigint[])
group by r.fact_id, sold.line_no order by r.fact_id, sold.line_no

-- name: taxes
-- Tax by line of these facts, as their till said it, in the order in which the facts are given.
select coalesce(x.line->>'line_key', x.place::text) as line_key, (x.line->>'tax')::numeric::bigint as tax
from unnest(%(fact_ids)s::bigint[]) with ordinality as given (fact_id, turn)
cross join lateral (select fact_id, occurred_at from settlement where fact_id = given.fact_id offset 0) s
cross join lateral (select body->'lines' as lines from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
cross join lateral jsonb_array_elements(case jsonb_typeof(f.lines) when 'array' then f.lines end)
    with ordinality as x (line, place)
where jsonb_typeof(x.line->'tax') = 'number'
order by given.turn, x.place

-- name: known_platforms
-- Those of these names that a source bears, as an import or as the key of an adapter.
select v.name from unnest(%(names)s::text[]) as v (name)
where exists (select from source where name in (v.name, 'till:' || v.name))

-- name: sources_of_order
-- The sources that told of an order of this number as sold at this store.
select o.source_id
from source s
cross join lateral (
    select source_id, org_unit_id from fact_order
    where source_id = s.id and order_key = %(order_key)s and name = 'Order Completed'
    order by fact_id limit 1 offset 0) o
where o.org_unit_id = %(org_unit_id)s::int
order by o.source_id

-- name: count_repeated
insert into till_repeated (source_id, times, last_at) values (%(source_id)s::int, %(times)s::bigint, %(at)s::timestamptz)
on conflict (source_id) do update set times = till_repeated.times + excluded.times, last_at = excluded.last_at

-- name: repeated
select source_id, times from till_repeated

-- name: told_orders
-- Orders of these numbers that this source has told of under other keys, as they were told last.
select distinct on (n.place) n.place, o.amount, o.line_count
from unnest(%(order_keys)s::text[], %(keys)s::text[]) with ordinality as n (order_key, client_key, place)
cross join lateral (
    select fact_id, amount, line_count from fact_order
    where source_id = %(source_id)s::int and order_key = n.order_key and name = 'Order Completed' offset 0) o
where not exists (
    select from fact_key where source_id = %(source_id)s::int and client_key = n.client_key)
order by n.place, o.fact_id desc
