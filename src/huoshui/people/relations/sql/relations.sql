-- name: told_by_facts
-- What these transactions say of one person's relation to another, of known people. A tracked fact says it in its properties.
select s.fact_id, s.name, s.person_id, s.occurred_at, f.run_id, f.actor, f.told
from settlement s
cross join lateral (
    select run_id, actor, coalesce(body->'properties', body)::text as told from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8 and s.state = 'settled'
    and s.name = any(%(names)s::text[]) and s.person_id is not null
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by s.fact_id

-- name: told_by_lists
-- Members of whom a list says who brought them.
select s.fact_id, s.name, s.person_id, s.occurred_at, f.run_id, f.actor, t.value as told
from settlement s
cross join lateral (
    select value from fact_trait where fact_id = s.fact_id and name = any(%(traits)s::text[]) and value <> ''
    order by name limit 1 offset 0) t
cross join lateral (
    select run_id, actor from fact where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
where s.xid >= %(low)s::text::xid8 and s.xid < %(high)s::text::xid8 and s.state = 'settled'
    and s.name = 'Identify' and s.person_id is not null
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by s.fact_id

-- name: told_again
-- What facts say that named somebody unknown when they came, the newest first.
select s.fact_id, s.name, s.person_id, s.occurred_at, f.run_id, f.actor, coalesce(t.value, f.told) as told
from (select fact_id from relation_mention order by fact_id desc limit %(limit)s) m
cross join lateral (
    select * from settlement where fact_id = m.fact_id and state = 'settled' and person_id is not null offset 0) s
cross join lateral (
    select run_id, actor, coalesce(body->'properties', body)::text as told from fact
    where id = s.fact_id and occurred_at = s.occurred_at offset 0) f
left join lateral (
    select value from fact_trait where fact_id = s.fact_id and name = any(%(traits)s::text[]) and value <> ''
    order by name limit 1 offset 0) t on s.name = 'Identify'
where not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)

-- name: add_told
-- A pair that somebody has parted by hand is not joined again by what merely repeats it.
insert into person_relation (kind, from_person_id, to_person_id, since, origin, evidence_fact_id, actor)
select n.kind, n.from_id, n.to_id, n.since, n.origin, n.fact_id, n.actor
from unnest(%(kinds)s::text[], %(from_ids)s::bigint[], %(to_ids)s::bigint[], %(sinces)s::timestamptz[], %(origins)s::text[],
    %(fact_ids)s::bigint[], %(actors)s::text[]) as n (kind, from_id, to_id, since, origin, fact_id, actor)
where not exists (
    select from person_relation r
    where r.from_person_id = n.from_id and r.to_person_id = n.to_id and r.kind = n.kind and r.ended_by like 'staff:%%')
on conflict do nothing

-- name: add_mentions
insert into relation_mention (fact_id, to_person_id)
select * from unnest(%(fact_ids)s::bigint[], %(person_ids)s::bigint[]) on conflict do nothing

-- name: drop_mentions
delete from relation_mention where fact_id = any(%(fact_ids)s::bigint[])

-- name: void_withdrawn
-- What was told by facts that these transactions took back never held.
with gone as materialized (
    select order_id as fact_id from settlement
    where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and state = 'settled' and name = 'Fact Withdrawn'
        and order_id is not null),
forgotten as (delete from relation_mention where fact_id in (select fact_id from gone))
update person_relation r
set until = r.since, ended_by = 'system:0', ended_reason = 'withdrawn', seq = nextval('relation_seq'), xid = pg_current_xact_id()
from gone where r.evidence_fact_id = gone.fact_id and r.until is distinct from r.since

-- name: void_all_withdrawn
update person_relation r
set until = r.since, ended_by = 'system:0', ended_reason = 'withdrawn', seq = nextval('relation_seq'), xid = pg_current_xact_id()
where r.evidence_fact_id is not null and r.until is distinct from r.since
    and exists (select from fact_withdrawn w where w.fact_id = r.evidence_fact_id)

-- name: add_by_hand
insert into person_relation (kind, from_person_id, to_person_id, since, origin, actor, reason)
values (%(kind)s, %(from_id)s, %(to_id)s, %(since)s::timestamptz, 'hand', %(actor)s, %(reason)s)
returning id

-- name: lock_pairs
-- Relations are declared and ended by hand one at a time: two at once would each see the other's not.
select pg_advisory_xact_lock(hashtext('huoshui relations'))

-- name: one
select id, kind, from_person_id, to_person_id, since, until from person_relation where id = %(relation_id)s

-- name: end_pair
-- All that says the same of these two: one statement may have come from several facts.
update person_relation
set until = greatest(since, %(until)s::timestamptz), ended_by = %(actor)s, ended_reason = %(reason)s,
    seq = nextval('relation_seq'), xid = pg_current_xact_id()
where kind = %(kind)s and until is null
    and (from_person_id = any(%(from_ids)s::bigint[]) and to_person_id = any(%(to_ids)s::bigint[])
        or %(both_ways)s::boolean and from_person_id = any(%(to_ids)s::bigint[]) and to_person_id = any(%(from_ids)s::bigint[]))
returning id

-- name: between
select id from person_relation
where kind = %(kind)s and until is null
    and (from_person_id = any(%(from_ids)s::bigint[]) and to_person_id = any(%(to_ids)s::bigint[])
        or %(both_ways)s::boolean and from_person_id = any(%(to_ids)s::bigint[]) and to_person_id = any(%(from_ids)s::bigint[]))

-- name: around
-- All that was ever said of these persons, whichever end they are.
select r.id, r.kind, r.from_person_id, r.to_person_id, r.since, r.until, r.origin, r.evidence_fact_id, r.actor, r.reason,
    r.ended_by, r.ended_reason
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select * from person_relation where from_person_id = p.person_id
    union
    select * from person_relation where to_person_id = p.person_id
    offset 0) r

-- name: brought_by
-- Whom these persons (any ids) brought, as far as it holds.
select r.from_person_id, r.to_person_id, r.since, r.id
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select * from person_relation where from_person_id = p.person_id and kind = 'brought' and until is null offset 0) r

-- name: bringers_of
-- Who brought these persons (any ids), as far as it holds.
select r.from_person_id, r.to_person_id, r.since, r.id
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select * from person_relation where to_person_id = p.person_id and kind = 'brought' and until is null offset 0) r

-- name: bringings_of
-- Every time these persons (any ids) brought somebody, also what held no longer; what never held is left out.
select r.from_person_id, r.to_person_id, r.since, r.until, r.id, r.evidence_fact_id
from unnest(%(person_ids)s::bigint[]) as p (person_id)
cross join lateral (
    select * from person_relation
    where from_person_id = p.person_id and kind = 'brought' and until is distinct from since offset 0) r

-- name: bringers
-- How many relations of bringing each person (any id) has.
select from_person_id as person_id, count(*) as brought from person_relation
where kind = 'brought' and until is null group by from_person_id

-- name: changed_persons
-- Both ends: who brought somebody wears it as a role.
select from_person_id as person_id from person_relation where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8
union
select to_person_id from person_relation where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8

-- name: state_changes
-- For the lake: by whom somebody was brought; of several the first. Nobody any more: no number.
select c.to_person_id as person_id, 'referred_by'::text as key, l.from_person_id::text as value,
    l.from_person_id::float8 as number, coalesce(l.since, c.at) as at, c.seq, 0 as source_id
from (
    select to_person_id, max(seq) as seq, max(coalesce(until, since)) as at from person_relation
    where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and kind = 'brought'
    group by to_person_id) c
left join lateral (
    select from_person_id, since from person_relation
    where to_person_id = c.to_person_id and kind = 'brought' and until is null
    order by since, id limit 1 offset 0) l on true

-- name: counts
select kind, count(*) as relations from person_relation where until is null group by kind
