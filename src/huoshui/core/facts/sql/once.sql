-- name: take_once
-- Facts in columns with all that they say, under keys that may be taken. Whoever is second with a key waits for the first, and
-- then finds it taken. What a fact says finds it by its place. The id of each place; null where the key was taken.
with told as materialized (
    select nextval('fact_id_seq') as id, t.*
    from rows from (
        unnest(%(names)s::text[]), unnest(%(keys)s::text[]), unnest(%(hashes)s::uuid[]), unnest(%(times)s::timestamptz[]),
        jsonb_array_elements(%(bodies)s::jsonb))
        with ordinality as t (name, key, hash, occurred_at, body, place)),
taken as materialized (
    insert into fact_key (source_id, client_key, content_hash, fact_id)
    select %(source_id)s::int, key, hash, id from told order by key, place
    on conflict (source_id, client_key) do nothing
    returning fact_id),
ids as materialized (
    select array_agg(case when id in (select fact_id from taken) then id end order by place) as of_place from told),
fresh as materialized (select told.* from ids cross join told where told.id = ids.of_place[told.place]),
stored as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, actor, body)
    select id, occurred_at, %(source_id)s::int, key, hash, name, %(actor)s::text, nullif(body, 'null') from fresh),
begun as (
    insert into settlement (fact_id, source_id, name, occurred_at, is_history)
    select id, %(source_id)s::int, name, occurred_at, %(is_history)s::boolean from fresh),
carried as (
    insert into fact_identifier (fact_id, kind, scope, key, sealed, tail4)
    select ids.of_place[x.ref + 1], x.kind, x.scope, x.key, x.sealed, x.tail4
    from ids cross join unnest(%(identifier_ref)s::int[], %(identifier_kind)s::text[], %(identifier_scope)s::text[],
        %(identifier_key)s::text[], %(identifier_sealed)s::bytea[], %(identifier_tail4)s::text[])
        as x (ref, kind, scope, key, sealed, tail4)
    where ids.of_place[x.ref + 1] is not null),
described as (
    insert into fact_trait (fact_id, name, value)
    select ids.of_place[x.ref + 1], x.name, x.value
    from ids cross join unnest(%(trait_ref)s::int[], %(trait_name)s::text[], %(trait_value)s::text[]) as x (ref, name, value)
    where ids.of_place[x.ref + 1] is not null),
ordered as (
    insert into fact_order (fact_id, name, source_id, occurred_at, order_key, parent_key, business_day, org_unit_id, staff_id,
        channel, status, amount, discount, coupon_discount, refunded, line_count)
    select ids.of_place[x.ref + 1], x.name, %(source_id)s::int, x.occurred_at, x.order_key, x.parent_key, x.business_day,
        x.org_unit_id, x.staff_id, x.channel, x.status, x.amount, x.discount, x.coupon_discount, x.refunded, x.line_count
    from ids cross join unnest(%(order_ref)s::int[], %(order_name)s::text[],
        %(order_occurred_at)s::timestamptz[], %(order_order_key)s::text[], %(order_parent_key)s::text[],
        %(order_business_day)s::date[], %(order_org_unit_id)s::int[], %(order_staff_id)s::int[], %(order_channel)s::text[],
        %(order_status)s::text[],
        %(order_amount)s::bigint[], %(order_discount)s::bigint[], %(order_coupon_discount)s::bigint[],
        %(order_refunded)s::bigint[], %(order_line_count)s::int[])
        as x (ref, name, occurred_at, order_key, parent_key, business_day, org_unit_id, staff_id, channel, status, amount,
            discount, coupon_discount, refunded, line_count)
    where ids.of_place[x.ref + 1] is not null),
itemised as (
    insert into fact_line (fact_id, line_no, line_key, sku_id, quantity_milli, amount, discount, coupon_discount, refunded,
        refunded_milli, flags)
    select ids.of_place[x.ref + 1], x.line_no, x.line_key, x.sku_id, x.quantity_milli, x.amount, x.discount,
        x.coupon_discount, x.refunded, x.refunded_milli, x.flags
    from ids cross join unnest(%(line_ref)s::int[], %(line_line_no)s::int[], %(line_line_key)s::text[],
        %(line_sku_id)s::int[], %(line_quantity_milli)s::bigint[], %(line_amount)s::bigint[], %(line_discount)s::bigint[],
        %(line_coupon_discount)s::bigint[], %(line_refunded)s::bigint[], %(line_refunded_milli)s::bigint[],
        %(line_flags)s::smallint[])
        as x (ref, line_no, line_key, sku_id, quantity_milli, amount, discount, coupon_discount, refunded, refunded_milli, flags)
    where ids.of_place[x.ref + 1] is not null),
paid as (
    insert into fact_tender (fact_id, tender_no, kind, amount, points, reference)
    select ids.of_place[x.ref + 1], x.tender_no, x.kind, x.amount, x.points, x.reference
    from ids cross join unnest(%(tender_ref)s::int[], %(tender_tender_no)s::int[], %(tender_kind)s::text[],
        %(tender_amount)s::bigint[], %(tender_points)s::bigint[], %(tender_reference)s::text[])
        as x (ref, tender_no, kind, amount, points, reference)
    where ids.of_place[x.ref + 1] is not null),
used as (
    insert into fact_coupon (fact_id, coupon_no, code, amount)
    select ids.of_place[x.ref + 1], x.coupon_no, x.code, x.amount
    from ids cross join unnest(%(coupon_ref)s::int[], %(coupon_coupon_no)s::int[], %(coupon_code)s::text[],
        %(coupon_amount)s::bigint[]) as x (ref, coupon_no, code, amount)
    where ids.of_place[x.ref + 1] is not null),
verified as (
    insert into fact_voucher (fact_id, voucher_no, source, code)
    select ids.of_place[x.ref + 1], x.voucher_no, x.source, x.code
    from ids cross join unnest(%(voucher_ref)s::int[], %(voucher_voucher_no)s::int[], %(voucher_source)s::text[],
        %(voucher_code)s::text[]) as x (ref, voucher_no, source, code)
    where ids.of_place[x.ref + 1] is not null)
select of_place from ids

-- name: taken_keys
select k.client_key, k.content_hash::text as content_hash, k.fact_id
from unnest(%(keys)s::text[]) as n (key)
cross join lateral (
    select * from fact_key where source_id = %(source_id)s::int and client_key = n.key offset 0) k
