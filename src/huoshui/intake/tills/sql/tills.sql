-- name: heads
-- What these facts are and how far they have come.
select s.fact_id, s.name, s.source_id, s.state, s.person_id, f.client_key, coalesce(o.parent_key, o.order_key, '') as order_key,
    coalesce(o.amount, 0) as amount
from settlement s
cross join lateral (
    select client_key from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
left join lateral (
    select order_key, case when name = 'Order Refunded' then parent_key end as parent_key, amount
    from fact_order where fact_id = s.fact_id offset 0) o on true
where s.fact_id = any(%(fact_ids)s::bigint[])

-- name: persons
select fact_id, person_id from settlement where fact_id = any(%(fact_ids)s::bigint[]) and person_id is not null
