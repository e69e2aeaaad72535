-- name: times_unsaid
-- Of these (key, hash) pairs, those that have been taken back, and how often.
select u.client_key, u.content_hash::text as content_hash, u.times
from unnest(%(keys)s::text[], %(hashes)s::uuid[]) as n (client_key, content_hash)
cross join lateral (
    select * from fact_unsaid
    where source_id = %(source_id)s::int and client_key = n.client_key and content_hash = n.content_hash offset 0) u

-- name: tell_by
insert into fact_told_by (fact_id, run_id)
select fact_id, %(run_id)s::bigint from unnest(%(fact_ids)s::bigint[]) as fact_id
on conflict do nothing

-- name: open_withdrawal
-- All that a run told, and nobody else: to be taken back. What another import told too stays, and is that one's from now on.
insert into fact_withdrawn (fact_id, run_id)
select fact_id, %(run_id)s::bigint from told_by_run(%(run_id)s::bigint) where not is_shared
on conflict (fact_id) do nothing

-- name: facts_of_run
-- What a run told, by name: facts, their money, how many of them another import told too.
select s.name, count(*) filter (where not t.is_shared) as facts,
    coalesce(sum(o.amount - o.refunded) filter (where not t.is_shared), 0)::bigint as amount,
    count(*) filter (where t.is_shared) as also_told,
    count(*) filter (where s.state <> 'settled' and not t.is_shared) as waiting
from told_by_run(%(run_id)s::bigint) t
cross join lateral (select name, state from settlement where fact_id = t.fact_id offset 0) s
left join lateral (select amount, refunded from fact_order where fact_id = t.fact_id offset 0) o on true
group by s.name order by s.name

-- name: close_withdrawal
insert into run_withdrawn (run_id) values (%(run_id)s::bigint) on conflict do nothing

-- name: pending_orders
-- Orders of which something is still to be taken back, or to be told again.
select distinct o.source_id, coalesce(case when o.name = 'Order Refunded' then o.parent_key end, o.order_key) as order_key
from (
    select fact_id from fact_withdrawn
    where run_id = %(run_id)s::bigint and by_fact_id is null and fact_id > %(after)s::bigint
    order by fact_id limit %(limit)s) w
cross join lateral (select * from fact_order where fact_id = w.fact_id offset 0) o

-- name: pending_upto
-- How far a look at so many of them goes, and how many there are.
select max(fact_id) as last, count(*) as facts from (
    select fact_id from fact_withdrawn
    where run_id = %(run_id)s::bigint and by_fact_id is null and fact_id > %(after)s::bigint
    order by fact_id limit %(limit)s) w

-- name: pending_others
-- What is no order and still to be taken back.
select w.fact_id, w.is_retold from fact_withdrawn w
where w.run_id = %(run_id)s::bigint and w.by_fact_id is null
    and not exists (select from fact_order o where o.fact_id = w.fact_id)
order by w.fact_id limit %(limit)s

-- name: facts_of_orders
-- All that still counts of these orders, as it came. `is_gone`: to be taken back. `replaces` as each has it.
select n.place, f.fact_id, s.state, s.is_history, s.replaces, s.person_id, s.order_id,
    -- That a voucher's order was verified is told by us, of the sale that did it
    w.fact_id is not null and not w.is_retold or f.is_taking as is_gone
from unnest(%(source_ids)s::int[], %(order_keys)s::text[]) with ordinality as n (source_id, order_key, place)
cross join lateral (
    select fact_id, status = 'verified' and line_count = 0 as is_taking from fact_order
    where source_id = n.source_id and order_key = n.order_key and (name <> 'Order Refunded' or parent_key is null)
    union
    select fact_id, false from fact_order where source_id = n.source_id and parent_key = n.order_key and name = 'Order Refunded'
    offset 0) f
cross join lateral (select * from settlement where fact_id = f.fact_id offset 0) s
left join lateral (select * from fact_withdrawn where fact_id = f.fact_id offset 0) w on true
where w.fact_id is null or w.by_fact_id is null
order by n.place, s.seq nulls last, f.fact_id

-- name: lock_settlements
select fact_id from settlement where fact_id = any(%(fact_ids)s::bigint[]) order by fact_id for update

-- name: add_reversals
-- A fact for each of these orders that takes back what its facts did, settled at once: one of what was told of the present,
-- one of the past, each under the number of the first that it takes back. Where it bears lines of its own (`kept`), these are what a
-- later fact had taken back before.
with asked as (
    select n.*, nextval('fact_id_seq') as id,
        string_to_array(nullif(n.replaces, ''), ',')::bigint[] as back, string_to_array(nullif(n.kept, ''), ',')::bigint[] as own
    from unnest(%(first_ids)s::bigint[], %(order_ids)s::bigint[], %(histories)s::boolean[], %(person_ids)s::bigint[],
        %(replaces)s::text[], %(kept)s::text[]) as n (first_id, order_id, is_history, person_id, replaces, kept)),
facts as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, actor, body)
    select a.id, o.occurred_at, o.source_id, 'withdrawn ' || a.id, md5('withdrawn ' || a.id)::uuid, o.name, %(actor)s,
        jsonb_build_object('import', %(run_id)s::bigint, 'withdraws', a.back)
    from asked a join fact_order o on o.fact_id = a.first_id),
settlements as (
    insert into settlement (fact_id, source_id, name, occurred_at, is_history, person_id, state, order_id, replaces, seq, xid,
        settled_at)
    select a.id, o.source_id, o.name, o.occurred_at, a.is_history, a.person_id, 'settled', a.order_id, a.back,
        nextval('settlement_seq'), pg_current_xact_id(), now()
    from asked a join fact_order o on o.fact_id = a.first_id),
orders as (
    insert into fact_order (fact_id, name, source_id, order_key, parent_key, occurred_at, business_day, org_unit_id, channel, status,
        currency, amount, discount, coupon_discount, refunded, line_count)
    select a.id, o.name, o.source_id, o.order_key, o.parent_key, o.occurred_at, o.business_day, o.org_unit_id, o.channel,
        'withdrawn', o.currency, coalesce(mine.amount, 0), coalesce(mine.discount, 0), coalesce(mine.coupon_discount, 0),
        coalesce(mine.refunded, 0), coalesce(mine.line_count, 0)
    from asked a join fact_order o on o.fact_id = a.first_id
    left join lateral (
        select sum(amount)::bigint as amount, sum(discount)::bigint as discount, sum(coupon_discount)::bigint as coupon_discount,
            sum(refunded)::bigint as refunded, sum(line_count)::int as line_count
        from fact_order where fact_id = any(a.own)) mine on true),
lines as (
    insert into fact_line (fact_id, line_no, line_key, sku_id, quantity_milli, amount, discount, coupon_discount, refunded,
        refunded_milli, flags)
    select a.id, row_number() over (partition by a.id order by l.fact_id, l.line_no), l.line_key, l.sku_id, l.quantity_milli,
        l.amount, l.discount, l.coupon_discount, l.refunded, l.refunded_milli, l.flags
    from asked a cross join lateral unnest(a.own) as mine join fact_line l on l.fact_id = mine),
tenders as (
    insert into fact_tender (fact_id, tender_no, kind, amount, points, reference)
    select a.id, row_number() over (partition by a.id order by t.fact_id, t.tender_no), t.kind, t.amount, t.points, t.reference
    from asked a cross join lateral unnest(a.own) as mine join fact_tender t on t.fact_id = mine),
marks as (
    insert into fact_withdrawn (fact_id, run_id, by_fact_id) select id, %(run_id)s::bigint, id from asked)
select id, is_history from asked order by id

-- name: settle_as_nothing
-- What had not settled when it was taken back has no effect: it takes back its own.
update settlement
set state = 'settled', reason = null, person_id = null, order_id = fact_id, replaces = array[fact_id],
    seq = nextval('settlement_seq'), xid = pg_current_xact_id(), settled_at = now()
where fact_id = any(%(fact_ids)s::bigint[]) and state <> 'settled'

-- name: withdraw
-- These have been taken back: by which fact.
insert into fact_withdrawn (fact_id, run_id, by_fact_id, is_retold)
select fact_id, %(run_id)s::bigint, by_id, is_retold
from unnest(%(fact_ids)s::bigint[], %(by_ids)s::bigint[], %(retold)s::boolean[]) as n (fact_id, by_id, is_retold)
on conflict (fact_id) do update set by_fact_id = excluded.by_fact_id, is_retold = excluded.is_retold

-- name: unsay
-- Said again, these are news. One that had been told anew already goes under the words it was first told in.
insert into fact_unsaid as u (source_id, client_key, content_hash, times)
select f.source_id, f.client_key, coalesce(before.content_hash, f.content_hash), 1
from unnest(%(fact_ids)s::bigint[]) as n (id)
cross join lateral (select occurred_at from settlement where fact_id = n.id offset 0) s
cross join lateral (
    select source_id, client_key, content_hash from fact where id = n.id and occurred_at = s.occurred_at and run_id is not null
    offset 0) f
left join lateral (
    select content_hash from fact_unsaid
    where source_id = f.source_id and client_key = f.client_key
        and md5(content_hash::text || ' ' || times)::uuid = f.content_hash offset 0) before on true
on conflict (source_id, client_key, content_hash) do update set times = u.times + 1

-- name: mend_withdrawn
update fact_exception set state = 'mended' where fact_id = any(%(fact_ids)s::bigint[]) and state = 'open'

-- name: retell
-- These facts once more, word for word, to be received and settled as any. Each belongs to the import that told it.
with asked as (
    select n.fact_id, nextval('fact_id_seq') as id, s.occurred_at, s.is_history, s.source_id
    from unnest(%(fact_ids)s::bigint[]) with ordinality as n (fact_id, place)
    join settlement s on s.fact_id = n.fact_id order by n.place),
facts as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, received_at, actor, run_id, body)
    select a.id, f.occurred_at, f.source_id, f.client_key || ' again ' || a.id, md5('again ' || a.id)::uuid, f.name,
        f.received_at, f.actor, f.run_id, coalesce(f.body, '{}') || jsonb_build_object('retells', a.fact_id)
    from asked a join fact f on f.id = a.fact_id and f.occurred_at = a.occurred_at),
settlements as (
    insert into settlement (fact_id, source_id, name, occurred_at, is_history)
    select a.id, s.source_id, s.name, s.occurred_at, s.is_history from asked a join settlement s on s.fact_id = a.fact_id),
identifiers as (
    insert into fact_identifier (fact_id, kind, scope, key, sealed, tail4)
    select a.id, i.kind, i.scope, i.key, i.sealed, i.tail4 from asked a join fact_identifier i on i.fact_id = a.fact_id),
traits as (
    insert into fact_trait (fact_id, name, value)
    select a.id, t.name, t.value from asked a join fact_trait t on t.fact_id = a.fact_id),
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
told_by as (
    insert into fact_told_by (fact_id, run_id)
    select a.id, b.run_id from asked a join fact_told_by b on b.fact_id = a.fact_id),
marks as (
    update fact_withdrawn w set retold_id = a.id from asked a where w.fact_id = a.fact_id)
select id from asked order by id

-- name: add_withdrawals
-- A fact for each of these that is no order: it happened no more. Settled at once, of the same person and time.
with asked as (
    select n.fact_id, nextval('fact_id_seq') as id, s.source_id, s.occurred_at, s.person_id
    from unnest(%(fact_ids)s::bigint[]) as n (fact_id) join settlement s on s.fact_id = n.fact_id),
facts as (
    insert into fact (id, occurred_at, source_id, client_key, content_hash, name, actor, body)
    select id, occurred_at, source_id, 'withdrawn ' || fact_id, md5('withdrawn ' || fact_id)::uuid, %(name)s, %(actor)s,
        jsonb_build_object('import', %(run_id)s::bigint, 'withdraws', fact_id)
    from asked),
settlements as (
    insert into settlement (fact_id, source_id, name, occurred_at, person_id, state, order_id, seq, xid, settled_at)
    select id, source_id, %(name)s, occurred_at, person_id, 'settled', fact_id, nextval('settlement_seq'), pg_current_xact_id(),
        now()
    from asked),
marks as (
    insert into fact_withdrawn (fact_id, run_id, by_fact_id) select id, %(run_id)s::bigint, id from asked)
select fact_id, id as by_id from asked

-- name: derived_from
-- Facts that followed from these: each is of the same person, at the same time.
select f.id, f.client_key
from unnest(%(fact_ids)s::bigint[]) as n (id)
cross join lateral (
    select person_id, occurred_at from settlement where fact_id = n.id and person_id is not null offset 0) s
cross join lateral (
    select fact_id, occurred_at from settlement
    where person_id = s.person_id and occurred_at = s.occurred_at and depth > 0 offset 0) d
cross join lateral (
    select id, client_key, body from fact where id = d.fact_id and occurred_at = d.occurred_at offset 0) f
where f.body ->> 'cause' = n.id::text and not exists (select from fact_withdrawn w where w.fact_id = f.id)

-- name: forget_derived
delete from derived_key where key = any(%(keys)s::text[])

-- name: persons_of_run
-- Of whom a run's facts were, those that stand for them, and those that took them back.
select distinct s.person_id
from fact_withdrawn w
cross join lateral (select person_id from settlement where fact_id in (w.fact_id, w.retold_id) offset 0) s
where w.run_id = %(run_id)s::bigint and s.person_id is not null
order by 1

-- name: withdrawn_of_run
-- What has been done of it.
select count(*) filter (where not is_retold and by_fact_id is not null and by_fact_id <> fact_id) as gone,
    count(*) filter (where is_retold and by_fact_id is not null) as retold, count(*) filter (where by_fact_id is null) as left
from fact_withdrawn where run_id = %(run_id)s::bigint

-- name: reversals_of_run
select fact_id from fact_withdrawn where run_id = %(run_id)s::bigint and by_fact_id = fact_id

-- name: marked
-- A run's own facts, done or not.
select fact_id from fact_withdrawn
where run_id = %(run_id)s::bigint and fact_id > %(after)s::bigint and (by_fact_id is null or by_fact_id <> fact_id)
order by fact_id limit %(limit)s

-- name: mark_retold
insert into fact_withdrawn (fact_id, run_id, is_retold)
select fact_id, %(run_id)s::bigint, true from unnest(%(fact_ids)s::bigint[]) as fact_id
on conflict (fact_id) do nothing

-- name: keep_places
-- What was told again takes the place that it had among all that settled: whoever decides by that order decides as before. One
-- that had to wait for another of its order stays behind it.
update settlement s set seq = k.seq
from (
    select t.fact_id, o.seq,
        o.seq > coalesce(max(o.seq) over (
            partition by coalesce(t.order_id, t.fact_id) order by t.seq rows between unbounded preceding and 1 preceding), 0) as is_after
    from unnest(%(fact_ids)s::bigint[]) as n (id)
    cross join lateral (
        select fact_id, order_id, seq from settlement where fact_id = n.id and state = 'settled' offset 0) t
    cross join lateral (select fact_id from fact_withdrawn where retold_id = n.id offset 0) w
    cross join lateral (select seq from settlement where fact_id = w.fact_id and seq is not null offset 0) o) k
where s.fact_id = k.fact_id and k.is_after
