-- name: leaning
-- Cards of those a guide serves, by what makes them urgent; each has the first of these kinds that is true of her. Whoever has
-- none comes last, who bought last first. `every`: the middle days between her own purchase days, as the card tells it.
with mine as (
    select person_id, last_sale_at, grade,
        (%(today)s::date - (last_sale_at at time zone %(zone)s)::date) as gone,
        case when orders >= %(least_orders)s::int
            then round(extract(epoch from last_sale_at - first_sale_at) / 86400 / (orders - 1))::int end as every
    from person_card where guide_id = %(guide_id)s::int),
leaning as (
    select person_id, last_sale_at, gone, every,
        case
            when every >= %(least_gap)s::int and every - gone between - %(due_past)s::int and %(due_ahead)s::int then 'due'
            when person_id in (select unnest(%(coupons)s::bigint[])) then 'coupon'
            when gone between %(care_from)s::int and %(care_to)s::int then 'care'
            when person_id in (select unnest(%(birthdays)s::bigint[])) then 'birthday'
            when grade = 'high' and gone >= %(silent_days)s::int then 'silent'
            else '' end as kind
    from mine)
select person_id, kind, coalesce(gone, 0) as gone, coalesce(every, 0) as every
from leaning
order by array_position(%(kinds)s::text[], kind), case kind when 'due' then every - gone when 'care' then -gone when 'silent' then gone end,
    last_sale_at desc nulls last, person_id
limit %(limit)s::int offset %(offset)s::int
