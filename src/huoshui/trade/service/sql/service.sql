-- name: bought
-- What these humans took of each product on each day, after what they gave back. `person_ids` are all their ids, `whose` the head of
-- each. Only what counts: a fact that another replaces has no effect of its own (ADR 0008).
with theirs as materialized (
    select n.head, s.fact_id, s.order_id, s.replaces
    from unnest(%(person_ids)s::bigint[], %(whose)s::bigint[]) as n (id, head)
    cross join lateral (
        select s.fact_id, s.order_id, s.replaces from settlement s
        where s.person_id = n.id and s.occurred_at >= %(since)s and s.state = 'settled'
            and s.name in ('Order Completed', 'Order Refunded')
        offset 0) s),
taken as (
    select t.head, coalesce(t.order_id, t.fact_id) as root, l.sku_id, sum(l.quantity_milli - l.refunded_milli) as milli
    from theirs t
    cross join lateral (select sku_id, quantity_milli, refunded_milli from fact_line where fact_id = t.fact_id offset 0) l
    where t.fact_id not in (select unnest(r.replaces) from theirs r where r.replaces is not null)
    group by 1, 2, 3
    having sum(l.quantity_milli - l.refunded_milli) > 0)
select k.head as person_id, k.sku_id, o.business_day as day, sum(k.milli)::bigint as quantity_milli, min(o.org_unit_id) as org_unit_id
from taken k cross join lateral (select business_day, org_unit_id from fact_order where fact_id = k.root offset 0) o
group by 1, 2, 3
order by 1, 3 desc, 2

-- name: turned_to
-- Which of these humans this actor called, noted or anybody sold to since then.
select distinct n.head as person_id
from unnest(%(person_ids)s::bigint[], %(whose)s::bigint[]) as n (id, head)
where exists (
        select from settlement s
        where s.person_id = n.id and s.occurred_at >= %(since)s and s.name in ('Guide Noted', 'Order Completed'))
    or exists (
        select from audit_entry a
        where a.object_kind = 'person' and a.object_id = n.id and a.at >= %(since)s and a.action in ('contact.dialled', 'contact.wecom'))
