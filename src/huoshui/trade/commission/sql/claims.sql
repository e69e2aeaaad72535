-- name: receipts
-- Sales of this number since then, of whichever till; by the index of order numbers. What was told again is one sale.
select s.fact_id as order_id, o.order_key, o.org_unit_id as store_id, o.staff_id, o.amount, o.occurred_at
from source src
cross join lateral (
    select * from fact_order where source_id = src.id and order_key = %(number)s::text and name = 'Order Completed' offset 0) o
cross join lateral (
    select fact_id from settlement
    where fact_id = o.fact_id and state = 'settled' and not is_history and order_id is null offset 0) s
where o.occurred_at >= %(since)s::timestamptz and o.org_unit_id is not null
order by o.occurred_at desc

-- name: add_claim
insert into commission_claim (order_id, guide_id, fact_id, claimed_at)
values (%(order_id)s::bigint, %(guide_id)s::int, %(fact_id)s::bigint, %(at)s::timestamptz)
on conflict (order_id) do nothing

-- name: claimed_by
select guide_id from commission_claim where order_id = %(order_id)s::bigint

-- name: add_dispute
insert into commission_claim_dispute (order_id, employer_id, guide_id, against_id, fact_id, said_at)
values (%(order_id)s::bigint, %(employer_id)s::int, %(guide_id)s::int, %(against_id)s::int, %(fact_id)s::bigint, %(at)s::timestamptz)
on conflict (order_id, guide_id) do nothing

-- name: open_disputes
select d.order_id, d.employer_id, d.guide_id, d.against_id, d.said_at, o.order_key, o.amount, o.occurred_at, o.org_unit_id as store_id
from commission_claim_dispute d
cross join lateral (select * from fact_order where fact_id = d.order_id offset 0) o
where d.employer_id = any(%(employer_ids)s::int[]) and not exists (
    select from commission_decision c
    where c.order_id = d.order_id and c.employer_id = d.employer_id and c.fact_id > d.fact_id)
order by d.said_at limit 50
