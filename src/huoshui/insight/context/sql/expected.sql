-- name: keep_expected
-- Days that have come keep what was expected of them before.
insert into expected_sale (kind, name, day, expected, low, high, told_on)
select t.kind, t.name, t.day, t.expected, t.low, t.high, %(told_on)s::date
from unnest(%(kinds)s::text[], %(names)s::text[], %(days)s::date[], %(expected)s::bigint[], %(lows)s::bigint[], %(highs)s::bigint[])
    as t (kind, name, day, expected, low, high)
on conflict (kind, name, day) do update
set expected = excluded.expected, low = excluded.low, high = excluded.high, told_on = excluded.told_on

-- name: expected
select name, day, expected, low, high from expected_sale
where kind = %(kind)s and day >= %(first)s::date and day <= %(last)s::date
    and (%(names)s::text[] is null or name = any(%(names)s::text[]))
order by name, day

-- name: told_on
select max(told_on) as told_on from expected_sale
