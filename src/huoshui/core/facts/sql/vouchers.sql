-- name: lock_vouchers
-- The orders that these vouchers are, at whatever source bears the platform's name: until the end of the transaction nobody
-- else sells, gives back or verifies them. One of a platform that nobody knows yet has a lock all the same.
select pg_advisory_xact_lock(hashtext('order ' || n.source_id), hashtext(n.code))
from (
    select distinct coalesce(p.id, 0) as source_id, v.code
    from unnest(%(sources)s::text[], %(codes)s::text[]) as v (source, code)
    left join source p on p.name in (v.source, 'till:' || v.source)
    order by 1, 2) n

-- name: vouchers_of
select fact_id, source, code from fact_voucher where fact_id = any(%(fact_ids)s::bigint[]) order by fact_id, voucher_no

-- name: add_taken
-- A voucher's order, told as it stands once it is verified: with nothing left in it. By whom and when is the sale's.
with asked as (
    select n.fact_id as by_id, n.told_id, nextval('fact_id_seq') as id, s.occurred_at
    from unnest(%(by_ids)s::bigint[], %(told_ids)s::bigint[]) as n (fact_id, told_id)
    join settlement s on s.fact_id = n.fact_id),
facts as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, actor, body)
    select a.id, a.occurred_at, o.source_id, 'verified ' || o.order_key || ' ' || a.by_id, md5(a.by_id || ' ' || a.told_id)::uuid,
        o.name, %(actor)s, jsonb_build_object('verified_by', a.by_id)
    from asked a join fact_order o on o.fact_id = a.told_id),
settlements as (
    insert into settlement (fact_id, source_id, name, occurred_at, is_history)
    select a.id, s.source_id, s.name, a.occurred_at, s.is_history
    from asked a join settlement s on s.fact_id = a.told_id),
orders as (
    insert into fact_order (fact_id, name, source_id, order_key, occurred_at, business_day, org_unit_id, channel, status,
        currency, amount, line_count)
    select a.id, o.name, o.source_id, o.order_key, a.occurred_at, mine.business_day, o.org_unit_id, o.channel, 'verified',
        o.currency, 0, 0
    from asked a join fact_order o on o.fact_id = a.told_id join fact_order mine on mine.fact_id = a.by_id)
select a.id, s.is_history from asked a join settlement s on s.fact_id = a.told_id order by 1

-- name: tell_again
-- A fact of an order, word for word, with the customer of another where one is named. It is received and settles as any.
with asked as (
    select n.fact_id, n.cause_id, n.person_of, nextval('fact_id_seq') as id
    from unnest(%(fact_ids)s::bigint[], %(cause_ids)s::bigint[], %(persons_of)s::bigint[]) as n (fact_id, cause_id, person_of)),
facts as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, actor, body)
    select a.id, f.occurred_at, f.source_id, f.client_key || ' again ' || a.cause_id, md5(a.fact_id || ' ' || a.cause_id)::uuid,
        f.name, %(actor)s, coalesce(f.body, '{}') || jsonb_build_object('cause', a.cause_id)
    from asked a join settlement s on s.fact_id = a.fact_id
    join fact f on f.id = a.fact_id and f.occurred_at = s.occurred_at),
settlements as (
    insert into settlement (fact_id, source_id, name, occurred_at, is_history)
    select a.id, s.source_id, s.name, s.occurred_at, s.is_history from asked a join settlement s on s.fact_id = a.fact_id),
identifiers as (
    insert into fact_identifier (fact_id, kind, scope, key, sealed, tail4)
    select a.id, i.kind, i.scope, i.key, i.sealed, i.tail4
    from asked a join fact_identifier i on i.fact_id = coalesce(a.person_of, a.fact_id)),
orders as (
    insert into fact_order (fact_id, name, source_id, order_key, parent_key, occurred_at, business_day, org_unit_id, staff_id,
        channel, status, currency, amount, discount, coupon_discount, refunded, line_count)
    select a.id, o.name, o.source_id, o.order_key, o.parent_key, o.occurred_at, o.business_day, o.org_unit_id, o.staff_id,
        o.channel, o.status, o.currency, o.amount, o.discount, o.coupon_discount, o.refunded, o.line_count
    from asked a join fact_order o on o.fact_id = a.fact_id),
lines as (
    insert into fact_line (fact_id, line_no, line_key, sku_id, quantity_milli, amount, discount, coupon_discount, refunded,
        refunded_milli, flags)
    select a.id, l.line_no, l.line_key, l.sku_id, l.quantity_milli, l.amount, l.discount, l.coupon_discount, l.refunded,
        l.refunded_milli, l.flags
    from asked a join fact_line l on l.fact_id = a.fact_id),
tenders as (
    insert into fact_tender (fact_id, tender_no, kind, amount, points, reference)
    select a.id, t.tender_no, t.kind, t.amount, t.points, t.reference
    from asked a join fact_tender t on t.fact_id = a.fact_id),
coupons as (
    insert into fact_coupon (fact_id, coupon_no, code, amount)
    select a.id, c.coupon_no, c.code, c.amount from asked a join fact_coupon c on c.fact_id = a.fact_id),
vouchers as (
    insert into fact_voucher (fact_id, voucher_no, source, code)
    select a.id, v.voucher_no, v.source, v.code from asked a join fact_voucher v on v.fact_id = a.fact_id)
select id from asked order by id
