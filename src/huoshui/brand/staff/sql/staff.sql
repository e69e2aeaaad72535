-- name: ids_by_number
select id, number from staff where number = any(%(numbers)s::text[])

-- name: names
select id, name, number from staff where id = any(%(ids)s::int[])

-- name: left
-- Those of these who are placed nowhere any more, and since when.
select staff_id as id, max(ended_on) as left_on from placement
where staff_id = any(%(ids)s::int[])
group by staff_id having bool_and(ended_on is not null)
