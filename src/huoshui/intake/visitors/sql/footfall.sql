-- name: new_counts
-- What counters told in these transactions, as they wrote it.
select s.fact_id, s.source_id, left(v.told->>'store', 100) as store,
    left(coalesce(v.told->>'device', v.told->>'counter', ''), 100) as counter, v.told->>'from' as began, v.told->>'to' as ended,
    v.told->>'in' as came, v.told->>'out' as gone
from settlement s
cross join lateral (
    select coalesce(body->'properties', body) as told from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) v
where s.xid >= %(low)s::xid8 and s.xid < %(high)s::xid8 and s.state = 'settled' and s.name = %(name)s
order by s.fact_id

-- name: put_counts
-- The latest word of a counter on a span stands; of two in one batch the later one was chosen before.
insert into footfall (source_id, org_unit_id, counter, began_at, ended_at, day, hour, came, gone, fact_id)
select * from unnest(%(source_ids)s::int[], %(org_unit_ids)s::int[], %(counters)s::text[], %(began)s::timestamptz[],
    %(ended)s::timestamptz[], %(days)s::date[], %(hours)s::smallint[], %(came)s::int[], %(gone)s::int[], %(fact_ids)s::bigint[])
on conflict (source_id, org_unit_id, counter, began_at, ended_at) do update
set came = excluded.came, gone = excluded.gone, fact_id = excluded.fact_id
where excluded.fact_id > footfall.fact_id
