-- name: new_signs
-- What was tracked of baskets and scans in these transactions, of known people. History raises nothing now.
select s.fact_id, s.name, s.source_id, s.person_id, s.occurred_at,
    left(coalesce(v.told->>'cart_id', v.told->>'checkout_id', ''), 100) as cart,
    left(coalesce(v.told->>'store_code', v.told->>'store', ''), 100) as store
from settlement s
cross join lateral (
    select coalesce(body->'properties', body) as told from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) v
where s.xid >= %(low)s::xid8 and s.xid < %(high)s::xid8 and s.state = 'settled' and s.name = any(%(names)s::text[])
    and s.person_id is not null and not s.is_history
order by s.fact_id

-- name: unknown_signs
select n.fact_id from unnest(%(fact_ids)s::bigint[]) as n (fact_id)
where not exists (select from basket_sign b where b.fact_id = n.fact_id)

-- name: buyers
-- Who bought in these transactions, as far back as anything waits for it.
select distinct person_id from settlement
where xid >= %(low)s::xid8 and xid < %(high)s::xid8 and state = 'settled' and name = 'Order Completed'
    and person_id is not null and occurred_at >= %(since)s::timestamptz

-- name: near_baskets
-- Those of these persons in this time, and those with one of these numbers.
select b.id, b.kind, b.source_id, b.cart, b.person_id, b.began_at, b.last_at, b.state, b.bought_at, b.fact_id
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select * from basket where person_id = p.person_id and last_at >= %(since)s::timestamptz
        and began_at <= %(until)s::timestamptz offset 0) b
union
select b.id, b.kind, b.source_id, b.cart, b.person_id, b.began_at, b.last_at, b.state, b.bought_at, b.fact_id
from unnest(%(source_ids)s::int[], %(carts)s::text[]) as c (source_id, cart)
cross join lateral (
    select * from basket where source_id = c.source_id and cart = c.cart and c.cart <> '' and person_id is not null offset 0) b

-- name: add_baskets
-- In the order given: their ids ascend in it.
insert into basket (kind, source_id, cart, person_id, org_unit_id, began_at, last_at, day, hour)
select n.kind, n.source_id, n.cart, n.person_id, n.org_unit_id, n.began_at, n.last_at, n.day, n.hour
from unnest(%(kinds)s::text[], %(source_ids)s::int[], %(carts)s::text[], %(person_ids)s::bigint[], %(org_unit_ids)s::int[],
    %(began)s::timestamptz[], %(last)s::timestamptz[], %(days)s::date[], %(hours)s::smallint[]) with ordinality
    as n (kind, source_id, cart, person_id, org_unit_id, began_at, last_at, day, hour, place)
order by n.place
returning id

-- name: stretch_baskets
update basket set began_at = n.began_at, last_at = n.last_at, day = n.day, hour = n.hour
from unnest(%(ids)s::bigint[], %(began)s::timestamptz[], %(last)s::timestamptz[], %(days)s::date[], %(hours)s::smallint[])
    as n (id, began_at, last_at, day, hour)
where basket.id = n.id

-- name: add_signs
insert into basket_sign (fact_id, basket_id, occurred_at)
select * from unnest(%(fact_ids)s::bigint[], %(basket_ids)s::bigint[], %(times)s::timestamptz[]) on conflict do nothing

-- name: due_baskets
-- Those whose time has come, oldest first.
select id, kind, source_id, cart, person_id, began_at, last_at, state, bought_at, fact_id from basket
where state = 'open' and person_id is not null and last_at < case kind when 'scan' then %(scan)s::timestamptz else %(basket)s::timestamptz end
order by last_at, id limit %(limit)s

-- name: baskets_of
-- Those of these persons that an order may still change.
select b.id, b.kind, b.source_id, b.cart, b.person_id, b.began_at, b.last_at, b.state, b.bought_at, b.fact_id
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select * from basket where person_id = p.person_id and last_at >= %(since)s::timestamptz and state <> 'bought' offset 0) b

-- name: baskets_since
select id, kind, source_id, cart, person_id, began_at, last_at, state, bought_at, fact_id from basket
where last_at >= %(since)s::timestamptz and state <> 'bought' and person_id is not null order by id

-- name: lock_baskets
select id from basket where id = any(%(ids)s::bigint[]) order by id for update

-- name: told_in
-- What the facts of these baskets say, in the order of time.
select b.basket_id, f.name, f.id as fact_id, coalesce(f.body->'properties', f.body) as told
from unnest(%(ids)s::bigint[]) as n (id)
cross join lateral (select * from basket_sign where basket_id = n.id offset 0) b
cross join lateral (
    select id, name, body from fact where id = b.fact_id and occurred_at = b.occurred_at offset 0) f
order by b.basket_id, b.occurred_at, f.id

-- name: set_contents
insert into basket_product (basket_id, code, sku_id, name, quantity_milli, amount)
select * from unnest(%(basket_ids)s::bigint[], %(codes)s::text[], %(sku_ids)s::int[], %(names)s::text[],
    %(quantities)s::bigint[], %(amounts)s::bigint[])
on conflict (basket_id, code) do update
set quantity_milli = excluded.quantity_milli, amount = excluded.amount, name = excluded.name, sku_id = excluded.sku_id

-- name: set_states
update basket set state = n.state, bought_at = n.bought_at, bought_fact_id = n.order_id,
    amount = coalesce(n.amount, basket.amount), fact_id = coalesce(n.fact_id, basket.fact_id),
    taken_back_by = coalesce(n.taken_back_by, basket.taken_back_by)
from unnest(%(ids)s::bigint[], %(states)s::text[], %(bought)s::timestamptz[], %(order_ids)s::bigint[], %(amounts)s::bigint[],
    %(fact_ids)s::bigint[], %(taken_back_by)s::bigint[])
    as n (id, state, bought_at, order_id, amount, fact_id, taken_back_by)
where basket.id = n.id

-- name: erase_visits
update visit set person_id = null, note = '', bought_fact_id = null where person_id = any(%(person_ids)s::bigint[])

-- name: erase_baskets
-- One that was still open was nobody's to leave: it is no number yet.
update basket set person_id = null, cart = '', bought_fact_id = null where person_id = any(%(person_ids)s::bigint[])

-- name: told_of
select v.ended_at as at, 'visit' as what, coalesce(r.label, v.reason) as reason, v.note
from visit v left join visit_reason r on r.code = v.reason
where v.person_id = any(%(person_ids)s::bigint[]) and v.taken_back_by is null
union all
select last_at, kind, '', '' from basket where person_id = any(%(person_ids)s::bigint[]) and state = 'left'
order by at
