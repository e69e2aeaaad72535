-- name: to_retire
-- A number of these persons that names them now, and when it was first told of.
select i.id, i.kind, i.key, i.person_id, (select occurred_at from settlement where fact_id = i.fact_id) as first_at
from identifier i
where i.id = %(identifier_id)s::bigint and i.person_id = any(%(person_ids)s::bigint[]) and i.kind = any(%(kinds)s::text[])
    and i.scope = '' and not i.is_guarded
for update of i

-- name: end_era
update identifier set scope = %(scope)s, ends_at = %(ends_at)s::timestamptz where id = %(identifier_id)s::bigint

-- name: facts_to_era
-- Reads every identifier that was ever told: seldom, and by hand.
update fact_identifier f set scope = %(scope)s
from settlement s
where f.kind = %(kind)s and f.key = %(key)s and f.scope = '' and s.fact_id = f.fact_id and s.occurred_at <= %(ends_at)s::timestamptz

-- name: begin_today
-- Whose it is today, as far as was told: of whom the first fact since then is. Parting looks at it anew.
insert into identifier (kind, scope, key, sealed, tail4, person_id, fact_id)
select f.kind, '', f.key, f.sealed, f.tail4, s.person_id, s.fact_id
from fact_identifier f join settlement s on s.fact_id = f.fact_id
where f.kind = %(kind)s and f.key = %(key)s and f.scope = '' and s.state = 'settled' and s.person_id is not null
    and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
order by s.seq, s.fact_id limit 1

-- name: hand_over
insert into identifier_handover (identifier_id, person_ids) values (%(identifier_id)s::bigint, %(person_ids)s::bigint[])

-- name: to_give_back
-- A number that was said to have changed hands, whose it is today, and whether it changed hands once more.
select i.id, i.kind, i.key, i.scope, i.person_id, n.id as now_id, n.person_id as now_person_id, coalesce(n.is_guarded, false) as is_shared,
    exists (
        select from identifier e
        where e.kind = i.kind and e.key = i.key and starts_with(e.scope, 'until:') and e.ends_at > i.ends_at) as is_followed
from identifier i
left join identifier n on n.kind = i.kind and n.scope = '' and n.key = i.key
where i.id = %(identifier_id)s::bigint and i.person_id = any(%(person_ids)s::bigint[]) and starts_with(i.scope, 'until:')
for update of i

-- name: links_to_old
update link set identifier_id = %(old)s::bigint where identifier_id = %(new)s::bigint

-- name: drop_today
delete from identifier where id = %(id)s::bigint

-- name: facts_of_era
update fact_identifier set scope = '' where kind = %(kind)s and key = %(key)s and scope = %(scope)s

-- name: begin_again
update identifier set scope = '', ends_at = null where id = %(id)s::bigint

-- name: late_to_era
-- Facts of the time before a number changed hands carry it as it was then.
update fact_identifier f set scope = e.scope
from settlement s
cross join lateral (
    select fact_id, kind, key from fact_identifier
    where fact_id = s.fact_id and kind = any(%(kinds)s::text[]) and scope = '' offset 0) n
cross join lateral (
    select scope from identifier
    where kind = n.kind and key = n.key and starts_with(scope, 'until:') and ends_at >= s.occurred_at
    order by ends_at limit 1 offset 0) e
where s.fact_id = any(%(fact_ids)s::bigint[]) and f.fact_id = n.fact_id and f.kind = n.kind and f.key = n.key and f.scope = ''

-- name: changed_hands
-- Those of these that have changed hands.
select n.kind, n.key from unnest(%(kinds)s::text[], %(keys)s::text[]) as n (kind, key)
where exists (select from identifier e where e.kind = n.kind and e.key = n.key and starts_with(e.scope, 'until:') offset 0)

-- name: last_told
-- When each of these was last told of on a fact of its human, before this fact.
select n.fact_id, n.identifier_id, s.occurred_at, l.last_at
from unnest(%(fact_ids)s::bigint[], %(identifier_ids)s::bigint[]) as n (fact_id, identifier_id)
join settlement s on s.fact_id = n.fact_id
join identifier i on i.id = n.identifier_id
cross join lateral (
    select max(o.occurred_at) as last_at
    from (
        select coalesce((select canonical_id from person_cluster where person_id = i.person_id), i.person_id) as head) h
    cross join lateral (
        select h.head as person_id union all select person_id from person_cluster where canonical_id = h.head offset 0) m
    join settlement o on o.person_id = m.person_id and o.occurred_at < s.occurred_at
    where exists (
        select from fact_identifier f
        where f.fact_id = o.fact_id and f.kind = i.kind and f.scope = i.scope and f.key = i.key)) l

-- name: waits_for_eyes
-- Those of these numbers of whom it is asked already whether they have changed hands.
select distinct (detail->>'identifier_id')::bigint as identifier_id from fact_exception
where code = 'number_recycled' and state = 'open' and (detail->>'identifier_id')::bigint = any(%(identifier_ids)s::bigint[])

-- name: keep_eras_of_the_erased
-- A time of a number that somebody else has today goes on keeping what is told of it from that one; it is nobody's.
update identifier i set person_id = null, is_guarded = true, sealed = null, tail4 = null
where i.person_id = any(%(person_ids)s::bigint[]) and starts_with(i.scope, 'until:')
    and exists (select from identifier n where n.kind = i.kind and n.scope = '' and n.key = i.key)
