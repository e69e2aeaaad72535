-- name: beat_of
select is_incremental, beat_minutes, beat_hour from segment where id = %(segment_id)s::bigint

-- name: set_beat
update segment set beat_minutes = %(minutes)s::int, beat_hour = %(hour)s::smallint where id = %(segment_id)s::bigint

-- name: plan_of
select hour, weekday, staff_name, set_at, last_at, error from segment_export_plan where segment_id = %(segment_id)s::bigint

-- name: put_plan
insert into segment_export_plan (segment_id, hour, weekday, planner_kind, staff_id, staff_name, set_at)
values (%(segment_id)s::bigint, %(hour)s::smallint, %(weekday)s::smallint, %(planner_kind)s, %(staff_id)s::bigint, %(staff_name)s, %(at)s)
on conflict (segment_id) do update set hour = excluded.hour, weekday = excluded.weekday,
    planner_kind = excluded.planner_kind, staff_id = excluded.staff_id, staff_name = excluded.staff_name, set_at = excluded.set_at, error = ''

-- name: drop_plan
delete from segment_export_plan where segment_id = %(segment_id)s::bigint

-- name: all_plans
select p.segment_id, p.hour, p.weekday, p.set_at, p.last_at from segment_export_plan p join segment s on s.id = p.segment_id
where s.state <> 'archived' order by p.segment_id

-- name: take_plan
-- Whoever carries it out holds it; another worker goes on to the next.
select segment_id, hour, weekday, planner_kind, staff_id, set_at, last_at from segment_export_plan
where segment_id = %(segment_id)s::bigint for update skip locked

-- name: mark_plan
update segment_export_plan set last_at = %(at)s, error = %(error)s where segment_id = %(segment_id)s::bigint

-- name: add_file
insert into segment_export_file (segment_id, made_at, rows, place, staff_name)
values (%(segment_id)s::bigint, %(at)s, %(rows)s::bigint, %(place)s, %(staff_name)s) returning id

-- name: files_of
select id, segment_id, made_at, rows, place, staff_name from segment_export_file where segment_id = %(segment_id)s::bigint order by id desc

-- name: file
select id, segment_id, made_at, rows, place, staff_name from segment_export_file where id = %(file_id)s::bigint

-- name: old_files
-- Beyond so many of one segment, or older than so long.
select id, place from (
    select id, place, made_at, row_number() over (partition by segment_id order by id desc) as place_no from segment_export_file) f
where place_no > %(most)s::int or made_at < %(before)s

-- name: every_file
select id, place from segment_export_file

-- name: forget_files
delete from segment_export_file where id = any(%(ids)s::bigint[])
