-- name: record
-- The traits of these facts become attributes; of one source the latest word holds. A repeated word is only newer: it is
-- no change to readers.
insert into attribute (person_id, name, source_id, value, fact_id, said_at)
select distinct on (s.person_id, t.name, s.source_id)
    s.person_id, t.name, s.source_id, t.value, s.fact_id, s.occurred_at
from settlement s join fact_trait t on t.fact_id = s.fact_id
where s.fact_id = any(%(fact_ids)s::bigint[]) and s.person_id is not null
    and not starts_with(t.name, 'consent_')  -- what may be done with her data is no trait of hers
order by s.person_id, t.name, s.source_id, s.occurred_at desc, s.fact_id desc
on conflict (person_id, name, source_id) do update
set value = excluded.value, fact_id = excluded.fact_id, said_at = excluded.said_at,
    xid = case when attribute.value = excluded.value then attribute.xid else pg_current_xact_id() end,
    told_seq = greatest(attribute.told_seq, case when attribute.told_seq is not null then excluded.fact_id end)
where (attribute.said_at, attribute.fact_id) < (excluded.said_at, excluded.fact_id)

-- name: of_persons
-- Every value of every source, the newest first within a name.
select a.name, a.value, a.said_at, s.label as source, a.fact_id
from attribute a join source s on s.id = a.source_id
where a.person_id = any(%(person_ids)s::bigint[]) and a.value <> ''
order by a.name, a.said_at desc, a.fact_id desc

-- name: changes
select person_id, 'attr.' || name as key, nullif(value, '') as value,
    case when value ~ '^-?\d+(\.\d+)?$' then value::float8 end as number,
    said_at as at, coalesce(told_seq, fact_id) as seq, source_id
from attribute
where xid >= %(low)s::text::xid8 and xid < %(high)s::text::xid8

-- name: display_names
-- Every name of these persons, the newest last.
select person_id, value as name
from attribute where name = 'name' and value <> '' and person_id = any(%(person_ids)s::bigint[])
order by said_at, fact_id

-- name: values_of
select person_id, value from attribute where name = %(name)s and person_id = any(%(person_ids)s::bigint[])

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
