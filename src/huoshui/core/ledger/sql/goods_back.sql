-- name: handed_over
-- Goods of other shelves that the orders of these facts sold: what was handed over and at what price, how many of them the
-- order has out now (what its facts moved where it was sold), and what went back before. In the order of the hand-overs.
select told.fact_id, told.order_key, d.fact_id as handover_fact_id, r.org_unit_id, r.seller_org_unit_id, r.sku_id,
    l.said_milli as quantity_milli, coalesce(r.price, 0) as price, now_is.out_milli, before.milli as back_milli
from (
    select distinct on (s.order_id) s.fact_id, s.order_id, o.source_id, coalesce(o.parent_key, o.order_key) as order_key
    from unnest(%(fact_ids)s::bigint[]) as given (fact_id)
    cross join lateral (
        select fact_id, order_id from settlement where fact_id = given.fact_id and state = 'settled' offset 0) s
    cross join lateral (select source_id, order_key, parent_key from fact_order where fact_id = s.fact_id offset 0) o
    where s.order_id is not null
    order by s.order_id, s.fact_id desc) told
cross join lateral (
    select * from goods_reservation
    where order_key in (told.source_id || '/' || told.order_key, '0/' || told.order_key)
        and state = 'fulfilled' and seller_org_unit_id <> org_unit_id offset 0) r
cross join lateral (
    select fact_id from goods_document
    where org_unit_id = r.org_unit_id and key = 'handover ' || r.order_key and kind = 'handover' offset 0) d
cross join lateral (
    select said_milli from goods_document_line
    where fact_id = d.fact_id and org_unit_id = r.org_unit_id and sku_id = r.sku_id offset 0) l
cross join lateral (
    select coalesce(-sum(m.moved_milli), 0)::bigint as out_milli
    from (
        select fact_id from settlement where fact_id = told.order_id
        union all
        select fact_id from settlement where order_id = told.order_id and fact_id <> told.order_id) s
    cross join lateral (
        select moved_milli from goods_movement
        where fact_id = s.fact_id and org_unit_id = r.seller_org_unit_id and sku_id = r.sku_id offset 0) m) now_is
cross join lateral (
    select coalesce(sum(quantity_milli), 0)::bigint as milli from goods_handed_back
    where handover_fact_id = d.fact_id and sku_id = r.sku_id) before
order by d.fact_id, r.sku_id

-- name: add_handed_back
insert into goods_handed_back (fact_id, handover_fact_id, sku_id, quantity_milli, amount)
select * from unnest(%(fact_ids)s::bigint[], %(handover_fact_ids)s::bigint[], %(sku_ids)s::int[], %(quantities)s::bigint[],
    %(amounts)s::bigint[])
