-- name: ids_by_number
select id, number from staff where number = any(%(numbers)s::text[])

-- name: names
select id, name, number from staff where id = any(%(ids)s::int[])

-- name: placed_at
-- Who works at these units on a day.
select distinct s.id as staff_id, coalesce(nullif(s.name, ''), s.number) as name, p.org_unit_id
from placement p join staff s on s.id = p.staff_id
where p.org_unit_id = any(%(unit_ids)s::int[]) and p.ended_on is null
    and (p.starts_on is null or p.starts_on <= %(day)s::date) and (p.expires_on is null or p.expires_on >= %(day)s::date)
order by p.org_unit_id, name, staff_id

-- name: left
-- Those of these who are placed nowhere any more, and since when. Whoever comes back later has not left.
select staff_id as id, max(coalesce(ended_on, expires_on)) as left_on from placement
where staff_id = any(%(ids)s::int[])
group by staff_id having bool_and(ended_on is not null or coalesce(expires_on < %(day)s::date, false))

-- name: seats_of
-- All places these have and had, those of now first.
select staff_id, id, org_unit_id, role, starts_on, expires_on, ended_on, firm, reason
from placement where staff_id = any(%(ids)s::int[])
order by staff_id, ended_on desc nulls first, starts_on nulls first, id

-- name: acting_now
-- For which unit somebody acts at this moment.
select id, org_unit_id from acting_for where staff_id = %(staff_id)s and ended_at is null and until_at > %(now)s

-- name: lock_acting
-- One who begins to act for a dealer does so once.
select pg_advisory_xact_lock(hashtext('huoshui acting'), %(staff_id)s::int)

-- name: end_acting
-- What is over, by the clock or because it is said, is closed.
update acting_for set ended_at = least(until_at, %(now)s)
where staff_id = %(staff_id)s and ended_at is null
returning id, org_unit_id

-- name: begin_acting
insert into acting_for (staff_id, org_unit_id, reason, began_at, until_at)
values (%(staff_id)s, %(unit_id)s, %(reason)s, %(now)s, %(until)s)
returning id

-- name: actings
-- Who has acted for these units, the latest first.
select a.id, a.staff_id, coalesce(nullif(s.name, ''), s.number) as name, a.org_unit_id, a.reason, a.began_at, a.until_at,
    case when a.until_at <= %(now)s then coalesce(a.ended_at, a.until_at) else a.ended_at end as ended_at
from acting_for a join staff s on s.id = a.staff_id
where a.org_unit_id = any(%(unit_ids)s::int[])
order by a.began_at desc, a.id desc
limit %(limit)s

-- name: deeds
-- What was done under these, the latest first.
select (detail ->> 'acting_id')::bigint as acting_id, at, action, object_kind, object_id
from audit_entry
where detail ->> 'acting_id' is not null and (detail ->> 'acting_id')::bigint = any(%(ids)s::bigint[])
order by at desc, id desc
limit %(limit)s

-- name: found
-- Staff by name or number, and of some units only; `units` null: of all. Those who have a place now, or had one there.
select s.id, s.number, s.name, s.user_id from staff s
where (%(text)s = '' or s.name ilike %(like)s or s.number ilike %(like)s)
    and (%(units)s::int[] is null or exists (
        select from placement p where p.staff_id = s.id and p.org_unit_id = any(%(units)s::int[])))
order by exists (select from placement p where p.staff_id = s.id and p.ended_on is null) desc, s.number, s.id
limit %(limit)s

-- name: end_seats
-- All places that somebody has or was to have.
update placement set ended_on = %(day)s::date where staff_id = %(staff_id)s and ended_on is null
returning id, org_unit_id, role

-- name: hands_at
-- Of each of these units: who works there, of how many a first day at work is known, and how many came since.
select p.org_unit_id, count(distinct s.id)::int as staff, count(distinct s.id) filter (where s.joined_on is not null)::int as told,
    count(distinct s.id) filter (where s.joined_on > %(since)s::date)::int as new
from placement p join staff s on s.id = p.staff_id
where p.org_unit_id = any(%(unit_ids)s::int[]) and p.ended_on is null and p.role in ('guide', 'manager')
    and (p.starts_on is null or p.starts_on <= %(day)s::date) and (p.expires_on is null or p.expires_on >= %(day)s::date)
group by p.org_unit_id order by p.org_unit_id
