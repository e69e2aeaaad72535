-- name: follow
-- What rules say, as the memberships kept for it stand. Told again, it says the same.
insert into tag_given (tag_id, person_id, value, number, since, until, source, version_no, spell_id, actor, ended_why, is_told_in, is_told_out)
select r.tag_id, s.person_id, r.value, case when t.kind = 'number' then r.value::float8 end, s.since, s.until, 'rule', t.version_no, s.id,
    'system:0', case when s.until is null then '' else s.why end, s.in_went_on or not t.tells_facts, s.out_went_on or not t.tells_facts
from unnest(%(ids)s::bigint[], %(segment_ids)s::bigint[], %(person_ids)s::bigint[], %(sinces)s::timestamptz[], %(untils)s::timestamptz[],
    %(whys)s::text[], %(ins)s::boolean[], %(outs)s::boolean[])
    as s (id, segment_id, person_id, since, until, why, in_went_on, out_went_on)
join tag_rule r on r.segment_id = s.segment_id join tag t on t.id = r.tag_id
order by s.until is null, s.id
on conflict (spell_id) do update
set until = excluded.until, ended_why = excluded.ended_why, xid = pg_current_xact_id(), is_told_out = excluded.is_told_out
where tag_given.until is null and excluded.until is not null

-- name: of_segments
select distinct tag_id from tag_rule where segment_id = any(%(segment_ids)s::bigint[])

-- name: set_stale
update tag set is_stale = true where id = any(%(ids)s::bigint[]) and not is_stale

-- name: give
-- One word by hand.
insert into tag_given (tag_id, person_id, value, number, since, expires_at, source, version_no, actor, actor_name, reason, is_told_in, is_told_out)
select t.id, %(person_id)s::bigint, %(value)s, %(number)s::float8, %(at)s, %(at)s + make_interval(days => t.lifetime_days), 'hand', t.version_no,
    %(actor)s, %(actor_name)s, %(reason)s, not t.tells_facts, not t.tells_facts
from tag t where t.id = %(tag_id)s::bigint
returning id

-- name: end_others
-- What is said anew ends what the same source said of her before: all of it, or (several) the same value.
update tag_given g set until = greatest(%(at)s, since), ended_why = 'replaced', ended_by = %(actor)s, xid = pg_current_xact_id()
where g.tag_id = %(tag_id)s::bigint and g.person_id = any(%(person_ids)s::bigint[]) and g.source = %(source)s and g.until is null
    and (%(value)s::text is null or g.value = %(value)s::text)

-- name: one_given
select g.id, g.tag_id, g.person_id, g.source, g.until, t.is_sensitive from tag_given g join tag t on t.id = g.tag_id
where g.id = %(given_id)s::bigint for update of g

-- name: end_one
update tag_given set until = greatest(%(at)s, since), ended_why = 'hand', ended_by = %(actor_name)s, ended_reason = %(reason)s,
    xid = pg_current_xact_id()
where id = %(given_id)s::bigint and until is null

-- name: open_persons
select distinct person_id from tag_given where tag_id = %(tag_id)s::bigint and source = %(source)s and until is null and (%(own)s::text is null or origin = %(own)s::text)

-- name: part_staged
-- Open words that what is staged does not say again. Of one who became another and keeps it under the other id, nobody is told.
with ending as (
    select g.id, m.into_id, s.person_id is not null as stays
    from tag_given g
    left join unnest(%(merged)s::bigint[], %(into)s::bigint[]) as m (person_id, into_id) on m.person_id = g.person_id
    left join tag_staged s on s.tag_id = g.tag_id and s.person_id = coalesce(m.into_id, g.person_id) and s.value = g.value
    where g.tag_id = %(tag_id)s::bigint and g.source = %(source)s and g.until is null and (%(own)s::text is null or g.origin = %(own)s::text)
        and (m.person_id is not null or s.person_id is null)
        and (%(is_whole)s::boolean or (not %(is_several)s::boolean
            and exists (select from tag_staged o where o.tag_id = g.tag_id and o.person_id = coalesce(m.into_id, g.person_id)))))
update tag_given g
set until = greatest(%(at)s, g.since), xid = pg_current_xact_id(), ended_why = case when e.into_id is not null then 'merged' else 'replaced' end,
    is_told_out = g.is_told_out or (e.into_id is not null and e.stays), ended_by = case when e.into_id is null then %(by)s else g.ended_by end
from ending e where g.id = e.id

-- name: begin_staged
insert into tag_given (tag_id, person_id, value, number, since, expires_at, source, version_no, origin, score, why, actor, actor_name,
    is_told_in, is_told_out)
select s.tag_id, s.person_id, s.value, s.number, coalesce(was.since, %(at)s), %(at)s + make_interval(days => t.lifetime_days), %(source)s,
    t.version_no, %(origin)s, s.score, s.why, %(actor)s, %(actor_name)s, not t.tells_facts or was.since is not null, not t.tells_facts
from tag_staged s join tag t on t.id = s.tag_id
cross join lateral (
    select min(o.since) as since from unnest(%(merged)s::bigint[], %(into)s::bigint[]) as m (person_id, into_id)
    join tag_given o on o.person_id = m.person_id and o.tag_id = s.tag_id and o.value = s.value and o.source = %(source)s
        and o.ended_why = 'merged' and o.until = greatest(%(at)s, o.since)
    where m.into_id = s.person_id) was
where s.tag_id = %(tag_id)s::bigint
    and not exists (select from tag_given o where o.tag_id = s.tag_id and o.person_id = s.person_id and o.value = s.value
        and o.source = %(source)s and o.until is null
        and (%(own)s::text is null or o.origin = %(own)s::text))

-- name: forget_staged
delete from tag_staged where tag_id = %(tag_id)s::bigint

-- name: mark_inferred
update tag set inferred_at = %(at)s, inferred_version = %(version_no)s::int, error = '' where id = %(tag_id)s::bigint

-- name: put_error
update tag set error = %(error)s where id = %(tag_id)s::bigint

-- name: end_all
-- A tag that is switched off is nobody's.
update tag_given set until = greatest(%(at)s, since), ended_why = 'off', xid = pg_current_xact_id()
where tag_id = %(tag_id)s::bigint and until is null

-- name: expire
with done as (
    update tag_given set until = greatest(expires_at, since), ended_why = 'expired', xid = pg_current_xact_id()
    where until is null and expires_at <= %(at)s returning tag_id)
select distinct tag_id from done

-- name: open_guessed
-- Of whom models say something.
select distinct person_id from tag_given where until is null and source in ('model', 'inference')

-- name: open_sensitive
select distinct g.person_id from tag_given g join tag t on t.id = g.tag_id where g.until is null and t.is_sensitive

-- name: end_refused
-- Who does not want it is spoken of no more.
with done as (
    update tag_given g set until = greatest(%(at)s, g.since), ended_why = 'consent', xid = pg_current_xact_id()
    from tag t
    where t.id = g.tag_id and g.until is null and g.person_id = any(%(person_ids)s::bigint[])
        and case when %(is_sensitive)s::boolean then t.is_sensitive else g.source in ('model', 'inference') end
    returning g.tag_id)
select distinct tag_id from done

-- name: stale
select id, key, kind from tag where is_stale order by id for update skip locked

-- name: worn
-- What each id wears of a tag, what is believed first coming first.
select person_id, value from tag_given
where tag_id = %(tag_id)s::bigint and until is null
order by array_position(%(order)s::text[], source), since desc, id desc

-- name: forget_counts
delete from tag_count where tag_id = %(tag_id)s::bigint

-- name: put_counts
insert into tag_count (tag_id, value, people)
select %(tag_id)s::bigint, c.value, c.people from unnest(%(vals)s::text[], %(people)s::bigint[]) as c (value, people)

-- name: put_day
insert into tag_day (tag_id, day, people) values (%(tag_id)s::bigint, %(day)s::date, %(people)s::bigint)
on conflict (tag_id, day) do update set people = excluded.people

-- name: unstale
update tag set is_stale = false where id = %(tag_id)s::bigint

-- name: untold
-- Words that began or ended and of which no fact tells yet.
select g.id, g.person_id, g.value, g.since, g.until, g.source, g.ended_why, g.is_told_in, g.is_told_out, g.tag_id, g.version_no, t.key, t.name
from tag_given g join tag t on t.id = g.tag_id
where not g.is_told_in or (g.until is not null and not g.is_told_out)
order by g.id limit %(limit)s::int
for update of g skip locked

-- name: mark_told
update tag_given set is_told_in = true, is_told_out = until is not null or is_told_out where id = any(%(ids)s::bigint[])

-- name: any_to_do
select exists (select from tag_given where until is null and expires_at <= %(at)s)
    or exists (select from tag where is_stale)
    or exists (select from tag_given where not is_told_in or (until is not null and not is_told_out)) as is_any

-- name: to_infer
-- Whose inference is a day old, or of an earlier version.
select t.id, t.key, t.kind, t.version_no, t.is_sensitive, v.definition::text as definition
from tag t join tag_version v on v.tag_id = t.id and v.version_no = t.version_no
where t.state = 'on' and v.definition ? 'inference'
    and (t.inferred_at is null or t.inferred_version <> t.version_no or t.inferred_at <= %(before)s)
    and (%(ids)s::bigint[] is null or t.id = any(%(ids)s::bigint[]))
order by t.id

-- name: sensitive
select is_sensitive from tag where name = %(name)s and state <> 'archived'

-- name: for_giving
-- A tag as whoever speaks of people by it must know it.
select t.id, t.key, t.name, t.kind, t.state, t.is_sensitive, v.definition::text as definition
from tag t join tag_version v on v.tag_id = t.id and v.version_no = t.version_no
where t.id = %(tag_id)s::bigint for share of t
