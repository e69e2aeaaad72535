-- name: add_lead_fees
insert into commission_lead_fee (order_id, lead_id, payer_id, permille, cap, rule_version, actor)
select order_id, lead_id, payer_id, permille, cap, version, %(actor)s
from unnest(%(order_ids)s::bigint[], %(lead_ids)s::bigint[], %(payers)s::int[], %(permilles)s::int[], %(caps)s::bigint[],
    %(versions)s::int[]) as n (order_id, lead_id, payer_id, permille, cap, version)

-- name: lead_fees
-- What was said last of each lead of these orders.
select n.order_id, f.payer_id, f.permille, f.cap, f.rule_version
from unnest(%(order_ids)s::bigint[]) as n (order_id)
cross join lateral (
    select distinct on (lead_id) payer_id, permille, cap, rule_version from commission_lead_fee
    where order_id = n.order_id order by lead_id, id desc offset 0) f

-- name: lead_fees_written
-- What stands in the books of each dealer's fee for the leads of these orders.
select coalesce(sum(e.amount), 0)::bigint as amount
from unnest(%(order_ids)s::bigint[], %(payers)s::int[]) as n (order_id, payer_id)
cross join lateral (select * from commission_entry where order_id = n.order_id and kind = 'lead_fee' offset 0) e
cross join lateral (select * from commission_party where id = e.party_id and payer_id = n.payer_id offset 0) p

-- name: nets
-- What is left of each of these orders: what its facts say, less what they take back.
select n.order_id, coalesce(sum(l.amount), 0)::bigint as amount
from unnest(%(order_ids)s::bigint[]) as n (order_id)
cross join lateral (
    select fact_id, replaces from settlement where fact_id = n.order_id and state = 'settled'
    union all
    select fact_id, replaces from settlement
    where order_id = n.order_id and fact_id <> n.order_id and state = 'settled' offset 0) s
cross join lateral (
    select amount - refunded as amount from fact_line where fact_id = s.fact_id
    union all
    select -(b.amount - b.refunded) from fact_line b where b.fact_id = any(s.replaces) offset 0) l
group by 1
