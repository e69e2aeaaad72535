-- name: offline_caps
select kind, per_order, per_day from offline_cap

-- name: set_offline_cap
insert into offline_cap (kind, per_order, per_day, set_by)
values (%(kind)s, %(per_order)s::bigint, %(per_day)s::bigint, %(actor)s)
on conflict (kind) do update
set per_order = excluded.per_order, per_day = excluded.per_day, set_by = excluded.set_by, set_at = now()

-- name: take_offline
-- Added up under the row's lock, so that of two at once the second sees the first.
insert into offline_taken as t (kind, person_id, day, amount)
select %(kind)s, person_id, day, amount
from unnest(%(person_ids)s::bigint[], %(days)s::date[], %(amounts)s::bigint[]) as n (person_id, day, amount)
order by person_id, day
on conflict (kind, person_id, day) do update set amount = t.amount + excluded.amount

-- name: taken_offline
select t.person_id, t.day, t.amount
from unnest(%(person_ids)s::bigint[], %(days)s::date[]) as n (person_id, day)
cross join lateral (
    select person_id, day, amount from offline_taken
    where kind = %(kind)s and person_id = n.person_id and day = n.day offset 0) t
