-- name: seen
-- Each identifier of these facts with what is known of it, in fact order; of a device also who was known there last when the fact
-- happened.
select f.fact_id, f.kind, f.scope, f.key, i.id as identifier_id, i.person_id,
    coalesce(c.canonical_id, i.person_id) as canonical_id, coalesce(i.links_made, 0) as links_made,
    coalesce(i.is_guarded, false) as is_guarded, (select exists (select from erased_identifier)) as is_any_erased,
    coalesce((select max(version) from identity_rules), 1) as rules_version,
    case when i.is_guarded then (select s.person_id from staff_identifier s where s.identifier_id = i.id) end as own_person_id,
    h.occurred_at as at, h.person_id as holder_id, h.since as held_since,
    f.kind = 'phone' and f.scope = '' and exists (
        select from identifier where kind = f.kind and key = f.key and starts_with(scope, 'until:') offset 0) as has_eras
from fact_identifier f
left join lateral (
    select * from identifier where kind = f.kind and scope = f.scope and key = f.key offset 0) i on true
left join lateral (select canonical_id from person_cluster where person_id = i.person_id offset 0) c on true
left join lateral (
    select s.occurred_at, d.person_id, d.since from settlement s
    left join lateral (
        select person_id, since from device_holder d
        where d.identifier_id = i.id and d.since <= s.occurred_at
            and not exists (select from fact_withdrawn w where w.fact_id = d.fact_id offset 0)
        order by since desc, fact_id desc limit 1) d on true
    where s.fact_id = f.fact_id and f.kind = any(%(devices)s::text[]) offset 0) h on true
where f.fact_id = any(%(fact_ids)s::bigint[])
order by f.fact_id

-- name: visitors
-- Those of these persons who have no strong identifier and no link.
select p as person_id from unnest(%(person_ids)s::bigint[]) as p
where not exists (select from identifier where person_id = p and kind = any(%(strong)s::text[]))
    and not exists (select from link where person_a = p and unlinked_at is null)
    and not exists (select from link where person_b = p and unlinked_at is null)

-- name: known_names
-- What is known of these identifiers, in the columns of `seen`. Those nobody has seen are left out.
select 0::bigint as fact_id, n.kind, n.scope, n.key, i.id as identifier_id, i.person_id,
    coalesce(c.canonical_id, i.person_id) as canonical_id, i.links_made,
    i.is_guarded or coalesce(i.ends_at < now(), false) as is_guarded,
    false as is_any_erased, coalesce((select max(version) from identity_rules), 1) as rules_version,
    case when i.is_guarded then (select s.person_id from staff_identifier s where s.identifier_id = i.id) end as own_person_id
from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[]) as n (kind, scope, key)
cross join lateral (
    select * from identifier where kind = n.kind and scope = n.scope and key = n.key offset 0) i
left join lateral (select canonical_id from person_cluster where person_id = i.person_id offset 0) c on true

-- name: held
-- Of which kinds these clusters have a number of their own.
select distinct c as canonical_id, i.kind, i.scope
from unnest(%(canonical_ids)s::bigint[]) as c
cross join lateral (
    select c as person_id union all select person_id from person_cluster where canonical_id = c offset 0) m
cross join lateral (
    select kind, scope from identifier
    where person_id = m.person_id and not is_guarded and (ends_at is null or ends_at > now()) offset 0) i

-- name: counted
-- How many values of each of these kinds these clusters have, by scope.
select c as canonical_id, i.kind, i.scope, count(*)::int as count
from unnest(%(canonical_ids)s::bigint[]) as c
cross join lateral (
    select c as person_id union all select person_id from person_cluster where canonical_id = c offset 0) m
cross join lateral (
    select kind, scope from identifier
    where person_id = m.person_id and not is_guarded and kind = any(%(kinds)s::text[]) offset 0) i
group by 1, 2, 3

-- name: apart
-- Of these clusters those pairs whom somebody has parted. By the partial index of what was parted, which is little.
with member as (
    select h.head, h.canonical_id, m.person_id
    from (
        select n.canonical_id, coalesce(c.canonical_id, n.canonical_id) as head
        from unnest(%(canonical_ids)s::bigint[]) as n (canonical_id)
        left join lateral (select canonical_id from person_cluster where person_id = n.canonical_id offset 0) c on true) h
    cross join lateral (
        select h.head as person_id union all select person_id from person_cluster where canonical_id = h.head offset 0) m),
away as (
    select m.head, m.canonical_id, coalesce(c.canonical_id, p.person_b) as other
    from member m
    cross join lateral (
        select person_b from link
        where person_a = m.person_id and unlinked_at is not null and undone_by_version is null offset 0) p
    left join lateral (select canonical_id from person_cluster where person_id = p.person_b offset 0) c on true)
select distinct a.canonical_id as one, m.canonical_id as other
from away a join (select distinct head, canonical_id from member) m on m.head = a.other
where a.head <> a.other

-- name: next_person_ids
select nextval(pg_get_serial_sequence('person', 'id')) as id from generate_series(1, %(count)s::int)

-- name: add_persons
insert into person (id, born_fact_id)
select * from unnest(%(ids)s::bigint[], %(fact_ids)s::bigint[])

-- name: add_identifiers
-- Fewer rows than asked: another transaction was first with one of them, and this one must decide again.
insert into identifier (kind, scope, key, sealed, tail4, person_id, fact_id)
select distinct on (n.kind, n.scope, n.key) n.kind, n.scope, n.key, f.sealed, f.tail4, n.person_id, n.fact_id
from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[], %(person_ids)s::bigint[], %(fact_ids)s::bigint[])
    as n (kind, scope, key, person_id, fact_id)
join fact_identifier f on f.fact_id = n.fact_id and f.kind = n.kind and f.scope = n.scope and f.key = n.key
order by n.kind, n.scope, n.key
on conflict (kind, scope, key) do nothing

-- name: lock_clusters
-- Clusters change one at a time: two links made at once beside each other would each miss the other's cluster.
select pg_advisory_xact_lock(hashtext('huoshui clusters'))

-- name: add_links
-- Two that somebody has parted are not joined again by what joined them before.
insert into link (person_a, person_b, rule, identifier_id, fact_id, actor)
select least(l.a, l.b), greatest(l.a, l.b), 'same_fact', i.id, l.fact_id, %(actor)s
from unnest(%(a)s::bigint[], %(b)s::bigint[], %(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[],
    %(fact_ids)s::bigint[]) as l (a, b, kind, scope, key, fact_id)
join identifier i on i.kind = l.kind and i.scope = l.scope and i.key = l.key
where not exists (
    select from link parted where parted.person_a = least(l.a, l.b) and parted.person_b = greatest(l.a, l.b)
        and parted.unlinked_at is not null and parted.undone_by_version is null)
on conflict do nothing
returning person_a, person_b

-- name: ask_of_pairs
-- That a human is asked of two people, once for what is asked; those of whom it was not asked yet.
insert into identity_asked (code, person_a, person_b, fact_id)
select * from unnest(%(codes)s::text[], %(a)s::bigint[], %(b)s::bigint[], %(fact_ids)s::bigint[])
on conflict do nothing
returning code, person_a, person_b

-- name: count_links
update identifier i set links_made = links_made + n.made
from (select kind, scope, key, count(*) as made
      from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[]) as x (kind, scope, key)
      group by kind, scope, key) n
where i.kind = n.kind and i.scope = n.scope and i.key = n.key

-- name: guard
update identifier i set is_guarded = true, is_guarded_by_rule = true
from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[]) as n (kind, scope, key)
where i.kind = n.kind and i.scope = n.scope and i.key = n.key

-- name: add_link_by_hand
insert into link (person_a, person_b, rule, actor, reason)
values (least(%(a)s::bigint, %(b)s::bigint), greatest(%(a)s::bigint, %(b)s::bigint), 'by_hand', %(actor)s, %(reason)s)
on conflict do nothing
returning id

-- name: remove_link
update link set unlinked_at = now(), unlinked_by = %(actor)s, unlinked_reason = %(reason)s
where id = %(link_id)s and unlinked_at is null
returning person_a, person_b

-- name: component
-- Everybody reachable over living links from these persons, each with his present canonical id.
with recursive reached (id) as (
    select unnest(%(person_ids)s::bigint[])
    union
    select other.id from reached r
    cross join lateral (
        select person_b as id from link where person_a = r.id and unlinked_at is null
        union all
        select person_a from link where person_b = r.id and unlinked_at is null
        offset 0) other
)
select r.id as person_id, coalesce(c.canonical_id, r.id) as canonical_id
from reached r
left join lateral (select canonical_id from person_cluster where person_id = r.id offset 0) c on true

-- name: living_links
select id, person_a, person_b from link
where unlinked_at is null and person_a = any(%(person_ids)s::bigint[])

-- name: put_clusters
insert into person_cluster (person_id, canonical_id)
select p, c from unnest(%(person_ids)s::bigint[], %(canonical_ids)s::bigint[]) as x (p, c)
where p <> c
on conflict (person_id) do update set canonical_id = excluded.canonical_id

-- name: drop_clusters
delete from person_cluster where person_id = any(%(person_ids)s::bigint[])

-- name: log_clusters
insert into cluster_change (person_id, canonical_id)
select * from unnest(%(person_ids)s::bigint[], %(canonical_ids)s::bigint[])

-- name: canonical
select coalesce(c.canonical_id, p.id) as canonical_id
from person p left join person_cluster c on c.person_id = p.id where p.id = %(person_id)s

-- name: canonical_of
-- Of those that are another's.
select person_id, canonical_id from person_cluster where person_id = any(%(person_ids)s::bigint[])

-- name: members
-- Every person id of the cluster of a canonical id.
select %(canonical_id)s::bigint as person_id
union all select person_id from person_cluster where canonical_id = %(canonical_id)s::bigint

-- name: identifiers_of
select i.id, i.kind, i.scope, i.key, i.sealed is not null as is_sealed, i.tail4, i.is_guarded, i.created_at, i.ends_at,
    coalesce(i.ends_at <= now(), false) as is_ended, coalesce(src.label, '') as source
from identifier i
left join settlement s on s.fact_id = i.fact_id
left join source src on src.id = s.source_id
where i.person_id = any(%(person_ids)s::bigint[])
order by i.created_at, i.id

-- name: sealed_of
-- The sealed value of one identifier, when it is one of these persons'; a number that is somebody else's today is not.
select kind, sealed from identifier
where id = %(identifier_id)s and person_id = any(%(person_ids)s::bigint[]) and sealed is not null
    and (ends_at is null or ends_at > now())

-- name: links_of
select l.id, l.person_a, l.person_b, l.rule, l.actor, l.reason, l.linked_at, i.kind, i.scope, i.key, i.tail4, i.ends_at
from link l left join identifier i on i.id = l.identifier_id
where l.unlinked_at is null and l.person_a = any(%(person_ids)s::bigint[])
order by l.id

-- name: cluster_changes
select person_id, 'cluster'::text as key, canonical_id::text as value, canonical_id::float8 as number,
    changed_at as at, id as seq, 0 as source_id
from cluster_change
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8

-- name: changed_persons
select distinct person_id from cluster_change
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8

-- name: find_by_key
select distinct coalesce(c.canonical_id, i.person_id) as person_id
from identifier i left join person_cluster c on c.person_id = i.person_id
where i.kind = %(kind)s and (i.scope in ('', 'fixed') or starts_with(i.scope, 'until:')) and i.key = %(key)s and i.person_id is not null

-- name: kin_of
-- All ids of those of these persons who are one with others: (person, canonical, member).
select n.person_id, c.canonical_id, m.member
from unnest(%(person_ids)s::bigint[]) as n (person_id)
cross join lateral (
    select canonical_id from person_cluster where person_id = n.person_id
    union
    select canonical_id from person_cluster where canonical_id = n.person_id
    offset 0) c
cross join lateral (
    select c.canonical_id as member
    union all
    select person_id from person_cluster where canonical_id = c.canonical_id
    offset 0) m
order by n.person_id, m.member

-- name: members_of
-- (member, canonical) of those in these clusters that are another's.
select person_id, canonical_id from person_cluster where canonical_id = any(%(canonical_ids)s::bigint[])

-- name: card_identifiers
-- The card number and phone tail to show of each cluster: the newest that is not guarded.
select m.canonical_id,
    coalesce((array_agg(i.key order by i.id desc) filter (where i.kind in ('card_no', 'member_no')))[1], '') as card_no,
    coalesce((array_agg(i.tail4 order by i.id desc) filter (where i.kind = 'phone'))[1], '') as phone_tail4
from unnest(%(person_ids)s::bigint[], %(canonical_ids)s::bigint[]) as m (person_id, canonical_id)
left join identifier i on i.person_id = m.person_id and not i.is_guarded and (i.ends_at is null or i.ends_at > now())
group by m.canonical_id

-- name: find_by_tail
-- Canonical persons whose phone or email ends so, newest identifiers first.
select distinct coalesce(c.canonical_id, i.person_id) as person_id
from identifier i left join person_cluster c on c.person_id = i.person_id
where i.tail4 = %(tail)s and i.person_id is not null
limit %(limit)s

-- name: find_by_prefix
-- Card, member and account numbers that start so.
select distinct coalesce(c.canonical_id, x.person_id) as person_id
from (select person_id from identifier
      where key like %(prefix)s and kind in ('card_no', 'member_no', 'account', 'openid', 'unionid', 'external_userid')
          and person_id is not null
      order by key limit %(limit)s) x
left join person_cluster c on c.person_id = x.person_id

-- name: having
-- Those of these persons who have an identifier of this kind that is theirs alone.
select distinct person_id from identifier
where person_id = any(%(person_ids)s::bigint[]) and kind = %(kind)s and not is_guarded and (ends_at is null or ends_at > now())

-- name: presence
-- Those of these that are persons, and whether each was erased.
select p.id as person_id, e.person_id is not null as is_erased
from person p left join erased_person e on e.person_id = p.id
where p.id = any(%(person_ids)s::bigint[])
