-- name: fill_refunds
-- Refunds that came before their orders and could not say themselves what came back: it is known now. They settle with it.
with told as (
    update fact_order o set status = n.status, amount = o.amount + n.amount, line_count = o.line_count + n.line_count,
        org_unit_id = coalesce(o.org_unit_id, n.org_unit_id)
    from unnest(%(fact_ids)s::bigint[], %(statuses)s::text[], %(amounts)s::bigint[], %(line_counts)s::int[],
        %(org_unit_ids)s::int[]) as n (fact_id, status, amount, line_count, org_unit_id)
    where o.fact_id = n.fact_id),
itemised as (
    insert into fact_line (fact_id, line_no, line_key, sku_id, quantity_milli, amount, flags)
    select * from unnest(%(line_facts)s::bigint[], %(line_nos)s::int[], %(line_keys)s::text[], %(skus)s::int[],
        %(quantities)s::bigint[], %(line_amounts)s::bigint[], %(flags)s::smallint[]))
insert into fact_tender (fact_id, tender_no, kind, amount, points)
select * from unnest(%(tender_facts)s::bigint[], %(tender_nos)s::int[], %(kinds)s::text[], %(tender_amounts)s::bigint[],
    %(points)s::bigint[])
