-- name: known_by
-- Whom these facts have named or joined: their persons, and those whose identifiers or links they are the evidence of.
select person_id from settlement where fact_id = any(%(fact_ids)s::bigint[]) and person_id is not null
union
select i.person_id
from fact_identifier f
cross join lateral (
    select person_id from identifier where kind = f.kind and scope = f.scope and key = f.key and person_id is not null offset 0) i
where f.fact_id = any(%(fact_ids)s::bigint[])

-- name: clusters_around
-- All ids of the clusters of these persons.
select c.canonical_id, m.person_id
from (
    select distinct coalesce(pc.canonical_id, n.id) as canonical_id
    from unnest(%(person_ids)s::bigint[]) as n (id) left join person_cluster pc on pc.person_id = n.id) c
cross join lateral (
    select c.canonical_id as person_id
    union all select person_id from person_cluster where canonical_id = c.canonical_id offset 0) m
join person p on p.id = m.person_id
order by 1, 2

-- name: asked_beside
-- Whom a record told to be one with these, but that they contradict each other. (Whom somebody parted, stays so.)
select person_b as person_id from identity_asked where person_a = any(%(person_ids)s::bigint[]) and code <> 'parted_again'
union
select person_a from identity_asked where person_b = any(%(person_ids)s::bigint[]) and code <> 'parted_again'

-- name: evidence
-- Facts that tell of these persons and still count, in the order in which they settled; each identifier they carry, with its
-- owner where that is somebody else.
with told as (
    select s.fact_id, s.person_id, s.seq, s.name, s.order_id, s.settled_at, s.occurred_at from settlement s
    where s.person_id = any(%(person_ids)s::bigint[]) and s.state = 'settled'
    union
    select s.fact_id, s.person_id, s.seq, s.name, s.order_id, s.settled_at, s.occurred_at
    from identifier i join settlement s on s.fact_id = i.fact_id where i.person_id = any(%(person_ids)s::bigint[])
    union
    select s.fact_id, s.person_id, s.seq, s.name, s.order_id, s.settled_at, s.occurred_at
    from link l join settlement s on s.fact_id = l.fact_id
    where l.unlinked_at is null and l.person_a = any(%(person_ids)s::bigint[]))
select t.fact_id, t.person_id, t.name, f.kind, f.scope, f.key, i.id as identifier_id, i.person_id as owner_id,
    coalesce(c.canonical_id, i.person_id) as canonical_id, coalesce(i.links_made, 0) as links_made,
    coalesce(i.is_guarded, false) as is_guarded,
    exists (select from fact_voucher v where v.fact_id = t.fact_id) as has_voucher,
    t.settled_at, case when f.kind = any(%(devices)s::text[]) then t.occurred_at end as at
from told t
join fact_identifier f on f.fact_id = t.fact_id
left join lateral (
    select * from identifier where kind = f.kind and scope = f.scope and key = f.key offset 0) i on true
left join lateral (select canonical_id from person_cluster where person_id = i.person_id offset 0) c on true
where not exists (select from fact_withdrawn w where w.fact_id = t.fact_id and not w.is_retold)
    and not exists (select from fact_withdrawn w where w.fact_id = t.fact_id and w.by_fact_id is not null)
    and t.name <> 'Fact Withdrawn' and (i.ends_at is null or t.occurred_at <= i.ends_at)
order by t.seq nulls last, t.fact_id

-- name: identifiers_owned
select id, kind, scope, key, person_id, fact_id, is_guarded from identifier
where person_id = any(%(person_ids)s::bigint[]) order by id

-- name: links_living
select l.id, l.person_a, l.person_b, l.rule, l.fact_id,
    exists (select from fact_withdrawn w where w.fact_id = l.fact_id) as is_gone,
    exists (
        select from fact_identifier f
        cross join lateral (
            select is_guarded from identifier where kind = f.kind and scope = f.scope and key = f.key offset 0) i
        where f.fact_id = l.fact_id and i.is_guarded) as is_by_shared
from link l where l.unlinked_at is null and l.person_a = any(%(person_ids)s::bigint[]) order by l.id

-- name: links_parted
-- Pairs that somebody has parted by hand, when first, and what had joined them.
select person_a, person_b, identifier_id, min(unlinked_at) as at from link
where unlinked_at is not null and undone_by_version is null
    and (person_a = any(%(person_ids)s::bigint[]) or person_b = any(%(person_ids)s::bigint[]))
group by 1, 2, 3

-- name: drop_links
delete from link where id = any(%(link_ids)s::bigint[])

-- name: detach_identifiers
update link set identifier_id = null where identifier_id = any(%(identifier_ids)s::bigint[])

-- name: drop_identifiers
delete from identifier where id = any(%(identifier_ids)s::bigint[])

-- name: put_identifiers
-- Of what somebody has said that it has joined enough, this goes on.
update identifier i set person_id = n.person_id, fact_id = n.fact_id,
    links_made = case when i.links_made >= %(enough)s then i.links_made else n.links_made end
from unnest(%(ids)s::bigint[], %(person_ids)s::bigint[], %(fact_ids)s::bigint[], %(links_made)s::int[])
    as n (id, person_id, fact_id, links_made)
where i.id = n.id

-- name: prove_links
-- Links that something else is evidence of now.
update link l set fact_id = n.fact_id, identifier_id = n.identifier_id
from unnest(%(ids)s::bigint[], %(fact_ids)s::bigint[], %(identifier_ids)s::bigint[]) as n (id, fact_id, identifier_id)
where l.id = n.id

-- name: join_again
insert into link (person_a, person_b, rule, identifier_id, fact_id, actor)
select least(n.a, n.b), greatest(n.a, n.b), 'same_fact', n.identifier_id, n.fact_id, %(actor)s
from unnest(%(a)s::bigint[], %(b)s::bigint[], %(identifier_ids)s::bigint[], %(fact_ids)s::bigint[])
    as n (a, b, identifier_id, fact_id)
where not exists (
    select from link parted where parted.person_a = least(n.a, n.b) and parted.person_b = greatest(n.a, n.b)
        and parted.unlinked_at is not null and parted.undone_by_version is null)
on conflict do nothing

-- name: give_birth_again
-- Persons who are first told of by another fact now.
update person p set born_fact_id = n.fact_id
from unnest(%(ids)s::bigint[], %(fact_ids)s::bigint[]) as n (id, fact_id)
where p.id = n.id and exists (select from fact_withdrawn w where w.fact_id = p.born_fact_id)

-- name: untold
-- Those of these persons of whom nothing tells any more: no identifier, no link, no fact that counts.
select p.id from person p
where p.id = any(%(person_ids)s::bigint[])
    and not exists (select from identifier i where i.person_id = p.id)
    and not exists (select from link l where l.person_a = p.id)
    and not exists (select from link l where l.person_b = p.id)
    and not exists (select from person_cluster c where c.canonical_id = p.id or c.person_id = p.id)
    and not exists (
        select from settlement s
        where s.person_id = p.id and s.name <> 'Fact Withdrawn'
            and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id))
order by p.id

-- name: bury
delete from person where id = any(%(person_ids)s::bigint[])

-- name: living
select id from person where id = any(%(person_ids)s::bigint[])
