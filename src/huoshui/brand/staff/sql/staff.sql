-- name: ids_by_number
select id, number from staff where number = any(%(numbers)s::text[])

-- name: names
select id, name, number from staff where id = any(%(ids)s::int[])
