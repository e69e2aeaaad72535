-- name: counted
-- Of each of these dealers: codes that are live, and scans of all its codes.
select c.dealer_id, (count(distinct c.id) filter (where c.state = 'live'))::int as codes, count(x.fact_id)::int as scans
from scan_code c left join code_scan x on x.code_id = c.id
where c.dealer_id = any(%(dealer_ids)s::int[])
group by c.dealer_id
