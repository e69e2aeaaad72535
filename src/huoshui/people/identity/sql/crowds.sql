-- name: read_until
-- How far crowds have been looked for, and what has not ended yet: from there it is looked at once more next time.
select coalesce((select xid from watermark where reader = 'crowds'), '0'::xid8)::text as low,
    pg_snapshot_xmin(pg_current_snapshot())::text as until

-- name: read_to
insert into watermark (reader, xid) values ('crowds', %(xid)s::text::xid8)
on conflict (reader) do update set xid = greatest(watermark.xid, excluded.xid), read_at = now()

-- name: large_clusters
-- Clusters of at least so many ids of which something was told since, or that changed since.
with touched as (
    select distinct coalesce(c.canonical_id, t.person_id) as canonical_id
    from (
        select person_id from settlement where xid >= %(low)s::text::xid8 and person_id is not null
        union
        select canonical_id from cluster_change where xid >= %(low)s::text::xid8) t
    left join person_cluster c on c.person_id = t.person_id)
select t.canonical_id
from touched t
cross join lateral (
    select count(*) as others from (
        select from person_cluster where canonical_id = t.canonical_id limit %(others)s::int) x offset 0) n
where n.others >= %(others)s::int
order by 1

-- name: every_large_cluster
-- `large_clusters` of everybody, where nothing has been looked at yet: who is one with others is a small part of all people, and of
-- what was told of the rest nothing need be read.
select canonical_id from person_cluster group by canonical_id having count(*) >= %(others)s::int order by 1

-- name: decide_again
-- What these have joined since they were let go before is decided anew as well.
delete from run_withdrawn where run_id in (
    select -i.id
    from unnest(%(kinds)s::text[], %(scopes)s::text[], %(keys)s::text[]) as n (kind, scope, key)
    join identifier i on i.kind = n.kind and i.scope = n.scope and i.key = n.key)

-- name: beside
-- Values of these clusters, and how many values of one kind stand beside each on facts that count; with the last such fact.
with member as (
    select c as canonical_id, m.person_id
    from unnest(%(canonical_ids)s::bigint[]) as c
    cross join lateral (
        select c as person_id union all select person_id from person_cluster where canonical_id = c offset 0) m),
carried as (
    select f.fact_id, i.id, i.kind, i.scope, i.key
    from member m
    join settlement s on s.person_id = m.person_id and s.state = 'settled'
    join fact_identifier f on f.fact_id = s.fact_id
    join identifier i on i.kind = f.kind and i.scope = f.scope and i.key = f.key and not i.is_guarded
        and (i.ends_at is null or s.occurred_at <= i.ends_at)
    where not exists (select from fact_withdrawn w where w.fact_id = s.fact_id))
select a.kind, a.scope, a.key, b.kind as beside_kind, b.scope as beside_scope,
    count(distinct b.id)::int as values, max(a.fact_id) as fact_id
from carried a join carried b on b.fact_id = a.fact_id and b.id <> a.id
group by a.id, a.kind, a.scope, a.key, b.kind, b.scope
having count(distinct b.id) >= %(values)s::int
order by a.id, 4, 5

-- name: many_names
-- Clusters of which names were told since, and of which at least so many were told in all. Whoever was born since has no others.
with told as (
    select s.person_id, coalesce(c.canonical_id, s.person_id) as canonical_id, n.value
    from settlement s
    join fact_trait n on n.fact_id = s.fact_id and n.name = 'name'
    left join person_cluster c on c.person_id = s.person_id
    where s.xid >= %(low)s::text::xid8 and s.person_id is not null),
touched as (
    select t.canonical_id, count(distinct t.value) as names,
        bool_or(p.xid < %(low)s::text::xid8 or h.xid < %(low)s::text::xid8) as is_older
    from told t join person p on p.id = t.person_id join person h on h.id = t.canonical_id
    group by 1)
select t.canonical_id
from touched t
where t.names >= %(names)s::int or t.is_older and %(names)s::int <= (
    select count(distinct n.value)
    from (
        select t.canonical_id as person_id
        union all select person_id from person_cluster where canonical_id = t.canonical_id offset 0) m
    join settlement s on s.person_id = m.person_id
    join fact_trait n on n.fact_id = s.fact_id and n.name = 'name')
order by 1

-- name: named_under
-- Who was told of under each value of these kinds of these clusters, on facts that count; with the last such fact.
with member as (
    select m.person_id
    from unnest(%(canonical_ids)s::bigint[]) as c
    cross join lateral (
        select c as person_id union all select person_id from person_cluster where canonical_id = c offset 0) m)
select i.kind, i.scope, i.key, n.value as name, coalesce(b.value, '') as birthday, max(s.fact_id) as fact_id
from member m
join settlement s on s.person_id = m.person_id and s.state = 'settled'
join fact_identifier f on f.fact_id = s.fact_id and f.kind = any(%(kinds)s::text[])
join identifier i on i.kind = f.kind and i.scope = f.scope and i.key = f.key and not i.is_guarded
    and (i.ends_at is null or s.occurred_at <= i.ends_at)
join fact_trait n on n.fact_id = s.fact_id and n.name = 'name'
left join fact_trait b on b.fact_id = s.fact_id and b.name = 'birthday'
where not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)
group by 1, 2, 3, 4, 5
order by 1, 2, 3, 4, 5
