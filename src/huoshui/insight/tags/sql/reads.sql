-- name: listed
select t.id, t.key, t.name, t.category, t.kind, t.is_sensitive, t.lifetime_days, t.tells_facts, t.state, t.owner_name, t.pack, t.version_no,
    t.error, t.inferred_at, t.inferred_version, t.created_at, v.saved_at, v.says_zh, v.says_en, v.definition::text as definition, v.told::text as told,
    coalesce(c.people, 0) as people, t.is_stale
from tag t join tag_version v on v.tag_id = t.id and v.version_no = t.version_no
left join tag_count c on c.tag_id = t.id and c.value = ''
where (%(ids)s::bigint[] is null or t.id = any(%(ids)s::bigint[])) and (%(archived)s::boolean or t.state <> 'archived')
order by t.state = 'archived', t.category, t.name, t.id

-- name: by_key
select id, is_sensitive from tag where key = %(key)s and state <> 'archived'

-- name: versions
select version_no, definition::text as definition, says_zh, says_en, actor_name, reason, saved_at
from tag_version where tag_id = %(tag_id)s::bigint order by version_no desc

-- name: counts
select value, people from tag_count where tag_id = %(tag_id)s::bigint and value <> '' order by people desc, value

-- name: days
select day, people from tag_day where tag_id = %(tag_id)s::bigint and day >= %(since)s::date order by day

-- name: rules_of
select segment_id, tag_id from tag_rule where tag_id = any(%(tag_ids)s::bigint[]) and is_used order by segment_id

-- name: of_persons
-- All that is and was said of these ids, what holds first.
select g.id, g.tag_id, t.key, t.name, t.category, t.kind, t.is_sensitive, g.person_id, g.value, g.number, g.since, g.until, g.expires_at, g.source,
    g.version_no, g.origin, g.score, g.why::text as why, g.actor_name, g.reason, g.ended_why, g.ended_by, g.ended_reason,
    v.told->g.value->>0 as says_zh, v.told->g.value->>1 as says_en, v.says_zh as whole
from tag_given g join tag t on t.id = g.tag_id join tag_version v on v.tag_id = g.tag_id and v.version_no = g.version_no
where g.person_id = any(%(person_ids)s::bigint[]) and (%(tag_id)s::bigint is null or g.tag_id = %(tag_id)s::bigint)
order by g.until is not null, t.category, t.name, array_position(%(order)s::text[], g.source), g.since desc, g.id desc

-- name: by_hand
-- What hands said of these ids by these tags and what still holds. Of a tag of one value the newest alone.
select key, value from (
    select t.key, g.value, g.since, g.id,
        row_number() over (partition by t.id, case when t.kind = 'several' then g.value else '' end order by g.since desc, g.id desc)
            as place
    from tag_given g join tag t on t.id = g.tag_id
    where g.person_id = any(%(person_ids)s::bigint[]) and t.key = any(%(keys)s::text[]) and t.state <> 'archived'
        and not t.is_sensitive and g.source = 'hand' and g.until is null and (g.expires_at is null or g.expires_at > %(now)s)
) x
where place = 1 order by since desc, id desc

-- name: wearing
select distinct person_id from tag_given
where tag_id = %(tag_id)s::bigint and until is null and (%(value)s::text is null or value = %(value)s::text) and person_id > %(after)s::bigint
order by person_id limit %(limit)s::int

-- name: worn_by
select id, person_id, value, number, since, expires_at, source from tag_given
where tag_id = %(tag_id)s::bigint and person_id = any(%(person_ids)s::bigint[]) and until is null
    and (expires_at is null or expires_at > %(at)s)

-- name: lately
select person_id, value, source, since as at, '' as ended_why from tag_given where tag_id = %(tag_id)s::bigint
order by since desc, id desc limit %(limit)s::int

-- name: lately_ended
select person_id, value, source, until as at, ended_why from tag_given where tag_id = %(tag_id)s::bigint and until is not null
order by until desc, id desc limit %(limit)s::int

-- name: state_changes
-- What is said now of those of whom something changed, for the lake: what is believed first. Of several values, each is a state.
select c.person_id, 'tag.' || t.name || case when t.kind = 'several' then '.' || c.value else '' end as key,
    now_said.value, coalesce(now_said.number, case when now_said.value is null then 0 when t.kind = 'number' then null else 1 end)::float8 as number,
    coalesce(now_said.since, c.until, c.since) as at, %(high)s::text::bigint as seq, 0 as source_id
from (
    select g.tag_id, g.person_id, case when k.kind = 'several' then g.value else '' end as value, max(g.until) as until, max(g.since) as since
    from tag_given g join tag k on k.id = g.tag_id
    where g.xid >= %(low)s::text::xid8 and g.xid < %(high)s::text::xid8
    group by 1, 2, 3) c
join tag t on t.id = c.tag_id
left join lateral (
    select o.value, o.number, o.since from tag_given o
    where o.tag_id = c.tag_id and o.person_id = c.person_id and o.until is null and (t.kind <> 'several' or o.value = c.value)
    order by array_position(%(order)s::text[], o.source), o.since desc, o.id desc limit 1) now_said on true
where t.state <> 'archived' or now_said.value is null

-- name: erase
with gone as (delete from tag_given where person_id = any(%(person_ids)s::bigint[]) returning tag_id),
stale as (update tag set is_stale = true where id in (select tag_id from gone))
select count(*)::bigint as rows from gone

-- name: erase_staged
delete from tag_staged where person_id = any(%(person_ids)s::bigint[])
