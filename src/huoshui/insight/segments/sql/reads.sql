-- name: listed
select s.id, s.name, s.state, s.owner, s.owner_name, s.version_no, s.judged_version, s.is_incremental, s.judged_at, s.refreshed_at, s.seconds,
    s.people, s.error, s.created_at, v.sentence_zh, v.sentence_en, v.saved_at,
    s.people - coalesce(was.people, 0) as change, was.day is not null as has_past
from segment s join segment_version v on v.segment_id = s.id and v.version_no = s.version_no
left join lateral (
    select d.people, d.day from segment_day d where d.segment_id = s.id and d.day <= %(day)s::date - 7 order by d.day desc limit 1) was on true
where (%(ids)s::bigint[] is null or s.id = any(%(ids)s::bigint[])) and (%(archived)s::boolean or s.state <> 'archived')
    and s.used_for = ''
order by s.state = 'archived', s.name, s.id

-- name: versions
select version_no, rule::text as rule, rule_text, sentence_zh, sentence_en, actor, actor_name, reason, saved_at
from segment_version where segment_id = %(segment_id)s::bigint order by version_no desc

-- name: members
-- A page of members, ascending, with when they came in and when they are looked at again.
select o.person_id, o.since, r.recheck_at
from segment_spell o left join segment_recheck r on r.segment_id = o.segment_id and r.person_id = o.person_id
where o.segment_id = %(segment_id)s::bigint and o.until is null and o.person_id > %(after)s::bigint
order by o.person_id limit %(limit)s::int

-- name: of_persons
-- Segments these persons (born ids of one cluster) are in.
select o.segment_id, s.name, min(o.since) as since, v.sentence_zh, v.sentence_en
from segment_spell o join segment s on s.id = o.segment_id
join segment_version v on v.segment_id = s.id and v.version_no = s.version_no
where o.person_id = any(%(person_ids)s::bigint[]) and o.until is null and s.state <> 'archived' and s.used_for = ''
group by o.segment_id, s.name, v.sentence_zh, v.sentence_en order by s.name, o.segment_id

-- name: spells_of
-- All memberships these persons have or had, each with the rule that was asked then.
select s.name, o.since, o.until, o.left_why, v.sentence_zh as rule
from segment_spell o
join segment s on s.id = o.segment_id
join segment_version v on v.segment_id = o.segment_id and v.version_no = o.version_no
where o.person_id = any(%(person_ids)s::bigint[]) and s.used_for = '' order by o.since, o.id

-- name: lately_in
select o.person_id, o.since as at, o.left_why from segment_spell o
where o.segment_id = %(segment_id)s::bigint order by o.since desc, o.id desc limit %(limit)s::int

-- name: lately_out
select o.person_id, o.until as at, o.left_why from segment_spell o
where o.segment_id = %(segment_id)s::bigint and o.until is not null order by o.until desc, o.id desc limit %(limit)s::int

-- name: days
select day, people, entered, gone from segment_day
where segment_id = %(segment_id)s::bigint and day >= %(since)s::date order by day

-- name: overlap
-- How many are in both.
select count(*)::bigint as people from segment_spell a join segment_spell b on b.person_id = a.person_id and b.until is null
where a.segment_id = %(one)s::bigint and b.segment_id = %(other)s::bigint and a.until is null

-- name: overlaps
-- With every other segment in use, the largest first.
select s.id, s.name, s.people as size, both_in.people
from segment s cross join lateral (
    select count(*)::bigint as people from segment_spell a join segment_spell b on b.person_id = a.person_id and b.until is null
    where a.segment_id = %(segment_id)s::bigint and b.segment_id = s.id and a.until is null) both_in
where s.id <> %(segment_id)s::bigint and s.state = 'on' and s.used_for = '' and both_in.people > 0
order by both_in.people desc, s.id limit %(limit)s::int

-- name: named
select id from segment where name = %(name)s and state <> 'archived' and used_for = ''

-- name: all_members
select person_id from segment_spell where segment_id = %(segment_id)s::bigint and until is null order by person_id

-- name: used_for
-- How these stand, kept for another app: error, and whether the present version has been judged.
select id, error, judged_version <> version_no as is_pending, is_incremental, refreshed_at from segment where id = any(%(ids)s::bigint[])
