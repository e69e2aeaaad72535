-- name: sold_at
-- Orders of these stores as they stand, page by page.
select id, order_key, business_day as day, occurred_at as at, org_unit_id as store_id, person_id, status, amount, refunded, line_count
from sale where id > %(after)s::bigint and org_unit_id = any(%(store_ids)s::int[])
order by id limit %(limit)s
