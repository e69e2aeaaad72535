-- name: siblings
-- Facts of this batch that are not the first of their order: refunds, and orders already on record.
select o.fact_id, false as is_refund, s.id as sale_id, o.status = 'verified' and o.line_count = 0 as is_taking, '' as status
from fact_order o
cross join lateral (
    select id from sale where source_id = o.source_id and order_key = o.order_key offset 0) s
where o.fact_id = any(%(fact_ids)s::bigint[]) and o.name <> 'Order Refunded'
union all
select o.fact_id, true, s.id, false, o.status
from fact_order o
left join lateral (
    select id from sale where source_id = o.source_id and order_key = o.parent_key offset 0) s on true
where o.fact_id = any(%(fact_ids)s::bigint[]) and o.name = 'Order Refunded'
order by 1

-- name: said_back
-- What these refunds say in lines that came back.
select fact_id, -amount as amount from fact_order where fact_id = any(%(fact_ids)s::bigint[])

-- name: lock_sales
-- In id order, so that two batches never wait for each other in a ring.
select id, fact_ids, org_unit_id, verified_id is not null as is_verified from sale where id = any(%(sale_ids)s::bigint[]) order by id for no key update

-- name: line_keys
-- What tells lines of one order apart: their own key, else the product.
select fact_id, coalesce(line_key, '#' || sku_id) as key from fact_line where fact_id = any(%(fact_ids)s::bigint[])

-- name: lines_left
-- Each line of these orders as it stands: what the sale's facts say, and what refunds beside them gave back.
select s.id as sale_id, coalesce(l.line_key, '#' || l.sku_id) as key,
    coalesce(min(l.line_no) filter (where o.name <> 'Order Refunded'), 0)::int as line_no,
    (array_agg(l.line_key))[1] as line_key,
    -- What was sold, whatever came back under its key before it was told anew
    coalesce((array_agg(l.sku_id order by l.line_no) filter (where o.name <> 'Order Refunded'))[1], min(l.sku_id))::int as sku_id,
    coalesce(sum(l.quantity_milli) filter (where o.name <> 'Order Refunded'), 0)::bigint as quantity_milli,
    coalesce(sum(l.amount) filter (where o.name <> 'Order Refunded'), 0)::bigint as amount,
    coalesce(sum(l.discount) filter (where o.name <> 'Order Refunded'), 0)::bigint as discount,
    coalesce(sum(l.coupon_discount) filter (where o.name <> 'Order Refunded'), 0)::bigint as coupon_discount,
    sum(case when o.name = 'Order Refunded' then -l.quantity_milli else l.refunded_milli end)::bigint as returned_milli,
    sum(case when o.name = 'Order Refunded' then -l.amount else l.refunded end)::bigint as returned
from sale s
cross join lateral unnest(s.fact_ids) as told
cross join lateral (select fact_id, name from fact_order where fact_id = told offset 0) o
cross join lateral (select * from fact_line where fact_id = o.fact_id offset 0) l
where s.id = any(%(sale_ids)s::bigint[])
group by s.id, coalesce(l.line_key, '#' || l.sku_id)
order by s.id, line_no, key

-- name: lines_of_refunds
-- What each of these refunds takes back of each line, as positive numbers.
select fact_id, coalesce(line_key, '#' || sku_id) as key, min(line_no)::int as line_no,
    -sum(quantity_milli)::bigint as quantity_milli, -sum(amount)::bigint as amount
from fact_line where fact_id = any(%(fact_ids)s::bigint[])
group by 1, 2

-- name: given_back
-- How much each of these facts says was given back to the customer, and under which number.
select fact_id, case when name = 'Order Refunded' then -amount else refunded end as given_back,
    case when name <> 'Order Refunded' then ''
        when order_key is distinct from parent_key then order_key else order_key || ' ' || occurred_at end as refund_key
from fact_order where fact_id = any(%(fact_ids)s::bigint[])

-- name: add_sales
-- The first fact of each order makes its row.
insert into sale (id, source_id, order_key, person_id, org_unit_id, occurred_at, business_day, channel, status,
    amount, refunded, discount, coupon_discount, line_count, fact_ids)
select o.fact_id, o.source_id, o.order_key, s.person_id, o.org_unit_id, o.occurred_at, o.business_day, o.channel,
    o.status, o.amount, o.refunded, o.discount, o.coupon_discount, o.line_count, array[o.fact_id]
from fact_order o
cross join lateral (select person_id from settlement where fact_id = o.fact_id offset 0) s
where o.fact_id = any(%(fact_ids)s::bigint[])

-- name: add_changes
insert into sale_change (fact_id, sale_id, kind)
select * from unnest(%(fact_ids)s::bigint[], %(sale_ids)s::bigint[], %(kinds)s::text[])

-- name: refresh_sales
-- Orders that changed, from the facts that make them up now. A refund's own lines are negative: what was given back.
with now_is as (
    select n.sale_id, string_to_array(n.current, ',')::bigint[] as fact_ids
    from unnest(%(sale_ids)s::bigint[], %(currents)s::text[]) as n (sale_id, current)),
summed as (
    select n.sale_id, n.fact_ids,
        sum(o.amount) filter (where o.name <> 'Order Refunded') as amount,
        sum(case when o.name = 'Order Refunded' then -o.amount else o.refunded end) as refunded,
        sum(o.discount) as discount, sum(o.coupon_discount) as coupon_discount, sum(o.line_count)
            filter (where o.name <> 'Order Refunded') as line_count,
        (array_agg(o.status order by o.fact_id desc) filter (where o.name <> 'Order Refunded'))[1] as status,
        (array_agg(o.org_unit_id order by o.fact_id desc)
            filter (where o.name <> 'Order Refunded' and o.org_unit_id is not null))[1] as org_unit_id,
        (array_agg(s.person_id order by o.fact_id desc)
            filter (where o.name <> 'Order Refunded' and s.person_id is not null))[1] as person_id
    from now_is n
    join fact_order o on o.fact_id = any(n.fact_ids)
    join settlement s on s.fact_id = o.fact_id
    group by n.sale_id, n.fact_ids)
update sale set fact_ids = x.fact_ids, amount = x.amount, refunded = x.refunded, discount = x.discount,
    coupon_discount = x.coupon_discount, line_count = x.line_count, status = x.status,
    org_unit_id = coalesce(x.org_unit_id, sale.org_unit_id), person_id = coalesce(x.person_id, sale.person_id)
from summed x where sale.id = x.sale_id

-- name: waiting_children
-- Refunds that waited for these orders.
select r.fact_id
from fact_order o
cross join lateral (
    select fact_id from fact_order where source_id = o.source_id and parent_key = o.order_key offset 0) r
cross join lateral (select from settlement where fact_id = r.fact_id and state = 'waiting' offset 0) s
where o.fact_id = any(%(fact_ids)s::bigint[])

-- name: sales_of
select s.id as sale_id, s.id as fact_id, s.order_key, s.org_unit_id, s.occurred_at, s.amount, s.refunded, s.discount,
    s.status, s.channel, s.line_count, s.fact_ids, s.person_id
from sale s
where s.person_id = any(%(person_ids)s::bigint[])
    and (s.occurred_at, s.id) < (%(before)s::timestamptz, %(before_id)s::bigint)
order by s.occurred_at desc, s.id desc limit %(limit)s

-- name: sale_by_fact
select s.id as sale_id, s.id as fact_id, s.order_key, s.org_unit_id, s.occurred_at, s.amount, s.refunded, s.discount,
    s.status, s.channel, s.line_count, s.fact_ids, s.person_id
from sale s
where s.id = (
    select coalesce(told.verified_id, told.id) from sale told
    where told.id = coalesce((select sale_id from sale_change where fact_id = %(fact_id)s), %(fact_id)s))

-- name: order_by_key
select id, org_unit_id, person_id, occurred_at, business_day, channel, fact_ids, verified_id is not null as is_verified
from sale where source_id = %(source_id)s and order_key = %(order_key)s

-- name: find_order
-- Looked up source by source, since that is how order numbers are indexed. A voucher's code finds the sale that verified it.
select s.id as sale_id, s.id as fact_id, s.order_key, s.org_unit_id, s.occurred_at, s.amount, s.refunded, s.discount,
    s.status, s.channel, s.line_count, s.fact_ids, s.person_id
from source
cross join lateral (
    select verified.* from sale told join sale verified on verified.id = coalesce(told.verified_id, told.id)
    where told.source_id = source.id and told.order_key = %(order_key)s offset 0) s
order by s.id desc limit 5

-- name: served_by
-- Who served, as it was told last.
select staff_id from fact_order where fact_id = any(%(fact_ids)s::bigint[]) and staff_id is not null
order by fact_id desc limit 1

-- name: changes_of
select c.fact_id, c.kind, c.changed_at, o.amount, o.refunded, o.status
from sale_change c join fact_order o on o.fact_id = c.fact_id
where c.sale_id = %(sale_id)s order by c.fact_id

-- name: card_figures
-- What each canonical person bought: the members of the cluster are given as two arrays.
select m.canonical_id, min(s.occurred_at) as first_sale_at, max(s.occurred_at) as last_sale_at,
    count(*)::int as orders, sum(s.amount - s.refunded)::bigint as spend,
    mode() within group (order by s.org_unit_id) as home_org_unit_id
from unnest(%(person_ids)s::bigint[], %(canonical_ids)s::bigint[]) as m (person_id, canonical_id)
join sale s on s.person_id = m.person_id
group by m.canonical_id

-- name: forget_buyer
update sale set person_id = null where person_id = any(%(person_ids)s::bigint[])
