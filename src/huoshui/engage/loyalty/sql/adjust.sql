-- name: ask_adjustment
insert into points_adjustment (person_id, points, reason, asked_by)
values (%(person_id)s, %(points)s, %(reason)s, %(actor)s)
returning id, person_id, points, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id

-- name: lock_adjustment
select id, person_id, points, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id
from points_adjustment where id = %(id)s for update

-- name: close_adjustment
update points_adjustment
set state = %(state)s, fact_id = %(fact_id)s::bigint, decided_by = %(decided_by)s::text,
    decided_at = case when %(decided_by)s::text is null then null else now() end
where id = %(id)s
returning id, person_id, points, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id

-- name: waiting_adjustments
select id, person_id, points, reason, state, asked_by, asked_at, decided_by, decided_at, fact_id
from points_adjustment where state = 'waiting' order by id limit %(limit)s
