-- name: add_undo
insert into import_undo (run_id, state, reason, actor, actor_name, approval_id, before)
values (%(run_id)s::bigint, %(state)s, %(reason)s, %(actor)s, %(actor_name)s, %(approval_id)s::bigint, %(before)s::jsonb)
on conflict (run_id) do nothing

-- name: undo_of
select run_id, state, reason, actor_name, asked_at, approval_id, phase, message, before, counts, ended_at
from import_undo where run_id = %(run_id)s::bigint

-- name: undos
select run_id, state from import_undo where run_id = any(%(run_ids)s::bigint[])

-- name: put_undo
update import_undo set state = %(state)s, phase = %(phase)s, message = %(message)s,
    counts = coalesce(%(counts)s::jsonb, counts), ended_at = case when %(state)s in ('done', 'failed') then now() end
where run_id = %(run_id)s::bigint

-- name: drop_undo
delete from import_undo where run_id = %(run_id)s::bigint and state = 'asked'

-- name: say_undo
update import_undo set phase = %(phase)s where run_id = %(run_id)s::bigint

-- name: add_document
insert into import_document (fact_id, run_id, key) values (%(fact_id)s, %(run_id)s, %(key)s) on conflict do nothing

-- name: times_undone
select key, count(*) as times from import_document where key = any(%(keys)s::text[]) and undone_by is not null group by key

-- name: documents_left
select fact_id, key from import_document where run_id = %(run_id)s::bigint and undone_by is null order by fact_id desc

-- name: close_document
update import_document set undone_by = %(by_id)s where fact_id = %(fact_id)s

-- name: lines_to_undo
-- What a stock-take moved, but for what has been counted again since.
select l.org_unit_id, l.sku_id, -l.moved_milli as moved_milli
from goods_document_line l
where l.fact_id = %(fact_id)s and l.moved_milli <> 0 and not exists (
    select from goods_document_line other join goods_document d on d.fact_id = other.fact_id and d.kind = 'count'
    where other.org_unit_id = l.org_unit_id and other.sku_id = l.sku_id and other.fact_id > l.fact_id)
order by l.line_no

-- name: persons_told
-- Of the persons a run told of: how many there are, how many something else tells of too.
select count(*) as persons, count(*) filter (where all_of.told > mine.told) as staying
from (
    select s.person_id, count(*) as told
    from told_by_run(%(run_id)s::bigint) t
    cross join lateral (select person_id from settlement where fact_id = t.fact_id offset 0) s
    where not t.is_shared and s.person_id is not null
    group by s.person_id) mine
cross join lateral (
    select count(*) as told from settlement s
    where s.person_id = mine.person_id and s.depth = 0 and s.name <> 'Fact Withdrawn'
        and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id) offset 0) all_of

-- name: points_told
-- By person, the points that a run's sales gave and still give, and what of them he can no longer give back.
with given as (
    select a.owner_id, sum(case when a.id = t.to_account_id then t.amount else -t.amount end) as points
    from told_by_run(%(run_id)s::bigint) f
    join transfer t on t.fact_id = f.fact_id and t.unit = 'points' and t.reason in ('earn', 'take_back')
    join account a on a.id in (t.to_account_id, t.from_account_id) and a.owner_kind = 'person'
    where not f.is_shared
    group by a.owner_id),
held as (
    select g.owner_id, g.points, coalesce((
        select sum(balance) from account
        where unit = 'points' and owner_kind = 'person' and owner_id = g.owner_id and bucket not in ('debt', 'held')), 0) as balance
    from given g where g.points > 0)
select owner_id as person_id, points::bigint as points, greatest(points - balance, 0)::bigint as short
from held order by 3 desc, 2 desc, 1

-- name: orders_told_since
-- Orders of a run that something else has told of too: revised, refunded, supplemented.
select mine.order_key, mine.amount, all_of.told - mine.told as others
from (
    select o.source_id, coalesce(case when o.name = 'Order Refunded' then o.parent_key end, o.order_key) as order_key,
        sum(o.amount - o.refunded)::bigint as amount, count(*) as told
    from told_by_run(%(run_id)s::bigint) t
    cross join lateral (select * from fact_order where fact_id = t.fact_id offset 0) o
    where not t.is_shared group by 1, 2) mine
cross join lateral (
    select count(*) as told
    from (
        select fact_id from fact_order
        where source_id = mine.source_id and order_key = mine.order_key and (name <> 'Order Refunded' or parent_key is null)
        union
        select fact_id from fact_order
        where source_id = mine.source_id and parent_key = mine.order_key and name = 'Order Refunded') f
    where not exists (select from fact_withdrawn w where w.fact_id = f.fact_id) offset 0) all_of
where all_of.told > mine.told
order by mine.order_key

-- name: debts_left
-- Who owes points by an undoing, and how many.
select a.owner_id as person_id, sum(t.amount)::bigint as points
from fact_withdrawn w
join transfer t on t.fact_id = w.fact_id and t.unit = 'points' and t.reason = 'take_back'
join account a on a.id = t.from_account_id and a.owner_kind = 'person' and a.bucket = 'debt'
where w.run_id = %(run_id)s::bigint and w.by_fact_id = w.fact_id
group by a.owner_id order by 2 desc, 1

-- name: points_back
select coalesce(sum(t.amount), 0)::bigint as points
from fact_withdrawn w join transfer t on t.fact_id = w.fact_id and t.unit = 'points' and t.reason = 'take_back'
where w.run_id = %(run_id)s::bigint and w.by_fact_id = w.fact_id

-- name: times_asked
select count(*) as times from approval where kind = %(kind)s and object_id = %(run_id)s::bigint

-- name: orders_of_undo
-- The orders and refunds that a run alone told, the dearest first.
select o.order_key, o.name, o.business_day, o.amount - o.refunded as amount, s.person_id, s.state
from told_by_run(%(run_id)s::bigint) t
cross join lateral (select * from fact_order where fact_id = t.fact_id offset 0) o
cross join lateral (select person_id, state from settlement where fact_id = t.fact_id offset 0) s
where not t.is_shared
order by abs(o.amount - o.refunded) desc, o.order_key limit %(limit)s

-- name: persons_of_undo
-- Persons of whom only this run tells.
select mine.person_id
from (
    select s.person_id, count(*) as told
    from told_by_run(%(run_id)s::bigint) t
    cross join lateral (select person_id from settlement where fact_id = t.fact_id offset 0) s
    where not t.is_shared and s.person_id is not null
    group by s.person_id) mine
cross join lateral (
    select count(*) as told from settlement s
    where s.person_id = mine.person_id and s.depth = 0 and s.name <> 'Fact Withdrawn'
        and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id) offset 0) all_of
where all_of.told = mine.told
order by 1 limit %(limit)s
