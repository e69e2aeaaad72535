-- name: tool_uses
-- How often guides of each store opened their tool, as the brand's own systems tell it (docs: `Guide Tool Used`).
select f.body->'properties'->>'store' as store, count(distinct f.body->'properties'->>'guide')::int as guides,
    sum(case when f.body->'properties'->>'times' ~ '^[0-9]{1,6}$' then (f.body->'properties'->>'times')::bigint else 1 end)::bigint as uses
from fact f
where f.name = 'Guide Tool Used' and f.occurred_at > %(since)s::timestamptz and f.body->'properties' ? 'store'
    and not exists (select from fact_withdrawn w where w.fact_id = f.id)
group by 1 order by 1

-- name: newest_tool_use
select max(occurred_at) as at from fact where name = 'Guide Tool Used'
