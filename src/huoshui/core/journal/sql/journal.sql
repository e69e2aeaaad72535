-- name: begin
-- For the rest of this transaction, rows of lists that change are changed by this import.
select set_config('huoshui.run_id', %(run_id)s::text, true)

-- name: put_back
select put_rows_back(%(run_id)s::bigint, %(limit)s::int) as done

-- name: changes
-- What an import did to each list, and what has become of that.
select relation, count(*) filter (where before is null) as added, count(*) filter (where before is not null) as changed,
    count(*) filter (where state = 'back') as back, count(*) filter (where state = 'kept') as kept
from row_change where run_id = %(run_id)s::bigint
group by relation order by relation

-- name: followed
-- Rows that something else has changed since: they will stay.
select c.relation, count(*) as rows
from row_change c
where c.run_id = %(run_id)s::bigint and c.state = 'made' and exists (
    select from row_change later
    where later.relation = c.relation and later.place = c.place and later.id > c.id and later.run_id <> c.run_id)
group by c.relation
