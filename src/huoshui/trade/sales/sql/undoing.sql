-- name: sales_to_forget
-- The rows of these orders, locked in id order as `lock_sales` does.
select s.id, s.source_id, s.order_key, s.person_id, s.verified_id is not null as is_verified
from unnest(%(source_ids)s::int[], %(order_keys)s::text[]) as n (source_id, order_key)
cross join lateral (
    select * from sale where source_id = n.source_id and order_key = n.order_key offset 0 for no key update) s
order by s.id

-- name: forget_changes
delete from sale_change where sale_id = any(%(sale_ids)s::bigint[])

-- name: forget_sales
delete from sale where id = any(%(sale_ids)s::bigint[])
