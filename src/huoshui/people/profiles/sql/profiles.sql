-- name: record
-- The traits of these facts become attributes; of one source the latest word holds. A repeated word is only newer: it is
-- no change to readers. What is sensitive and not allowed is neither kept here nor by the fact.
with forgotten as (
    delete from fact_trait where fact_id = any(%(fact_ids)s::bigint[]) and name ~* %(sensitive)s
        and fact_id <> all(%(sensitive_of)s::bigint[]))
insert into attribute (person_id, name, source_id, value, fact_id, said_at)
select distinct on (s.person_id, t.name, s.source_id)
    s.person_id, t.name, s.source_id, t.value, s.fact_id, s.occurred_at
from settlement s join fact_trait t on t.fact_id = s.fact_id
where s.fact_id = any(%(fact_ids)s::bigint[]) and s.person_id is not null
    and not starts_with(t.name, 'consent_')  -- what may be done with her data is no trait of hers
    and (t.name !~* %(sensitive)s or s.fact_id = any(%(sensitive_of)s::bigint[]))
order by s.person_id, t.name, s.source_id, s.occurred_at desc, s.fact_id desc
on conflict (person_id, name, source_id) do update
set value = excluded.value, fact_id = excluded.fact_id, said_at = excluded.said_at,
    xid = case when attribute.value = excluded.value then attribute.xid else pg_current_xact_id() end,
    told_seq = greatest(attribute.told_seq, case when attribute.told_seq is not null then excluded.fact_id end)
where (attribute.said_at, attribute.fact_id) < (excluded.said_at, excluded.fact_id)

-- name: with_sensitive
select distinct s.fact_id, s.person_id from settlement s join fact_trait t on t.fact_id = s.fact_id
where s.fact_id = any(%(fact_ids)s::bigint[]) and s.person_id is not null and t.name ~* %(sensitive)s

-- name: of_persons
-- Every value of every source, with the fact that told it; `run_id`: of which import that was.
select a.name, a.value, a.said_at, a.source_id, src.label as source, a.fact_id, a.rank, f.run_id, f.actor
from attribute_ranked a
join source src on src.id = a.source_id
left join lateral (select occurred_at from settlement where fact_id = a.fact_id offset 0) s on true
left join lateral (select run_id, actor from fact where id = a.fact_id and occurred_at = s.occurred_at offset 0) f on true
where a.person_id = any(%(person_ids)s::bigint[]) and a.value <> ''
order by a.name, a.rank, a.said_at desc, a.fact_id desc

-- name: changes
-- What stands of each name that anybody has said something new of.
with told as (
    select distinct person_id, name from attribute
    where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8 and name !~* %(sensitive)s)
select t.person_id, 'attr.' || t.name as key, nullif(a.value, '') as value,
    case when a.value ~ '^-?\d+(\.\d+)?$' then a.value::float8 end as number,
    a.said_at as at, n.seq, a.source_id
from told t
cross join lateral (
    select max(coalesce(told_seq, fact_id)) as seq from attribute
    where person_id = t.person_id and name = t.name offset 0) n
cross join lateral (
    select * from attribute_ranked r where r.person_id = t.person_id and r.name = t.name
    order by r.value = '', r.rank, r.said_at desc, r.fact_id desc limit 1) a

-- name: display_names
-- Every name of these persons, the one that stands last.
select person_id, value as name
from attribute_ranked where name = 'name' and value <> '' and person_id = any(%(person_ids)s::bigint[])
order by rank desc, said_at, fact_id

-- name: priorities
select p.name, p.rank, s.id as source_id, s.name as source, s.label
from attribute_priority p join source s on s.id = p.source_id order by p.name, p.rank

-- name: sources
select name, label from source order by label, name

-- name: said_priorities
select distinct on (detail->>'name') detail->>'name' as name, actor, at, coalesce(detail->>'reason', '') as reason
from audit_entry where object_kind = 'attribute' and object_id = 0 and action = 'profile.priority'
order by detail->>'name', id desc

-- name: drop_priority
delete from attribute_priority where name = %(name)s

-- name: put_priority
-- In this order, the first stands first. Fewer than asked: a source is unknown.
insert into attribute_priority (name, source_id, rank)
select %(name)s, s.id, n.place
from unnest(%(sources)s::text[]) with ordinality as n (source, place) join source s on s.name = n.source

-- name: touch_disputed
-- Of the next so many persons: where several sources speak another word may stand now; to the lake that is a later one than all
-- that were told so far. `last`: whom the next stretch begins after, null at the end; `renamed`: who goes by several names.
with stretch as materialized (
    select distinct person_id from attribute where person_id > %(after)s::bigint order by person_id limit %(limit)s::int),
now as materialized (select nextval('fact_id_seq') as seq),
touched as (
    update attribute a set told_seq = now.seq, xid = pg_current_xact_id()
    from stretch cross join now
    where a.person_id = stretch.person_id and (%(name)s = '' or a.name = %(name)s) and exists (
        select from attribute b where b.person_id = a.person_id and b.name = a.name and b.source_id <> a.source_id)
    returning a.person_id, a.name)
select (select max(person_id) from stretch) as last,
    array(select distinct person_id from touched where name = 'name' order by 1) as renamed

-- name: birthdays
select person_id, value, rank = 0 as is_corrected from attribute_ranked
where name = 'birthday' and value <> '' and person_id = any(%(person_ids)s::bigint[])

-- name: birthdays_in
-- Birthdays of these years, as they are written.
select person_id, value, rank = 0 as is_corrected from attribute_ranked
where name = 'birthday' and (left(btrim(value), 4) = any(%(years)s::text[]) or is_born_else(value))

-- name: touch_birthdays
-- Told again to readers, who then look at these persons anew.
update attribute set told_seq = nextval('fact_id_seq'), xid = pg_current_xact_id()
where name = 'birthday' and person_id = any(%(person_ids)s::bigint[])

-- name: born_in
-- Who has a birthday in one of these years, as it is written, or one that does not begin with its year. By indexes of their own.
select person_id from attribute where name = 'birthday' and left(btrim(value), 4) = any(%(years)s::text[])
union
select person_id from attribute where name = 'birthday' and is_born_else(value)

-- name: put
insert into attribute (person_id, name, source_id, value, fact_id, said_at)
select %(person_id)s::bigint, %(name)s, s.source_id, %(value)s, s.fact_id, s.occurred_at
from settlement s where s.fact_id = %(fact_id)s::bigint
on conflict (person_id, name, source_id) do update
set value = excluded.value, fact_id = excluded.fact_id, said_at = excluded.said_at, xid = pg_current_xact_id()

-- name: forget
delete from attribute where person_id = any(%(person_ids)s::bigint[])

-- name: unsay
-- What these facts said under these names is forgotten: it tells of somebody else.
delete from attribute where fact_id = any(%(fact_ids)s::bigint[]) and name = any(%(names)s::text[])

-- name: named_values
-- All that any source says under these names.
select person_id, name, value, said_at from attribute where name = any(%(names)s::text[]) and value <> ''

-- name: count_sensitive
-- Sensitive values that were said before then.
select count(*) as told from attribute where name ~* %(sensitive)s and said_at < %(before)s::timestamptz

-- name: with_sensitive_before
select distinct person_id from attribute where name ~* %(sensitive)s and said_at < %(before)s::timestamptz

-- name: forget_sensitive
delete from attribute
where person_id = any(%(person_ids)s::bigint[]) and name ~* %(sensitive)s and said_at < %(before)s::timestamptz

-- name: born_on
-- Who has a birthday on one of these days of the year (MM-DD), as any source tells it.
select distinct person_id from attribute
where name = 'birthday' and substr(btrim(value), 6, 5) = any(%(days)s::text[])
