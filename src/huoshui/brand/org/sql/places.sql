-- name: lock_places
-- Who keeps the history does so alone, in whatever order files and people come.
select pg_advisory_xact_lock(hashtext('huoshui org places'))

-- name: drop_places_of_today
-- Where a unit was put on this same day and is elsewhere now, it never stood.
delete from org_place p using org_unit u
where u.id = p.org_unit_id and p.until is null and p.since = %(day)s::date and p.parent_id is distinct from u.parent_id

-- name: close_places
-- Where a unit stood until it was moved.
update org_place p set until = %(day)s::date from org_unit u
where u.id = p.org_unit_id and p.until is null and p.parent_id is distinct from u.parent_id

-- name: reopen_places
-- What was moved away and back on one day never left.
update org_place p set until = null from org_unit u
where u.id = p.org_unit_id and p.until = %(day)s::date and p.parent_id is not distinct from u.parent_id
    and not exists (select from org_place o where o.org_unit_id = p.org_unit_id and o.until is null)

-- name: open_places
-- Where each unit stands now, where that is not kept yet. The first place is since ever.
insert into org_place (org_unit_id, parent_id, since, reason, actor)
select u.id, u.parent_id, case when exists (select from org_place o where o.org_unit_id = u.id) then %(day)s::date end,
    %(reason)s, %(actor)s
from org_unit u
where not exists (select from org_place o where o.org_unit_id = u.id and o.until is null)
order by u.id

-- name: put_under
-- These units under those from now on.
update org_unit u set parent_id = n.parent_id, updated_at = now()
from unnest(%(units)s::int[], %(parents)s::int[]) as n (id, parent_id)
where u.id = n.id and u.parent_id is distinct from n.parent_id

-- name: date_back
-- The move of today happened earlier: where the unit stood before ends that day.
with moved as (
    select p.id, b.id as before_id
    from org_place p
    join org_place b on b.org_unit_id = p.org_unit_id and b.until = p.since
    where p.org_unit_id = %(unit_id)s and p.until is null and p.since = %(today)s::date
        and (b.since is null or b.since < %(day)s::date)),
earlier as (
    update org_place p set until = %(day)s::date from moved m where p.id = m.before_id)
update org_place p set since = %(day)s::date from moved m where p.id = m.id

-- name: kinds
-- Kind, parent and since when it stands there, of these units, none of which moves meanwhile.
select u.id, u.kind, u.parent_id, u.name, p.since
from org_unit u left join org_place p on p.org_unit_id = u.id and p.until is null
where u.id = any(%(ids)s::int[])
order by u.id
for update of u

-- name: replace_plan
-- Another move of the same unit that was planned is called off by this one.
update org_move set state = 'called_off' where org_unit_id = %(unit_id)s and state = 'planned'

-- name: add_move
insert into org_move (org_unit_id, parent_id, on_day, reason, actor)
values (%(unit_id)s, %(parent_id)s, %(day)s::date, %(reason)s, %(actor)s)
returning id

-- name: call_off
update org_move set state = 'called_off' where id = %(move_id)s and state = 'planned'

-- name: due_moves
-- The moves whose day has come; each is carried out once.
update org_move set state = 'done' where state = 'planned' and on_day <= %(day)s::date
returning id, org_unit_id, parent_id, on_day, reason, actor

-- name: moves_ahead
select id, org_unit_id, parent_id, on_day, reason, actor from org_move where state = 'planned' order by on_day, id

-- name: places_of
-- Under whom these units stood, the latest first.
select p.org_unit_id, p.parent_id, u.name as parent_name, p.since, p.until, p.reason, p.actor, p.said_at
from org_place p left join org_unit u on u.id = p.parent_id
where p.org_unit_id = any(%(ids)s::int[])
order by p.org_unit_id, p.since desc nulls last, p.id desc

-- name: recent_moves
-- What was moved last, anywhere.
select p.org_unit_id, u.name as unit_name, p.parent_id, n.name as parent_name, b.parent_id as before_id, o.name as before_name,
    p.since, p.reason, p.actor, p.said_at
from org_place p
join org_unit u on u.id = p.org_unit_id
left join org_unit n on n.id = p.parent_id
join org_place b on b.org_unit_id = p.org_unit_id and b.until = p.since
left join org_unit o on o.id = b.parent_id
where p.since is not null
order by p.said_at desc, p.id desc
limit %(limit)s

-- name: dealers_on
-- Whose each unit was on a day: its dealer, and its region; null where there was none. The tree is at most four deep.
with recursive asked as (
    select ordinality as n, id, day
    from unnest(%(ids)s::int[], %(days)s::date[]) with ordinality as a (id, day, ordinality)),
above as (
    select n, day, id as at, 0 as height from asked
    union all
    select a.n, a.day, p.parent_id, a.height + 1
    from above a
    cross join lateral (
        select parent_id from org_place
        where org_unit_id = a.at and (since is null or since <= a.day) and (until is null or until > a.day) offset 0) p
    where p.parent_id is not null and a.height < 5)
select a.n, min(a.at) filter (where u.kind = 'dealer') as dealer_id, min(a.at) filter (where u.kind = 'region') as region_id
from above a join org_unit u on u.id = a.at
group by a.n order by a.n
