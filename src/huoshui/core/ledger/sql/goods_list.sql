-- name: documents
-- Documents that name these org units (null: any), newest first, with how they stand: what was sent is on its way until its
-- arrival, which matches it or not; so does a count with the books. Goods that came back damaged have no document but their
-- refund's, and stand here as a document of their own.
with found as (
    (select d.fact_id, d.key, d.kind, d.org_unit_id, d.other_org_unit_id, d.closes_fact_id, a.fact_id as closed_by_fact_id,
        d.reason, d.occurred_at, d.actor
    from goods_document d left join goods_document a on a.closes_fact_id = d.fact_id
    where d.fact_id < %(before)s and (%(kinds)s::text[] is null or d.kind = any(%(kinds)s::text[]))
        and (%(org_unit_ids)s::int[] is null or d.org_unit_id = any(%(org_unit_ids)s::int[])
            or d.other_org_unit_id = any(%(org_unit_ids)s::int[]))
        and (not %(is_open)s::bool or d.kind = 'dispatch' and a.fact_id is null)
    order by d.fact_id desc limit %(limit)s)
    union all
    (select o.fact_id, coalesce(o.parent_key, o.order_key), 'damaged_return', o.org_unit_id, null, null, null, o.status,
        o.occurred_at, f.actor
    from (
        select distinct fact_id from fact_line
        where flags & 8 <> 0 and fact_id < %(before)s
            and not %(is_open)s::bool and (%(kinds)s::text[] is null or 'damaged_return' = any(%(kinds)s::text[]))) l
    join fact_order o on o.fact_id = l.fact_id
    join settlement s on s.fact_id = o.fact_id and s.state = 'settled' and not s.is_history
    join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at
    where o.org_unit_id is not null
        and (%(org_unit_ids)s::int[] is null or o.org_unit_id = any(%(org_unit_ids)s::int[]))
        and not exists (select from settlement t where t.order_id = s.order_id and s.fact_id = any(t.replaces))
    order by o.fact_id desc limit %(limit)s)
    order by fact_id desc limit %(limit)s)
select found.fact_id, found.key, found.kind, found.org_unit_id, found.other_org_unit_id,
    case when found.kind = 'dispatch' then found.fact_id when found.kind = 'arrival' then found.closes_fact_id end
        as sent_fact_id,
    case when found.kind = 'dispatch' and found.closed_by_fact_id is null then 'on_its_way'
        when found.kind in ('dispatch', 'arrival', 'count') then case when off.n > 0 then 'differs' else 'matches' end
        else 'booked' end as state,
    found.reason, found.occurred_at, found.actor
from found
left join lateral (
    select count(*) as n from (
        select sku_id from goods_document_line
        where fact_id in (found.fact_id, coalesce(found.closes_fact_id, found.closed_by_fact_id))
            and found.kind in ('dispatch', 'arrival')
        group by sku_id
        having sum(case when fact_id = found.fact_id then said_milli else -said_milli end) <> 0
        union all
        select sku_id from goods_document_line
        where fact_id = found.fact_id and found.kind = 'count' and moved_milli <> 0) x) off on true
order by found.fact_id desc

-- name: lines_of_documents
-- What these documents say and what they moved, at the place they were written for; of goods that came back damaged, what did
-- not go onto the shelf.
select l.fact_id, l.sku_id, sum(l.said_milli)::bigint as said_milli, sum(l.moved_milli)::bigint as moved_milli
from goods_document d
join goods_document_line l on l.fact_id = d.fact_id and l.org_unit_id = d.org_unit_id
where d.fact_id = any(%(fact_ids)s::bigint[])
group by 1, 2
union all
select fact_id, sku_id, -sum(quantity_milli)::bigint, 0
from fact_line where fact_id = any(%(fact_ids)s::bigint[]) and flags & 8 <> 0
group by 1, 2
order by 1, 2
