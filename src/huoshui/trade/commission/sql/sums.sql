-- name: by_day_and_store
-- What guides earned by the orders of each store, less what was clawed back, on the day it was booked.
select e.booked_on as business_day, o.store_id as org_unit_id, sum(e.amount)::bigint as amount
from commission_entry e join commission_order o on o.order_id = e.order_id
where e.kind = 'commission' and (%(first)s::date is null or e.booked_on >= %(first)s::date)
    and (%(last)s::date is null or e.booked_on <= %(last)s::date)
group by e.booked_on, o.store_id
