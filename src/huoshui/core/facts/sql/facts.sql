-- name: source_by_name
select id, name, label, mode from source where name = %(name)s

-- name: sources_by_id
select id, name, label, mode from source where id = any(%(source_ids)s::int[])

-- name: add_source
insert into source (name, label, mode) values (%(name)s, %(label)s, %(mode)s) on conflict (name) do nothing

-- name: set_source_mode
update source set mode = %(mode)s where id = %(id)s

-- name: lock_source
-- One receiver at a time per source, so that what is looked up as new still is when it is copied in.
select pg_advisory_xact_lock(hashtext('source'), %(source_id)s)

-- name: lock_orders
-- In the order given. Two tills that speak of one order go one after another.
select pg_advisory_xact_lock(hashtext('order ' || %(source_id)s::int), hashtext(key))
from unnest(%(keys)s::text[]) as key

-- name: ensure_months
select ensure_fact_months(%(months)s::date[])

-- name: reserve_ids
select array_agg(nextval('fact_id_seq')) as ids from generate_series(1, %(count)s::int)

-- name: known
-- Which of these (key, hash) pairs this source has already delivered.
select f.client_key, f.content_hash::text as content_hash, f.id, f.run_id
from unnest(%(keys)s::text[], %(hashes)s::uuid[]) as n (client_key, content_hash)
cross join lateral (
    select client_key, content_hash, id, run_id from fact
    where source_id = %(source_id)s and client_key = n.client_key and content_hash = n.content_hash
        and occurred_at between %(first)s::timestamptz and %(last)s::timestamptz
    offset 0) f

-- name: pending
-- What was received and has not settled, oldest first; waiting facts only once their parent is there.
select s.fact_id from settlement s
where s.state = 'received' and s.fact_id > %(after)s
order by s.fact_id limit %(limit)s

-- name: pending_children
select s.fact_id from settlement s
join fact_order r on r.fact_id = s.fact_id
cross join lateral (
    select from fact_order p
    cross join lateral (select from settlement where fact_id = p.fact_id and state = 'settled' offset 0) settled
    where p.source_id = r.source_id and p.order_key = r.parent_key and p.name = 'Order Completed'
        and not exists (select from fact_withdrawn w where w.fact_id = p.fact_id)
    limit 1) parent
where s.state = 'waiting'
order by s.fact_id limit %(limit)s

-- name: claim
-- Lock the facts of a batch that are still unsettled, in id order. An order, its revisions and its refunds go one at a time,
-- in the order of their arrival: each must see what those before it did. One that waits stands in nobody's way unless it
-- is tried again here: it may wait for these. `has_kin`: other facts tell of the same order; most orders are told of once.
-- `by_voucher`: what is told of a voucher's order and the sales that verify it are kin too (ADR 0011).
select s.fact_id, s.name, s.is_history, kin.is_there as has_kin, kin.by_voucher
from settlement s
cross join lateral (
    select count(*) > 0 as is_there, coalesce(bool_or(other.by_voucher), false) as by_voucher,
        coalesce(bool_or(other.fact_id < s.fact_id
            and (o.state = 'received' or o.state = 'waiting' and other.fact_id = any(%(fact_ids)s::bigint[]))), false)
            as is_before
    from (
        select fact_id, source_id,
            case when name = 'Order Refunded' then coalesce(parent_key, order_key) else order_key end as order_key
        from fact_order where fact_id = s.fact_id offset 0) mine
    cross join lateral (
        select fact_id, false as by_voucher from fact_order
        where source_id = mine.source_id and order_key = mine.order_key and fact_id <> mine.fact_id
        union all
        select fact_id, false from fact_order
        where source_id = mine.source_id and parent_key = mine.order_key and fact_id <> mine.fact_id
        union all
        select kin_id, true from voucher_kin(mine.fact_id, mine.source_id, mine.order_key) as kin_id
        where (select exists (select from fact_voucher))
        offset 0) other
    cross join lateral (select state from settlement where fact_id = other.fact_id offset 0) o
    offset 0) kin
where s.fact_id = any(%(fact_ids)s::bigint[]) and s.state <> 'settled' and not kin.is_before
order by s.fact_id
for update of s

-- name: mark_settled
update settlement s
set person_id = n.person_id, state = 'settled', reason = null, seq = nextval('settlement_seq'),
    xid = pg_current_xact_id(), settled_at = now()
from unnest(%(fact_ids)s::bigint[], %(person_ids)s::bigint[]) as n (fact_id, person_id)
where s.fact_id = n.fact_id

-- name: mark_waiting
update settlement
set person_id = null, state = 'waiting', reason = %(reason)s, seq = null, xid = null, settled_at = null
where fact_id = any(%(fact_ids)s::bigint[])

-- name: take_back
-- These facts belong to an earlier order, and take back the effect of the facts they replace.
update settlement s
set order_id = n.order_id, replaces = case when n.replaces = '' then null
    else string_to_array(n.replaces, ',')::bigint[] end
from unnest(%(fact_ids)s::bigint[], %(order_ids)s::bigint[], %(replaces)s::text[]) as n (fact_id, order_id, replaces)
where s.fact_id = n.fact_id

-- name: keep_payment
-- A file tells of an order again and says nothing of how it was paid and with which coupons: that stays as those said whose
-- effect it takes back, unless nothing is left that was paid for.
with told as materialized (
    select s.fact_id, s.replaces
    from settlement s
    cross join lateral (select run_id from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
    cross join lateral (select amount - refunded as paid from fact_order where fact_id = s.fact_id offset 0) o
    where s.fact_id = any(%(fact_ids)s::bigint[]) and s.name = 'Order Completed' and s.replaces is not null
        and f.run_id is not null and o.paid > 0
        and not exists (select from fact_tender where fact_id = s.fact_id)
        and not exists (select from fact_coupon where fact_id = s.fact_id)),
paid as (
    insert into fact_tender (fact_id, tender_no, kind, amount, points, reference)
    select t.fact_id, row_number() over (partition by t.fact_id order by x.fact_id, x.tender_no), x.kind, x.amount, x.points,
        x.reference
    from told t
    cross join lateral unnest(t.replaces) as earlier
    cross join lateral (select * from fact_tender where fact_id = earlier offset 0) x)
insert into fact_coupon (fact_id, coupon_no, code, amount)
select t.fact_id, row_number() over (partition by t.fact_id order by x.fact_id, x.coupon_no), x.code, x.amount
from told t
cross join lateral unnest(t.replaces) as earlier
cross join lateral (select * from fact_coupon where fact_id = earlier offset 0) x

-- name: inherit_person
-- A refund is its order's customer's, whatever it says itself, or their sums would tell of money that neither has; so is
-- a later fact without a customer.
update settlement s set person_id = p.person_id
from settlement mine
cross join lateral (
    select person_id, seq from settlement where fact_id = mine.order_id and person_id is not null
    union all
    select person_id, seq from settlement
    where order_id = mine.order_id and fact_id <> mine.fact_id and name <> 'Order Refunded' and person_id is not null
    order by seq desc limit 1) p
where mine.fact_id = any(%(fact_ids)s::bigint[]) and (mine.person_id is null or mine.name = 'Order Refunded')
    and s.fact_id = mine.fact_id

-- name: add_exceptions
insert into fact_exception (fact_id, line_no, code, detail)
select * from unnest(%(fact_ids)s::bigint[], %(line_nos)s::int[], %(codes)s::text[], %(details)s::jsonb[])

-- name: raise_overdue
-- Facts that have waited for their parent for too long, each once.
insert into fact_exception (fact_id, code, detail)
select s.fact_id, %(code)s, jsonb_build_object('parent', o.parent_key)
from settlement s
join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at
join fact_order o on o.fact_id = s.fact_id
where s.state = 'waiting' and f.received_at < now() - %(days)s * interval '1 day'
    and not exists (select from fact_exception e where e.fact_id = s.fact_id and e.code = %(code)s)

-- name: mend_overdue
-- Those whose parent has come after all.
update fact_exception e set state = 'mended'
where e.code = %(code)s and e.state = 'open'
    and exists (select from settlement s where s.fact_id = e.fact_id and s.state = 'settled')

-- name: mend_retold
-- An order told again says it anew, and what it still lacks is raised anew: what was to be seen of the facts whose place it
-- took is dealt with, by it. A debt stays one, and so does what went beyond a cap; a claimed receipt says nothing anew but whose it is.
with old as (
    select n.fact_id as by_fact_id, e.id
    from unnest(%(fact_ids)s::bigint[], %(replaces)s::text[]) as n (fact_id, replaces)
    cross join lateral unnest(string_to_array(n.replaces, ',')::bigint[]) as earlier (fact_id)
    cross join lateral (
        select id, code from fact_exception
        where fact_id = earlier.fact_id and state = 'open' and right(code, 5) <> '_owed' and code <> 'offline_cap' offset 0) e
    cross join lateral (select occurred_at from settlement where fact_id = n.fact_id offset 0) s
    cross join lateral (
        select jsonb_exists(body, 'claims') as is_claim from fact where id = n.fact_id and occurred_at = s.occurred_at offset 0) f
    where earlier.fact_id <> n.fact_id and (e.code = 'phone_unreadable' or not f.is_claim)),
mended as (
    update fact_exception e set state = 'mended' from old
    where e.id = old.id and e.state = 'open'
    returning e.id, e.code, e.fact_id, old.by_fact_id)
insert into audit_entry (actor, action, object_kind, object_id, detail)
select 'system', 'exception.retold', 'fact_exception', id,
    jsonb_build_object('code', code, 'fact_id', fact_id, 'by_fact_id', by_fact_id)
from mended order by id

-- name: open_exceptions
select code, count(*) as facts from fact_exception where state = 'open' group by code order by code

-- name: exceptions_of
select fact_id, code, line_no, detail, raised_at from fact_exception
where fact_id = any(%(fact_ids)s::bigint[]) and state = 'open' order by id

-- name: lines_of
select fact_id, line_no, sku_id, quantity_milli, amount, discount, coupon_discount, refunded, refunded_milli, flags
from fact_line where fact_id = any(%(fact_ids)s::bigint[]) order by fact_id, line_no

-- name: tenders_of
select fact_id, kind, amount, points, reference from fact_tender
where fact_id = any(%(fact_ids)s::bigint[]) order by fact_id, tender_no

-- name: coupons_of
select fact_id, code, amount from fact_coupon
where fact_id = any(%(fact_ids)s::bigint[]) order by fact_id, coupon_no

-- name: settled_persons
-- Who was touched in these transactions.
select distinct person_id from settlement
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and person_id is not null

-- name: counts
select count(*) filter (where state = 'received') as received, count(*) filter (where state = 'waiting') as waiting
from settlement where state <> 'settled'

-- name: waiting_of_run
select count(*) as waiting
from settlement s join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at
where s.state = 'waiting' and f.run_id = %(run_id)s

-- name: horizon
-- Every transaction below this one has ended.
select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xid

-- name: open_watermark
insert into watermark (reader, xid) values (%(reader)s, '0') on conflict (reader) do nothing

-- name: read_watermark
select xid::text::bigint as xid from watermark where reader = %(reader)s for update

-- name: is_behind
-- Whether anything has settled, or has been changed without settling, since a reader's last call.
with read as (
    select coalesce((select xid from watermark where reader = %(reader)s), '0'::xid8) as upto)
select exists (select from settlement where xid >= (select upto from read))
    or exists (select from watermark where reader = 'woken' and xid >= (select upto from read)) as behind

-- name: wake
insert into watermark (reader, xid) values ('woken', pg_current_xact_id())
on conflict (reader) do update set xid = greatest(watermark.xid, excluded.xid), read_at = now()

-- name: put_watermark
insert into watermark (reader, xid) values (%(reader)s, %(xid)s::text::xid8)
on conflict (reader) do update set xid = excluded.xid, read_at = now()

-- name: forget_readers
-- Those that have come further than this server has: they read another one's transactions.
update watermark set xid = '0' where xid > pg_snapshot_xmax(pg_current_snapshot())

-- name: fact_head
select f.id, f.name, f.client_key, f.occurred_at, f.received_at, f.actor, f.run_id, f.body,
    s.person_id, s.state, s.reason, s.order_id, s.replaces, s.seq, s.settled_at, s.is_history, src.name as source, src.label as source_label
from settlement s
join source src on src.id = s.source_id
join fact f on f.id = s.fact_id and f.occurred_at = s.occurred_at
where s.fact_id = %(fact_id)s

-- name: visit
-- The facts of one cluster at one store within two hours of a fact.
select s.fact_id, s.name, s.occurred_at
from settlement s join fact_order o on o.fact_id = s.fact_id
where s.person_id = any(%(person_ids)s::bigint[]) and o.org_unit_id = %(org_unit_id)s
    and s.occurred_at between %(at)s::timestamptz - interval '2 hours' and %(at)s::timestamptz + interval '2 hours'
order by s.occurred_at

-- name: derive
-- Derived facts and their settlement, at the time of their cause, one level deeper than it. One that was taken back with its
-- cause may follow from another.
with asked as (
    select distinct on (n.key) n.name, n.key, n.person_id, n.body, s.fact_id as cause_id, s.occurred_at, s.depth + 1 as depth
    from unnest(%(names)s::text[], %(keys)s::text[], %(person_ids)s::bigint[], %(cause_ids)s::bigint[], %(bodies)s::jsonb[])
        as n (name, key, person_id, cause_id, body)
    join settlement s on s.fact_id = n.cause_id
    where not exists (select from derived_key d where d.key = n.key)
    order by n.key, s.fact_id),
keyed as (
    insert into derived_key (key) select distinct key from asked order by key on conflict do nothing returning key),
made as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, actor, depth, body)
    select nextval('fact_id_seq'), a.occurred_at, own.id, a.key, md5(a.key || ' ' || a.cause_id)::uuid, a.name, %(actor)s, a.depth,
        a.body
    from asked a join keyed k on k.key = a.key cross join (select id from source where name = 'huoshui') own
    returning id, source_id, occurred_at, client_key, name)
insert into settlement (fact_id, source_id, name, occurred_at, depth, person_id, state, seq, xid, settled_at)
select m.id, m.source_id, m.name, m.occurred_at, a.depth, a.person_id, 'settled', nextval('settlement_seq'),
    pg_current_xact_id(), now()
from made m join asked a on a.key = m.client_key

-- name: note
-- Facts of our own, settled as they are written.
with asked as (
    select distinct on (n.key) n.name, n.key, n.person_id, n.occurred_at, n.body
    from unnest(%(names)s::text[], %(keys)s::text[], %(person_ids)s::bigint[], %(times)s::timestamptz[], %(bodies)s::jsonb[])
        as n (name, key, person_id, occurred_at, body)
    order by n.key),
keyed as (
    insert into derived_key (key) select key from asked order by key on conflict do nothing returning key),
made as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, actor, body)
    select nextval('fact_id_seq'), a.occurred_at, own.id, a.key, md5(a.key)::uuid, a.name, %(actor)s, a.body
    from asked a join keyed k on k.key = a.key cross join (select id from source where name = 'huoshui') own
    returning id, source_id, occurred_at, client_key, name),
settled as (
    insert into settlement (fact_id, source_id, name, occurred_at, person_id, state, seq, xid, settled_at)
    select m.id, m.source_id, m.name, m.occurred_at, a.person_id, 'settled', nextval('settlement_seq'),
        pg_current_xact_id(), now()
    from made m join asked a on a.key = m.client_key)
select id, client_key from made

-- name: put_bodies
-- Other words in the place of those that were received: what may not be kept is gone, the fact stays.
update fact f set body = n.body::jsonb
from unnest(%(fact_ids)s::bigint[], %(times)s::timestamptz[], %(bodies)s::text[]) as n (fact_id, occurred_at, body)
where f.id = n.fact_id and f.occurred_at = n.occurred_at

-- name: noted
-- What we noted under a key, and of whom.
select f.id as fact_id, s.person_id, f.body
from fact f join settlement s on s.fact_id = f.id
where f.source_id = (select id from source where name = 'huoshui') and f.client_key = %(key)s

-- name: known_timeless
-- Of facts that have no time of their own (a row of a member list): what this source has said for each key, and last.
select f.client_key, f.content_hash::text as content_hash,
    max(f.id) = max(max(f.id)) over (partition by f.client_key) as is_last, max(f.id) as id,
    (array_agg(f.run_id order by f.id desc))[1] as run_id
from fact f
where f.source_id = %(source_id)s and f.client_key = any(%(keys)s::text[])
    and not exists (select from fact_withdrawn w where w.fact_id = f.id and not w.is_retold)
group by f.client_key, f.content_hash
