-- name: voucher_sales
-- The orders that these vouchers are, to be locked before anything is decided about them.
select distinct sold.id
from (
    select source, code from fact_voucher where fact_id = any(%(fact_ids)s::bigint[])
    union
    select p.name, case when o.name = 'Order Refunded' then coalesce(o.parent_key, o.order_key) else o.order_key end
    from fact_order o join source p on p.id = o.source_id where o.fact_id = any(%(fact_ids)s::bigint[])) v
join source p on p.name in (v.source, 'till:' || v.source)
cross join lateral (select id from sale where source_id = p.id and order_key = v.code offset 0) sold
order by 1

-- name: vouchers_told
-- What these facts say of vouchers, and how each of those stands: the order it is, and the sale that verified it. A sale and
-- what is told of it later are one; a voided sale has not verified anything.
with said as (
    select fact_id, voucher_no, source, code, true as is_till from fact_voucher where fact_id = any(%(fact_ids)s::bigint[])
    union all
    select o.fact_id, 0, v.source, v.code, false
    from fact_order o join source p on p.id = o.source_id
    cross join lateral (
        select distinct source, code from fact_voucher
        where code = case when o.name = 'Order Refunded' then coalesce(o.parent_key, o.order_key) else o.order_key end
            and p.name in (source, 'till:' || source)) v
    where o.fact_id = any(%(fact_ids)s::bigint[]))
select said.fact_id, said.code, said.is_till, o.name = 'Order Refunded' as is_refund, o.status = 'void' as is_void, o.amount as own_amount,
    mine.id as own_sale_id, sold.id as sold_id, sold.verified_id, sold.amount as sold_amount, sold.refunded as sold_refunded,
    sold.person_id as sold_person_id, told.fact_id as told_id, used.fact_id as used_fact_id,
    used.sale_id as used_sale_id, used.order_key as used_order_key, used.person_id as used_person_id,
    (select coalesce(sum(amount), 0)::bigint from fact_tender
        where kind = 'voucher' and fact_id = case when said.is_till then said.fact_id else used.fact_id end) as tendered,
    (select count(*) from fact_voucher
        where fact_id = case when said.is_till then said.fact_id else used.fact_id end)::int as vouchers
from said
join fact_order o on o.fact_id = said.fact_id
left join lateral (
    select id from sale where source_id = o.source_id
        and order_key = case when o.name = 'Order Refunded' then o.parent_key else o.order_key end) mine on true
left join lateral (
    select sale.* from source p join sale on sale.source_id = p.id and sale.order_key = said.code
    where p.name in (said.source, 'till:' || said.source) order by sale.id limit 1) sold on true
left join lateral (
    select f.fact_id from source p join fact_order f on f.source_id = p.id and f.order_key = said.code
    join settlement s on s.fact_id = f.fact_id and s.state = 'settled'
    where p.name in (said.source, 'till:' || said.source) and f.name = 'Order Completed' and f.line_count > 0
    order by f.fact_id desc limit 1) told on true
left join lateral (
    select w.fact_id, by.id as sale_id, by.person_id, f.order_key
    from fact_voucher w
    join settlement s on s.fact_id = w.fact_id and s.state = 'settled' and s.name = 'Order Completed'
    join fact_order f on f.fact_id = w.fact_id
    join sale by on by.id = coalesce(s.order_id, s.fact_id)
    where w.code = said.code and w.source = said.source
        and not (said.is_till and f.source_id = o.source_id and f.order_key = coalesce(o.parent_key, o.order_key))
        and not exists (
            select from fact_voucher x join settlement z on z.fact_id = x.fact_id and z.state = 'settled'
            join fact_order b on b.fact_id = x.fact_id and b.status = 'void'
            where x.code = w.code and x.source = w.source and z.order_id = by.id)
    order by by.id, w.fact_id desc limit 1) used on true
order by said.fact_id, said.voucher_no

-- name: taken_facts
-- What was taken back of these orders when they were verified, and what was told of them since, to be told again.
with told as (
    select n.sale_id, s.fact_id, s.replaces, o.status = 'verified' and o.line_count = 0 as is_taking
    from unnest(%(sale_ids)s::bigint[]) as n (sale_id)
    cross join lateral (
        select fact_id, replaces from settlement where fact_id = n.sale_id and state = 'settled'
        union
        select fact_id, replaces from settlement where order_id = n.sale_id and state = 'settled'
        offset 0) s
    join fact_order o on o.fact_id = s.fact_id),
taking as (
    select distinct on (sale_id) sale_id, fact_id, replaces from told where is_taking order by sale_id, fact_id desc)
select t.sale_id, t.fact_id from told t left join taking k on k.sale_id = t.sale_id
where t.fact_id = any(k.replaces) or t.fact_id = any(t.replaces) and t.fact_id > coalesce(k.fact_id, 0)
order by t.fact_id

-- name: mark_verified
-- Their customer, store and money are now those of the sale that verified them; null: of none again.
update sale set verified_id = n.verified_id, person_id = null, amount = 0, refunded = 0, discount = 0, coupon_discount = 0,
    line_count = 0, fact_ids = '{}'
from unnest(%(sale_ids)s::bigint[], %(verified_ids)s::bigint[]) as n (sale_id, verified_id)
where sale.id = n.sale_id

-- name: lines_sold
-- Lines of the order of a verified voucher, as its platform last told them.
select coalesce(l.line_key, '#' || l.sku_id) as key, l.line_no, l.line_key, l.sku_id, l.quantity_milli, l.amount, l.discount,
    l.coupon_discount, l.refunded_milli as returned_milli, l.refunded as returned
from sale s
cross join lateral (
    select fact_id from fact_order
    where source_id = s.source_id and order_key = s.order_key and name = 'Order Completed' and line_count > 0
    order by fact_id desc limit 1) told
join fact_line l on l.fact_id = told.fact_id
where s.id = %(sale_id)s order by l.line_no

-- name: vouchers_of_sale
-- The vouchers that a sale verified, and what its platform has told of each; its fee where it said one (`extra.platform_fee`).
select v.source, v.code, sold.id as sold_id, src.label, told.amount as sold_amount,
    case when jsonb_typeof(f.body -> 'extra' -> 'platform_fee') = 'number'
        then (f.body -> 'extra' ->> 'platform_fee')::numeric::bigint end as fee
from (select distinct source, code from fact_voucher where fact_id = any(%(fact_ids)s::bigint[])) v
left join lateral (
    select sale.* from source p join sale on sale.source_id = p.id and sale.order_key = v.code
    where p.name in (v.source, 'till:' || v.source) and sale.verified_id = %(sale_id)s limit 1) sold on true
left join source src on src.id = sold.source_id
left join lateral (
    select fact_id, amount, occurred_at from fact_order
    where source_id = sold.source_id and order_key = sold.order_key and name = 'Order Completed' and line_count > 0
    order by fact_id desc limit 1) told on true
left join fact f on f.id = told.fact_id and f.occurred_at = told.occurred_at
order by 1, 2
